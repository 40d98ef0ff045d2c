/** The virtual network's own random source: xoshiro128** over a seed, the same on every machine. */

/** A repeatable stream of numbers. Not for secrets. */
export class Prng {
  readonly #state: Uint32Array = new Uint32Array(4);

  /** @param seed any integer; its low 32 bits count. */
  constructor(seed: number) {
    let mix = seed >>> 0;
    for (let index = 0; index < 4; index += 1) {
      mix = (mix + 0x9e37_79b9) >>> 0;
      this.#state[index] = scramble(mix);
    }
  }

  /** A stream of its own that depends on this seed and a label, and takes nothing from any other stream. */
  static labelled(seed: number, label: string): Prng {
    let hash = scramble(seed >>> 0);
    for (let index = 0; index < label.length; index += 1) {
      hash = scramble(hash ^ label.charCodeAt(index));
    }
    return new Prng(hash);
  }

  /** The next u32. */
  next32(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const e = c ^ a;
    const f = d ^ b;
    state[1] = b ^ e;
    state[0] = a ^ f;
    state[2] = e ^ (b << 9);
    state[3] = rotateLeft(f, 11);
    return result;
  }

  /** The next number of [0, 1). */
  unit(): number {
    return this.next32() / 0x1_0000_0000;
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Spreads every bit of a u32 over all others. */
function scramble(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
