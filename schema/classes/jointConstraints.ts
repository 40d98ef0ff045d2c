/** What a PhysicalBone3D has for the joint of its `joint_type`, as Godot 4.6 lists it. Asked of the engine. */
import { Float, VariantType } from '../../codec/index.ts';
import { always, type Family, field } from './family.ts';
import { parse } from './listing.ts';

const { BOOL, FLOAT } = VariantType;

/** Names and defaults. */
type Joint = { readonly [name: string]: number | boolean };

const PIN: Joint = { bias: 0.3, damping: 1, impulse_clamp: 0 };
const CONE: Joint = { swing_span: 45, twist_span: 180, bias: 0.3, softness: 0.8, relaxation: 1 };
const HINGE: Joint = {
  angular_limit_enabled: false,
  angular_limit_upper: 90,
  angular_limit_lower: -90,
  angular_limit_bias: 0.3,
  angular_limit_softness: 0.9,
  angular_limit_relaxation: 1,
};
const SLIDER: Joint = {
  linear_limit_upper: 1,
  linear_limit_lower: -1,
  linear_limit_softness: 1,
  linear_limit_restitution: 0.7,
  linear_limit_damping: 1,
  angular_limit_upper: 0,
  angular_limit_lower: 0,
  angular_limit_softness: 1,
  angular_limit_restitution: 0.7,
  angular_limit_damping: 1,
};
const AXIS: Joint = {
  linear_limit_enabled: true,
  linear_limit_upper: 0,
  linear_limit_lower: 0,
  linear_limit_softness: 0.7,
  linear_spring_enabled: false,
  linear_spring_stiffness: 0,
  linear_spring_damping: 0,
  linear_equilibrium_point: 0,
  linear_restitution: 0.5,
  linear_damping: 1,
  angular_limit_enabled: true,
  angular_limit_upper: 0,
  angular_limit_lower: 0,
  angular_limit_softness: 0.5,
  angular_restitution: 0,
  angular_damping: 1,
  erp: 0.5,
  angular_spring_enabled: false,
  angular_spring_stiffness: 0,
  angular_spring_damping: 0,
  angular_equilibrium_point: 0,
};
const SIX: Joint = Object.fromEntries(
  ['x', 'y', 'z'].flatMap((axis) => Object.entries(AXIS).map(([name, value]) => [`${axis}/${name}`, value])),
);

/** By `joint_type`, from 1. */
export const JOINT_CONSTRAINTS: readonly Family[] = [PIN, CONE, HINGE, SLIDER, SIX].map((joint, i) => ({
  className: 'PhysicalBone3D',
  prefix: 'joint_constraints/',
  isSingle: true,
  when: parse(`joint_type=${i + 1}`),
  after: 'bone_name',
  fields: always(
    Object.entries(joint).map(([name, value]) =>
      typeof value === 'boolean'
        ? field(name, BOOL, value)
        : field(name, FLOAT, new Float(Math.fround(value))),
    ),
  ),
}));
