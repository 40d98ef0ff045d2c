/**
 * Properties of engine classes that nodes are not saved with and that this mirror does not work out from others. They must
 * not be taken for variables of a script, which would be sent. Not from the spec or the golden files, and not complete.
 */
import type { ClassInfo } from './classTable.ts';

/** Whether a name is such a property of a class. */
export function isNotKept(info: ClassInfo, name: string): boolean {
  for (const [className, names] of NOT_KEPT) if (names.has(name) && info.is(className)) return true;
  return false;
}

const PLAYER: ReadonlySet<string> = new Set(['playing', 'volume_linear']);
const NOT_KEPT: ReadonlyMap<string, ReadonlySet<string>> = new Map<string, ReadonlySet<string>>([
  ['Node', new Set(['multiplayer', 'owner', 'scene_file_path'])],
  ['Control', new Set(['anchors_preset', 'global_position', 'layout_mode'])],
  ['Sprite2D', new Set(['frame_coords'])],
  ['Sprite3D', new Set(['frame_coords'])],
  ['AudioStreamPlayer', PLAYER],
  ['AudioStreamPlayer2D', PLAYER],
  ['AudioStreamPlayer3D', PLAYER],
  ['Timer', new Set(['paused', 'time_left'])],
  ['Range', new Set(['ratio'])],
  ['PathFollow2D', new Set(['progress_ratio'])],
  ['PathFollow3D', new Set(['progress_ratio'])],
]);
