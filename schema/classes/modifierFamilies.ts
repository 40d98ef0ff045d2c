/** What modifiers of a skeleton have for each of their settings, as Godot 4.6 lists them. Asked of the engine. */
import { Float, Quaternion, VariantType, Vector3 } from '../../codec/index.ts';
import { always, type Family, type FamilyField, field, inBlock, nested, when } from './family.ts';

const { BOOL, INT, FLOAT, STRING, NODE_PATH, OBJECT, VECTOR3, QUATERNION } = VariantType;

/** A float in single precision. */
function real(name: string, value = 0): FamilyField {
  return field(name, FLOAT, new Float(Math.fround(value)));
}

/** A bone, by its name and by its number. */
function bone(name: string): FamilyField[] {
  return [field(`${name}_name`, STRING), field(name, INT, -1)];
}

/** `rotation_axis`, with the vector of its last choice. */
function rotationAxis(): FamilyField[] {
  const vector = field('rotation_axis_vector', VECTOR3, X_AXIS);
  return [field('rotation_axis', INT, 3), ...when('rotation_axis=4', vector)];
}

const X_AXIS = new Vector3(1, 0, 0);
const DOWN = new Vector3(0, -1, 0);
const IDENTITY = new Quaternion(0, 0, 0, 1);

const CONSTRAINT = [
  real('amount', 1),
  ...bone('apply_bone'),
  field('reference_type', INT),
  ...when('reference_type=1', field('reference_node', NODE_PATH)),
  ...when('reference_type=0', ...bone('reference_bone')),
];
const RELATIVE = [...when('reference_type=0', field('relative', BOOL, true)), field('additive', BOOL)];

const END = when('extend_end_bone', field('end_bone/direction', INT, 6), real('end_bone/length'));
const CHAIN = [
  ...bone('root_bone'),
  ...bone('end_bone'),
  ...when('end_bone!=-1', field('extend_end_bone', BOOL)),
];

const IK_JOINTS = nested('joints', 'joint_count', [
  ...rotationAxis(),
  field('limitation', OBJECT),
  ...when('limitation', field('limitation/right_axis', INT)),
  ...when('limitation&limitation/right_axis=7', field('limitation/right_axis_vector', VECTOR3, X_AXIS)),
  ...when('limitation', field('limitation/rotation_offset', QUATERNION, IDENTITY)),
]);

const SPRING = [
  ...CHAIN,
  ...END,
  field('center_from', INT),
  ...when('center_from=1', field('center_node', NODE_PATH)),
  ...when('center_from=2', ...bone('center_bone')),
  field('individual_config', BOOL),
  ...when('individual_config', field('joint_count', INT)),
  ...when('!individual_config', field('rotation_axis', INT, 3)),
  ...when('!individual_config&rotation_axis=4', field('rotation_axis_vector', VECTOR3, X_AXIS)),
  ...when(
    '!individual_config',
    real('radius/value', 0.02),
    field('radius/damping_curve', OBJECT),
    real('stiffness/value', 1),
    field('stiffness/damping_curve', OBJECT),
    real('drag/value', 0.4),
    field('drag/damping_curve', OBJECT),
    real('gravity/value'),
    field('gravity/damping_curve', OBJECT),
    field('gravity/direction', VECTOR3, DOWN),
    nested('joints', 'joint_count', bone('bone')),
  ),
  ...when(
    'individual_config',
    nested('joints', 'joint_count', [
      ...rotationAxis(),
      real('radius', 0.1),
      real('stiffness', 1),
      real('drag'),
      real('gravity'),
      field('gravity_direction', VECTOR3, DOWN),
    ]),
  ),
  field('enable_all_child_collisions', BOOL, true),
  ...when(
    'enable_all_child_collisions',
    field('exclude_collision_count', INT),
    nested('exclude_collisions', 'exclude_collision_count', [field('', NODE_PATH)]),
  ),
  ...when(
    '!enable_all_child_collisions',
    field('collision_count', INT),
    nested('collisions', 'collision_count', [field('', NODE_PATH)]),
  ),
];

