/**
 * Properties with a slash that classes have for each of their items (`item_0/text`), as Godot 4.6 lists them: in this order,
 * all of them or those alone that differ from their default. Asked of the engine.
 */
import { Color, VariantType, Vector3 } from '../../codec/index.ts';
import { always, type Family, type FamilyField, field } from './family.ts';
import { JOINT_CONSTRAINTS } from './jointConstraints.ts';
import type { ListingState } from './listing.ts';
import { MODIFIER_FAMILIES } from './modifierFamilies.ts';

const { BOOL, INT, STRING, OBJECT, COLOR, VECTOR3, QUATERNION, TRANSFORM3D } = VariantType;

const TEXT = field('text', STRING);
const ICON = field('icon', OBJECT);
const DISABLED = field('disabled', BOOL);
const SEPARATOR = field('separator', BOOL);
/** Menus number their items, and list the number always since the default would be none. */
const ID: FamilyField = { name: 'id', type: INT, value: (index) => index, isAlways: true };
const MENU = [TEXT, ICON, field('checkable', INT), field('checked', BOOL), ID, DISABLED, SEPARATOR];
const WHITE = new Color(1, 1, 1, 1);

/** All families. */
export const FAMILIES: readonly Family[] = [
  {
    className: 'ItemList',
    prefix: 'item_',
    count: 'item_count',
    after: 'fixed_icon_size',
    fields: [TEXT, ICON, field('selectable', BOOL, true), DISABLED],
  },
  { className: 'PopupMenu', prefix: 'item_', count: 'item_count', after: 'item_count', fields: MENU },
  { className: 'MenuButton', prefix: 'popup/item_', count: 'item_count', after: 'item_count', fields: MENU },
  {
    className: 'OptionButton',
    prefix: 'popup/item_',
    count: 'item_count',
    after: 'item_count',
    fields: [TEXT, ICON, ID, DISABLED, SEPARATOR],
  },
  {
    className: 'TabBar',
    prefix: 'tab_',
    count: 'tab_count',
    after: 'tab_count',
    fields: [field('title', STRING), field('tooltip', STRING), ICON, DISABLED],
  },
  {
    className: 'TabContainer',
    prefix: 'tab_',
    after: 'deselect_enabled',
    fields: [field('title', STRING), ICON, DISABLED, field('hidden', BOOL)],
  },
  {
    className: 'FileDialog',
    prefix: 'option_',
    count: 'option_count',
    after: 'deleting_enabled',
    fields: [field('name', STRING), field('values', VariantType.PACKED_STRING_ARRAY), field('default', INT)],
  },
  {
    className: 'TileMap',
    prefix: 'layer_',
    after: 'layer_0/name',
    fields: [
      { name: 'name', type: STRING, value: (index) => `Layer${index}`, isAlways: true },
      field('enabled', BOOL, true),
      field('modulate', COLOR, WHITE),
      field('y_sort_enabled', BOOL),
      field('y_sort_origin', INT),
      field('z_index', INT),
      field('navigation_enabled', BOOL, true),
      field('tile_data', VariantType.PACKED_INT32_ARRAY),
    ],
  },
  {
    className: 'GraphNode',
    prefix: 'slot/',
    isSparse: true,
    after: 'slots_focus_mode',
    fields: always([
      field('left_enabled', BOOL),
      field('left_type', INT),
      field('left_color', COLOR, WHITE),
      field('left_icon', OBJECT),
      field('right_enabled', BOOL),
      field('right_type', INT),
      field('right_color', COLOR, WHITE),
      field('right_icon', OBJECT),
      field('draw_stylebox', BOOL, true),
    ]),
  },
  {
    className: 'Skeleton3D',
    prefix: 'bones/',
    after: 'animate_physical_bones',
    fields: always([
      field('name', STRING),
      field('parent', INT, -1),
      field('rest', TRANSFORM3D),
      field('enabled', BOOL, true),
      field('position', VECTOR3),
      field('rotation', QUATERNION),
      field('scale', VECTOR3, new Vector3(1, 1, 1)),
    ]),
  },
  // They follow the mesh, which is a resource: those that were set.
  {
    className: 'MeshInstance3D',
    prefix: 'surface_material_override/',
    isSparse: true,
    after: 'skeleton',
    fields: always([field('', OBJECT)]),
  },
  {
    className: 'SoftBody3D',
    prefix: 'attachments/',
    count: 'pinned_points',
    after: 'pinned_points',
    fields: always([
      { name: 'point_index', type: INT, value: pinnedPoint, isDerived: true },
      field('spatial_attachment_path', VariantType.NODE_PATH),
      field('offset', VECTOR3),
    ]),
  },
  ...MODIFIER_FAMILIES,
  ...JOINT_CONSTRAINTS,
];

function pinnedPoint(index: number, state: ListingState): number {
  const points = state('pinned_points');
  const point: unknown = Array.isArray(points) ? points[index] : undefined;
  return typeof point === 'number' ? point : -1;
}
