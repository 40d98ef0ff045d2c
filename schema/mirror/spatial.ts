/**
 * Where Node2D and Node3D are: the relations between a transform and its parts, with the engine's laziness, which decides
 * the last bits (setting the rotation keeps the scale as it was set; setting the transform forgets both).
 */
import {
  type Basis,
  type Quaternion,
  Transform2D,
  Transform3D,
  Vector2,
  Vector3,
} from '../../codec/index.ts';
import { composeTransform2D, EPSILON, rotationOf, scaleOf, skewOf } from '../values/transform2D.ts';
import {
  basisFromEuler,
  basisFromQuaternion,
  composeBasis,
  eulerOf,
  orthogonalBasis,
  quaternionOf,
  scaleOf3D,
} from '../values/transform3D.ts';

/** Godot's default order of Euler angles. */
export const EULER_YXZ = 2;

/** The parts of a Node2D's transform. */
export class Spatial2D {
  #position = new Vector2(0, 0);
  #rotation = 0;
  #scale = new Vector2(1, 1);
  #skew = 0;
  #transform = new Transform2D();
  /** The transform was set, and its parts were not asked for yet. */
  #isWhole = false;

  /** Relative to the parent. */
  get position(): Vector2 {
    return this.#parts().#position;
  }

  /** Relative to the parent. */
  set position(value: Vector2) {
    this.#parts().#position = value;
    this.#compose();
  }

  /** Radians in single precision. */
  get rotation(): number {
    return this.#parts().#rotation;
  }

  /** Radians in single precision. */
  set rotation(value: number) {
    this.#parts().#rotation = value;
    this.#compose();
  }

  /** Relative to the parent. */
  get scale(): Vector2 {
    return this.#parts().#scale;
  }

  /** Components that are almost 0 become 0.00001, as in the engine. */
  set scale(value: Vector2) {
    this.#parts().#scale = new Vector2(notZero(value.x), notZero(value.y));
    this.#compose();
  }

  /** Radians in single precision. */
  get skew(): number {
    return this.#parts().#skew;
  }

  /** Radians in single precision. */
  set skew(value: number) {
    this.#parts().#skew = value;
    this.#compose();
  }

  /** Relative to the parent. */
  get transform(): Transform2D {
    return this.#transform;
  }

  /** The parts follow from it. */
  set transform(value: Transform2D) {
    this.#transform = value;
    this.#isWhole = true;
  }

  /** Takes a transform together with the parts that it was made of, of which the setters do not take every scale. */
  restore(transform: Transform2D, rotation: number, scale: Vector2, skew: number): void {
    this.#transform = transform;
    this.#position = transform.origin;
    this.#rotation = rotation;
    this.#scale = scale;
    this.#skew = skew;
    this.#isWhole = false;
  }

  #parts(): this {
    if (this.#isWhole) {
      this.#rotation = rotationOf(this.#transform);
      this.#skew = skewOf(this.#transform);
      this.#position = this.#transform.origin;
      this.#scale = scaleOf(this.#transform);
      this.#isWhole = false;
    }
    return this;
  }

  #compose(): void {
    this.#transform = composeTransform2D(this.#rotation, this.#scale, this.#skew, this.#position);
  }
}

/** The parts of a Node3D's transform. */
export class Spatial3D {
  #transform = new Transform3D();
  #euler = new Vector3(0, 0, 0);
  #scale = new Vector3(1, 1, 1);
  #order: number = EULER_YXZ;
  /** Euler angles and scale are older than the basis. */
  #partsAreOld = false;
  /** The basis is older than Euler angles and scale. */
  #basisIsOld = false;

  /** Relative to the parent. */
  get position(): Vector3 {
    return this.#transform.origin;
  }

  /** Relative to the parent. */
  set position(value: Vector3) {
    this.#transform = new Transform3D(this.#transform.basis, value);
  }

  /** Euler angles in radians. */
  get rotation(): Vector3 {
    return this.#parts().#euler;
  }

