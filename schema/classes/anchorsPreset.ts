/** `anchors_preset` of Control: scene files have it, and the engine's setter derives anchors and growth from it. */
import { Float } from '../../codec/index.ts';

/** Left, top, right, bottom, and how the Control grows: 0 to the beginning, 1 to the end, 2 both. Asked of Godot 4.6. */
const PRESETS: readonly (readonly [
  left: number,
  top: number,
  right: number,
  bottom: number,
  horizontal: number,
  vertical: number,
])[] = [
  [0, 0, 0, 0, 1, 1],
  [1, 0, 1, 0, 0, 1],
  [0, 1, 0, 1, 1, 0],
  [1, 1, 1, 1, 0, 0],
  [0, 0.5, 0, 0.5, 1, 2],
  [0.5, 0, 0.5, 0, 2, 1],
  [1, 0.5, 1, 0.5, 0, 2],
  [0.5, 1, 0.5, 1, 2, 0],
  [0.5, 0.5, 0.5, 0.5, 2, 2],
  [0, 0, 0, 1, 1, 2],
  [0, 0, 1, 0, 2, 1],
  [1, 0, 1, 1, 0, 2],
  [0, 1, 1, 1, 2, 0],
  [0.5, 0, 0.5, 1, 2, 2],
  [0, 0.5, 1, 0.5, 2, 2],
  [0, 0, 1, 1, 2, 2],
];

/** `layout_mode` in which the preset counts: by anchors, and what is left to the Control itself. */
const BY_ANCHORS: ReadonlySet<unknown> = new Set([1, 3]);

/**
 * What a preset sets. Offsets, which follow from the Control's size, are not worked out: scene files have them.
 *
 * @param preset - Godot's `LayoutPreset`; others, such as -1 for anchors of one's own, set nothing.
 * @param get - The values of the Control's properties: without a fitting `layout_mode` the engine ignores the preset.
 */
export function anchorsOf(
  preset: number,
  get: (name: string) => unknown,
): readonly (readonly [name: string, value: unknown])[] {
  const values = BY_ANCHORS.has(Number(get('layout_mode'))) ? PRESETS[preset] : undefined;
  if (values === undefined) return [];
  const [left, top, right, bottom, horizontal, vertical] = values;
  return [
    ['anchor_left', new Float(left)],
    ['anchor_top', new Float(top)],
    ['anchor_right', new Float(right)],
    ['anchor_bottom', new Float(bottom)],
    ['grow_horizontal', horizontal],
    ['grow_vertical', vertical],
  ];
}
