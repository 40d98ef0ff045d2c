/**
 * NaNs that a JavaScript number cannot hold (variant-codec.md sections 2.2 and 6.1). The engine copies the bits of a
 * NaN as they are; JavaScript may change them. Bits other than the usual ones are kept beside the decoded value.
 */

/** The f64 bits of Godot's NAN constant, as high and low word. */
export const NAN64_HIGH = 0x7ff80000;
/** The f32 bits of Godot's NAN constant. */
export const NAN32 = 0x7fc00000;

/** The bits of the components of one decoded value; `undefined` where the number says it all. */
export interface NanBits {
  /** Whether the wire had f64 components. */
  readonly isDouble: boolean;
  /** Per component in wire order: f32 bits or f64 bits. */
  readonly bits: readonly (bigint | undefined)[];
}

/** Decoded vectors, matrices and colors with unusual NaNs in them. */
const kept = new WeakMap<object, NanBits>();

/** Remembers the bits of a decoded value. */
export function keepNanBits(value: object, bits: NanBits): void {
  kept.set(value, bits);
}

/** The remembered bits of a value, if there are any. */
export function nanBitsOf(value: object): NanBits | undefined {
  return kept.get(value);
}

/** A NaN widened from f32 to f64 as processors do: the payload moves up, and it becomes quiet. */
export function widenNan(bits: number): bigint {
  const sign = BigInt(bits >>> 31) << 63n;
  return sign | 0x7ff8000000000000n | (BigInt(bits & 0x7fffff) << 29n);
}

/** A NaN narrowed from f64 to f32 as processors do: the payload loses its low bits, and it becomes quiet. */
export function narrowNan(bits: bigint): number {
  const sign = Number((bits >> 63n) & 1n) << 31;
  return (sign | NAN32 | Number((bits >> 29n) & 0x3fffffn)) >>> 0;
}
