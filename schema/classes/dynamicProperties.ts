/**
 * Properties that depend on the instance (docs/protocol/variant-codec 10.5): those that classes add when they are set: what
 * items have (itemProperties.ts), theme overrides, shader parameters, and other names with a slash. The order of theme
 * overrides among each other rests on knowledge of the engine; of those that only their resource orders, the order is that in
 * which they were set, which in scene files is the engine's.
 */
import { VariantType, type VariantTypeId } from '../../codec/index.ts';
import type { NodeValue } from '../values/ownVariant.ts';
import type { AddedProperty, DynamicPlace } from './addedProperty.ts';
import type { ClassInfo } from './classTable.ts';
import { itemProperty } from './itemProperties.ts';
import type { ListingState } from './listing.ts';

interface Pattern extends DynamicPlace {
  readonly className: string;
  readonly matches: (name: string) => boolean;
  readonly type: VariantTypeId;
}

/** A property that a class adds when it is set on a node in this state, or `undefined` for a name of none. */
export function dynamicProperty(
  info: ClassInfo,
  name: string,
  state: ListingState,
): AddedProperty | undefined {
  if (!name.includes('/')) return undefined;
  const item = itemProperty(info, name, state);
  if (item !== undefined) return item;
  const pattern = PATTERNS.find((candidate) => candidate.matches(name) && info.is(candidate.className));
  if (pattern === undefined) return undefined;
  return {
    after: pattern.after,
    rank: pattern.rank,
    isInOrder: pattern.isInOrder === true,
    ...(pattern.isListed === undefined ? {} : { isListed: pattern.isListed }),
    info: {
      name,
      type: pattern.type,
      default: pattern.type === VariantType.INT ? 0 : null,
      isStored: true,
    },
  };
}

function prefixed(
  className: string,
  prefix: string,
  after: string,
  type: VariantTypeId,
  rank: number,
): Pattern {
  return {
    className,
    matches: (name) => name.length > prefix.length && name.startsWith(prefix),
    after,
    type,
    rank,
  };
}

/** What only a resource orders. */
function inOrder(className: string, prefix: string, after: string, type: VariantTypeId = NIL): Pattern {
  return { ...prefixed(className, prefix, after, type, 0), isInOrder: true };
}

const isThere = (value: NodeValue): boolean => value !== null;

const { INT, COLOR, OBJECT, NIL } = VariantType;
const PATTERNS: readonly Pattern[] = [
  // The engine sorts libraries by name, and has none that is null.
  {
    ...prefixed('AnimationMixer', 'libraries/', 'callback_mode_discrete', OBJECT, 0),
    isListed: isThere,
    matches: (name) => name.startsWith('libraries/'),
  },
  {
    ...prefixed('AnimationPlayer', 'next/', 'movie_quit_on_finish', VariantType.STRING_NAME, 0),
    isListed: (value) => String(value) !== '',
  },
  inOrder('AnimationTree', 'parameters/', 'anim_player'),
  inOrder('AudioStreamPlayer', 'parameters/', 'playback_type'),
  inOrder('AudioStreamPlayer2D', 'parameters/', 'playback_type'),
  inOrder('AudioStreamPlayer3D', 'parameters/', 'doppler_tracking'),
  { ...inOrder('MeshInstance3D', 'blend_shapes/', 'skeleton', VariantType.FLOAT), rank: -1 },
  prefixed('CanvasItem', 'instance_shader_parameters/', 'use_parent_material', NIL, 0),
  prefixed('GeometryInstance3D', 'instance_shader_parameters/', 'visibility_range_fade_mode', NIL, 0),
  prefixed('Control', 'theme_override_colors/', 'theme_type_variation', COLOR, 0),
  prefixed('Control', 'theme_override_constants/', 'theme_type_variation', INT, 1),
  prefixed('Control', 'theme_override_fonts/', 'theme_type_variation', OBJECT, 2),
  prefixed('Control', 'theme_override_font_sizes/', 'theme_type_variation', INT, 3),
  prefixed('Control', 'theme_override_icons/', 'theme_type_variation', OBJECT, 4),
  prefixed('Control', 'theme_override_styles/', 'theme_type_variation', OBJECT, 5),
  prefixed('Window', 'theme_override_colors/', 'theme_type_variation', COLOR, 0),
  prefixed('Window', 'theme_override_constants/', 'theme_type_variation', INT, 1),
  prefixed('Window', 'theme_override_fonts/', 'theme_type_variation', OBJECT, 2),
  prefixed('Window', 'theme_override_font_sizes/', 'theme_type_variation', INT, 3),
  prefixed('Window', 'theme_override_icons/', 'theme_type_variation', OBJECT, 4),
  prefixed('Window', 'theme_override_styles/', 'theme_type_variation', OBJECT, 5),
];