const TWIST = [
  ...CHAIN,
  ...when('extend_end_bone', field('end_bone_direction', INT, 6)),
  field('twist_from_rest', BOOL, true),
  ...when('!twist_from_rest', field('twist_from', QUATERNION, IDENTITY)),
  field('disperse_mode', INT),
  ...when('disperse_mode=1', real('weight_position', 0.5)),
  ...when('disperse_mode=2', field('damping_curve', OBJECT)),
  field('joint_count', INT),
  ...when('disperse_mode=2', {
    ...nested('joints', 'joint_count', []),
    items: {
      countedBy: ['joint_count', 'extend_end_bone'],
      // The last joint has no bone to twist unless the end is made longer.
      count: (own) => Number(own('joint_count')) - (own('extend_end_bone') === true ? 0 : 1),
      fields: always([real('twist_amount', 1)]),
    },
  }),
];

const TWO_BONES = [
  field('target_node', NODE_PATH),
  field('pole_node', NODE_PATH),
  ...bone('root_bone'),
  ...bone('middle_bone'),
  field('pole_direction', INT),
  ...when('pole_direction=7', field('pole_direction_vector', VECTOR3)),
  ...when('!use_virtual_end', ...bone('end_bone')),
  ...when('middle_bone!=-1', field('use_virtual_end', BOOL)),
  ...when('end_bone!=-1|use_virtual_end', field('extend_end_bone', BOOL)),
  ...END,
];

const CONVERTED = ['apply', 'reference'].flatMap((name) => [
  field(`${name}/transform_mode`, INT),
  field(`${name}/axis`, INT),
  real(`${name}/range_min`),
  real(`${name}/range_max`),
]);

const AIM = [
  field('forward_axis', INT, 2),
  field('use_euler', BOOL),
  ...when('use_euler', field('primary_rotation_axis', INT), field('use_secondary_rotation', BOOL, true)),
  field('relative', BOOL, true),
];

const COPY = [field('copy', INT, 7), field('axes', INT, 7), field('invert', INT), ...RELATIVE];

const PATH = [
  field('path_3d', NODE_PATH),
  ...when('path_3d', field('tilt_enabled', BOOL, true)),
  ...when('path_3d&tilt_enabled', field('tilt_fade_in', INT, 1), field('tilt_fade_out', INT, 1)),
];

const IK_CHAIN = [...CHAIN, ...END, field('joint_count', INT)];
const ITERATED = [field('target_node', NODE_PATH), ...inBlock(1, IK_CHAIN), ...inBlock(2, [IK_JOINTS])];

const SETTINGS = { prefix: 'settings/', count: 'setting_count', after: 'setting_count' } as const;

/** All of them. */
export const MODIFIER_FAMILIES: readonly Family[] = [
  { className: 'AimModifier3D', ...SETTINGS, fields: always([...CONSTRAINT, ...inBlock(1, AIM)]) },
  { className: 'CopyTransformModifier3D', ...SETTINGS, fields: always([...CONSTRAINT, ...inBlock(1, COPY)]) },
  {
    className: 'ConvertTransformModifier3D',
    ...SETTINGS,
    fields: always([...CONSTRAINT, ...inBlock(1, [...CONVERTED, ...RELATIVE])]),
  },
  { className: 'BoneTwistDisperser3D', ...SETTINGS, fields: always(TWIST) },
  { className: 'IterateIK3D', ...SETTINGS, fields: always(ITERATED) },
  { className: 'SplineIK3D', ...SETTINGS, fields: always([...PATH, ...inBlock(1, IK_CHAIN)]) },
  { className: 'TwoBoneIK3D', ...SETTINGS, fields: always(TWO_BONES) },
  { className: 'SpringBoneSimulator3D', ...SETTINGS, fields: always(SPRING) },
  {
    className: 'LimitAngularVelocityModifier3D',
    prefix: 'chains/',
    count: 'chain_count',
    after: 'joint_count',
    fields: always([...bone('root_bone'), ...bone('end_bone')]),
  },
];
