/**
 * Properties that depend on the instance (docs/protocol/variant-codec 10.5): those that classes add when they are set
 * (theme overrides, shader parameters). The order of the added ones among each other rests on knowledge of the engine: no
 * golden file has more than what the spec says.
 */
import { VariantType, type VariantTypeId } from '../codec/variant/types.ts';
import type { ClassInfo, PropertyInfo } from './classTable.ts';

/** Where a property that was set stands in the list. */
export interface DynamicPlace {
  /** The property of the class that it comes after. */
  readonly after: string;
  /** Its rank among those after the same one; equal ranks go by name. */
  readonly rank: number;
}

interface Pattern extends DynamicPlace {
  readonly className: string;
  readonly matches: (name: string) => boolean;
  readonly type: VariantTypeId;
}

/** A property that a class adds when it is set, or `undefined` for a name of none. */
export function dynamicProperty(
  info: ClassInfo,
  name: string,
): (DynamicPlace & { readonly info: PropertyInfo }) | undefined {
  const pattern = PATTERNS.find((candidate) => candidate.matches(name) && info.is(candidate.className));
  if (pattern === undefined) return undefined;
  return {
    after: pattern.after,
    rank: pattern.rank,
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

const { INT, COLOR, OBJECT, NIL } = VariantType;
const PATTERNS: readonly Pattern[] = [
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
