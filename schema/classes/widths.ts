/**
 * Which numbers of Godot's classes are wider than a default tells. The class table holds values, not the C++ types of the
 * setters: most floats are single precision there and most ints have 32 bits. Not from the spec or the golden files,
 * except where a default is no single-precision number (`ProgressBar.step`, `trail_lifetime`) or beyond 31 bits.
 */

/** Floats in double precision, by the class that declares them. */
const DOUBLES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Timer', new Set(['wait_time'])],
  ['Range', new Set(['min_value', 'max_value', 'step', 'page', 'value'])],
  ['SpinBox', new Set(['custom_arrow_step'])],
  ['HTTPRequest', new Set(['timeout'])],
  ['TextEdit', new Set(['scroll_vertical'])],
  ['AnimationPlayer', new Set(['playback_default_blend_time', 'playback_auto_capture_duration'])],
  ['MultiplayerSynchronizer', new Set(['replication_interval', 'delta_interval'])],
  ['GPUParticles2D', new Set(['lifetime', 'preprocess', 'speed_scale', 'trail_lifetime'])],
  ['GPUParticles3D', new Set(['lifetime', 'preprocess', 'speed_scale', 'trail_lifetime'])],
  ['IterateIK3D', new Set(['min_distance', 'angular_delta_limit'])],
  ['LimitAngularVelocityModifier3D', new Set(['max_angular_velocity'])],
  ['CPUParticles2D', new Set(['lifetime', 'preprocess', 'speed_scale', 'lifetime_randomness'])],
  ['CPUParticles3D', new Set(['lifetime', 'preprocess', 'speed_scale', 'lifetime_randomness'])],
]);

/** Masks and layers that are unsigned: 32 of them, the highest is bit 31. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'area_mask',
  'avoidance_layers',
  'avoidance_mask',
  'bake_mask',
  'canvas_cull_mask',
  'collision_layer',
  'collision_mask',
  'cull_mask',
  'heightfield_mask',
  'layer_mask',
  'layers',
  'light_cull_mask',
  'navigation_layers',
  'platform_floor_layers',
  'platform_wall_layers',
  'reflection_mask',
  'seed',
  'shadow_caster_mask',
  'visibility_layer',
]);

/** Whether a FLOAT property of a class, given with all it inherits from, is in double precision. */
export function isDoubleProperty(name: string, ancestors: ReadonlySet<string>): boolean {
  for (const ancestor of ancestors) if (DOUBLES.get(ancestor)?.has(name) === true) return true;
  return false;
}

/** Whether an INT property is an unsigned one of 32 bits. */
export function isUnsignedProperty(name: string): boolean {
  return UNSIGNED.has(name);
}
