/**
 * Names that classes have no property of and that their setters still take: what Godot 3 and the first versions of 4 called
 * them. Asked of Godot 4.6, which saves a scene with the present names. Not among them are those that need what is inside
 * a resource (`anims/...` of AnimationPlayer).
 */
import { Vector3 } from '../../codec/index.ts';
import { anchorsOf } from './anchorsPreset.ts';
import type { ClassInfo } from './classTable.ts';

/** A property of the class and its value. */
export type PresentValue = readonly [name: string, value: unknown];

/** What is known of the node: the value of a property. */
type Get = (name: string) => unknown;

type Translate = (value: unknown, get: Get) => readonly PresentValue[];

/**
 * What setting an old name sets.
 *
 * @param info - The node's class.
 * @param get - The values of properties of the node.
 * @returns `undefined` for a name that is none; an empty list when the engine takes it and nothing changes.
 */
export function presentValues(
  info: ClassInfo,
  name: string,
  value: unknown,
  get: Get,
): readonly PresentValue[] | undefined {
  for (const [className, names] of OLD_NAMES) {
    const translate = names[name];
    if (translate !== undefined && Object.hasOwn(names, name) && info.is(className))
      return translate(value, get);
  }
  return undefined;
}

function renamed(name: string): Translate {
  return (value) => [[name, value]];
}

/** A box that was given by its halves. */
const HALVES: { readonly [name: string]: Translate } = {
  extents: (value) =>
    value instanceof Vector3 ? [['size', new Vector3(2 * value.x, 2 * value.y, 2 * value.z)]] : [],
};

/** A switch that became a mode; off says nothing. */
function modeIfSet(name: string, mode: number): Translate {
  return (value) => (value === true ? [[name, mode]] : []);
}

/** A flat list of `width` values for each item. */
function items(prefix: string, fields: readonly (string | undefined)[]): Translate {
  return (value) => {
    if (!Array.isArray(value)) return [];
    const count = Math.floor(value.length / fields.length);
    const set: PresentValue[] = [['item_count', count]];
    for (let i = 0; i < count; i++) {
      for (const [j, field] of fields.entries())
        if (field !== undefined)
          set.push([`${prefix}item_${i}/${field}`, value[i * fields.length + j] as unknown]);
    }
    return set;
  };
}

function component(axis: 'x' | 'y' | 'z'): Translate {
  return (value, get) => {
    const size = get('size');
    if (!(size instanceof Vector3)) return [];
    const parts = { x: size.x, y: size.y, z: size.z, [axis]: Number(value) };
    return [['size', new Vector3(parts.x, parts.y, parts.z)]];
  };
}

const LINK: { readonly [name: string]: Translate } = {
  start_location: renamed('start_position'),
  end_location: renamed('end_position'),
};

/** Godot 3's item of a menu; accelerator, metadata and submenu are not stored. */
const MENU_ITEM = [
  'text',
  'icon',
  'checkable',
  'checked',
  'disabled',
  'id',
  undefined,
  undefined,
  undefined,
  'separator',
];

const OLD_NAMES: readonly (readonly [className: string, names: { readonly [name: string]: Translate }])[] = [
  ...[
    'Decal',
    'FogVolume',
    'GPUParticlesAttractorBox3D',
    'GPUParticlesAttractorVectorField3D',
    'GPUParticlesCollisionBox3D',
    'GPUParticlesCollisionHeightField3D',
    'GPUParticlesCollisionSDF3D',
    'ReflectionProbe',
    'VoxelGI',
  ].map((className) => [className, HALVES] as const),
  ['AnimatedSprite2D', { frames: renamed('sprite_frames') }],
  ['AnimatedSprite3D', { frames: renamed('sprite_frames') }],
  [
    'AnimationPlayer',
    {
      playback_process_mode: renamed('callback_mode_process'),
      method_call_mode: renamed('callback_mode_method'),
    },
  ],
  ['AnimationTree', { process_callback: renamed('callback_mode_process') }],
  ['CSGBox3D', { width: component('x'), height: component('y'), depth: component('z') }],
  [
    'GeometryInstance3D',
    { use_in_baked_light: modeIfSet('gi_mode', 1), use_dynamic_gi: modeIfSet('gi_mode', 2) },
  ],
  ['Light2D', { mode: renamed('blend_mode') }],
  [
    'NavigationAgent2D',
    { time_horizon: renamed('time_horizon_agents'), target_location: renamed('target_position') },
  ],
  [
    'NavigationAgent3D',
    {
      time_horizon: renamed('time_horizon_agents'),
      agent_height_offset: renamed('path_height_offset'),
      target_location: renamed('target_position'),
    },
  ],
  ['NavigationLink2D', LINK],
  ['NavigationLink3D', LINK],
  ['NavigationRegion2D', { navpoly: renamed('navigation_polygon') }],
  ['NavigationRegion3D', { navmesh: renamed('navigation_mesh') }],
  ['PopupMenu', { items: items('', MENU_ITEM) }],
  ['RichTextLabel', { bbcode_text: renamed('text') }],
  ['TileMap', { cell_quadrant_size: renamed('rendering_quadrant_size') }],
  ['ItemList', { items: items('', ['text', 'icon', 'disabled']) }],
  ['Label', { align: renamed('horizontal_alignment'), valign: renamed('vertical_alignment') }],
  ['Control', { anchors_preset: (value, get) => anchorsOf(Number(value), get) }],
];