  /** The scale stays what it is. */
  set rotation(value: Vector3) {
    if (this.#partsAreOld) this.#scale = scaleOf3D(this.#transform.basis);
    this.#partsAreOld = false;
    this.#euler = value;
    this.#basisIsOld = true;
  }

  /** Relative to the parent. */
  get scale(): Vector3 {
    return this.#parts().#scale;
  }

  /** The rotation stays what it is. */
  set scale(value: Vector3) {
    if (this.#partsAreOld) this.#euler = eulerOf(this.#transform.basis, this.#order);
    this.#partsAreOld = false;
    this.#scale = value;
    this.#basisIsOld = true;
  }

  /** Relative to the parent. */
  get transform(): Transform3D {
    if (this.#basisIsOld) {
      const basis = composeBasis(this.#euler, this.#scale, this.#order);
      this.#transform = new Transform3D(basis, this.#transform.origin);
      this.#basisIsOld = false;
    }
    return this.#transform;
  }

  /** Rotation and scale follow from it. */
  set transform(value: Transform3D) {
    this.#transform = value;
    this.#partsAreOld = true;
    this.#basisIsOld = false;
  }

  /** Takes a transform together with the angles and the scale that it was made of, which need not follow from it. */
  restore(transform: Transform3D, rotation: Vector3, scale: Vector3): void {
    this.#transform = transform;
    this.#euler = rotation;
    this.#scale = scale;
    this.#partsAreOld = false;
    this.#basisIsOld = false;
  }

  /** Angles and scale count no more: they are found out of the transform when they are next asked for. */
  forgetParts(): void {
    this.transform = this.transform;
  }

  /** Rotation and scale as a matrix. */
  get basis(): Basis {
    return this.transform.basis;
  }

  /** The position stays what it is. */
  set basis(value: Basis) {
    this.transform = new Transform3D(value, this.#transform.origin);
  }

  /** The rotation as a quaternion. */
  get quaternion(): Quaternion {
    return quaternionOf(this.transform.basis);
  }

  /** The scale stays what it is. */
  set quaternion(value: Quaternion) {
    if (this.#partsAreOld) this.#scale = scaleOf3D(this.#transform.basis);
    const basis = basisFromQuaternion(value, this.#scale);
    this.#transform = new Transform3D(basis, this.#transform.origin);
    this.#euler = eulerOf(basis, this.#order);
    this.#partsAreOld = false;
    this.#basisIsOld = false;
  }

  /** Which rotation comes last, a number of Godot's EulerOrder. */
  get order(): number {
    return this.#order;
  }

  /**
   * As in the engine: angles whose basis was not asked for yet change, and the orientation stays; otherwise the angles stay
   * what they are and make another orientation, or, behind a transform that was set, none until one of them is set.
   */
  set order(value: number) {
    if (value === this.#order) return;
    if (this.#partsAreOld) this.#parts();
    else if (this.#basisIsOld) this.#euler = eulerOf(basisFromEuler(this.#euler, this.#order), value);
    else this.#basisIsOld = true;
    this.#order = value;
  }

  /** What the engine does when `rotation_edit_mode` leaves `ROTATION_EDIT_MODE_BASIS`: axes at right angles, same lengths. */
  orthogonalize(): void {
    if (this.#basisIsOld) return;
    const { basis, origin } = this.#transform;
    this.#transform = new Transform3D(orthogonalBasis(basis), origin);
  }

  /** What it does when `rotation_edit_mode` becomes `ROTATION_EDIT_MODE_EULER`: angles and scale are found out. */
  findParts(): void {
    this.#parts();
  }

  #parts(): this {
    if (this.#partsAreOld) {
      this.#scale = scaleOf3D(this.#transform.basis);
      this.#euler = eulerOf(this.#transform.basis, this.#order);
      this.#partsAreOld = false;
    }
    return this;
  }
}

/** Only physics and rendering care, but the engine changes the value that packets hold. */
function notZero(value: number): number {
  return Math.abs(value) < EPSILON ? EPSILON : value;
}
