/** Where one node was in the last ticks, in rings of typed arrays: a tick costs no garbage. */
import { Basis, Transform2D, Transform3D, Vector2, Vector3 } from '../../codec/index.ts';

/** The ticks of a node. A slot that holds another tick than the one asked for has none of it. */
export class NodeHistory {
  /** The newest tick that was recorded. */
  newest = -1;
  readonly #is3D: boolean;
  readonly #ticks: Float64Array;
  readonly #transforms: Float32Array;
  readonly #values: Float64Array;
  readonly #valueCount: number;
  /** Bits of the slots of peers that did not see it, for each tick; `undefined` while everybody did. */
  #hidden: Uint32Array | undefined;
  #words = 0;

  /**
   * @param size how many ticks there are.
   * @param valueCount how many numbers go with each tick.
   */
  constructor(is3D: boolean, size: number, valueCount: number) {
    this.#is3D = is3D;
    this.#ticks = new Float64Array(size).fill(-1);
    this.#transforms = new Float32Array(size * (is3D ? NUMBERS_3D : NUMBERS_2D));
    this.#values = new Float64Array(size * valueCount);
    this.#valueCount = valueCount;
  }

  /** Whether it was recorded at a tick. */
  has(tick: number): boolean {
    return this.#ticks[tick % this.#ticks.length] === tick;
  }

  /** Records where it is. */
  record(tick: number, transform: Transform2D | Transform3D): void {
    this.newest = tick;
    const slot = tick % this.#ticks.length;
    this.#ticks[slot] = tick;
    // Number by number: a loop over the axes would make garbage for each node in each tick.
    const to = this.#transforms;
    if (transform instanceof Transform2D) {
      const { x, y, origin } = transform;
      const at = slot * NUMBERS_2D;
      to[at] = x.x;
      to[at + 1] = x.y;
      to[at + 2] = y.x;
      to[at + 3] = y.y;
      to[at + 4] = origin.x;
      to[at + 5] = origin.y;
      return;
    }
    const at = slot * NUMBERS_3D;
    const { basis, origin } = transform;
    this.#store3(at, basis.x);
    this.#store3(at + 3, basis.y);
    this.#store3(at + 6, basis.z);
    this.#store3(at + 9, origin);
  }

  /** Records a number that goes with a tick. */
  recordValue(tick: number, index: number, value: number): void {
    this.#values[(tick % this.#ticks.length) * this.#valueCount + index] = value;
  }

  /** A number that was recorded with a tick that it has. */
  valueAt(tick: number, index: number): number {
    return this.#values[(tick % this.#ticks.length) * this.#valueCount + index] ?? Number.NaN;
  }

  /** Records who did not see it: bits by slots of peers; `undefined` for nobody. */
  recordHidden(tick: number, bits: Uint32Array | undefined): void {
    if (bits === undefined && this.#hidden === undefined) return;
    const words = Math.max(this.#words, bits?.length ?? 0);
    const size = this.#ticks.length;
    if (this.#hidden === undefined || words > this.#words) {
      const wider = new Uint32Array(size * words);
      for (let slot = 0; slot < size; slot++)
        for (let word = 0; word < this.#words; word++)
          wider[slot * words + word] = this.#hidden?.[slot * this.#words + word] ?? 0;
      this.#hidden = wider;
      this.#words = words;
    }
    const from = (tick % size) * words;
    for (let word = 0; word < words; word++) this.#hidden[from + word] = bits?.[word] ?? 0;
  }

  /** Whether a peer's slot did not see it at a tick that it has. */
  isHidden(tick: number, slot: number): boolean {
    const word = slot >>> 5;
    if (this.#hidden === undefined || word >= this.#words) return false;
    const bits = this.#hidden[(tick % this.#ticks.length) * this.#words + word] ?? 0;
    return ((bits >>> (slot & 31)) & 1) === 1;
  }

  /** Where it was at a tick that it has. */
  transformAt(tick: number): Transform2D | Transform3D {
    const slot = tick % this.#ticks.length;
    if (this.#is3D) {
      const at = slot * NUMBERS_3D;
      const basis = new Basis(this.#vector3(at), this.#vector3(at + 3), this.#vector3(at + 6));
      return new Transform3D(basis, this.#vector3(at + 9));
    }
    const at = slot * NUMBERS_2D;
    return new Transform2D(this.#vector2(at), this.#vector2(at + 2), this.#vector2(at + 4));
  }

  /** The origin of {@link NodeHistory.transformAt}. */
  positionAt(tick: number): Vector2 | Vector3 {
    const slot = tick % this.#ticks.length;
    return this.#is3D ? this.#vector3(slot * NUMBERS_3D + 9) : this.#vector2(slot * NUMBERS_2D + 4);
  }

  #store3(at: number, { x, y, z }: Vector3): void {
    this.#transforms[at] = x;
    this.#transforms[at + 1] = y;
    this.#transforms[at + 2] = z;
  }

  #vector2(at: number): Vector2 {
    return new Vector2(this.#transforms[at] ?? 0, this.#transforms[at + 1] ?? 0);
  }

  #vector3(at: number): Vector3 {
    const from = this.#transforms;
    return new Vector3(from[at] ?? 0, from[at + 1] ?? 0, from[at + 2] ?? 0);
  }
}

const NUMBERS_2D = 6;
const NUMBERS_3D = 12;
