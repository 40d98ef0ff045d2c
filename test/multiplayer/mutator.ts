/** Packets that are nearly right: those of a real engine, of all eight commands alike often, and what can go wrong with them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Prng } from '../../src/testing/prng.ts';
import { readCases } from './golden/cases.ts';

const golden = fileURLToPath(new URL('../../golden/multiplayer', import.meta.url));

/** Packets that a real engine sent or took, by command. */
export function corpus(): readonly (readonly Uint8Array[])[] {
  const found = new Set<string>();
  for (const kind of ['rpc', 'paths', 'system', 'spawn', 'sync']) {
    for (const { steps } of readCases(join(golden, `${kind}.json`))) {
      for (const step of steps) {
        if (typeof step['hex'] === 'string' && step.do === 'receive') found.add(step['hex']);
        for (const event of step.then ?? []) {
          const hex = (event['put'] as readonly unknown[] | undefined)?.[3];
          if (typeof hex === 'string') found.add(hex);
        }
      }
    }
  }
  const byCommand: Uint8Array[][] = Array.from({ length: 8 }, () => []);
  for (const hex of found) {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    if (bytes.length < 2000) byCommand[(bytes[0] ?? 0) & 7]?.push(bytes);
  }
  return byCommand;
}

/** Makes them, from a seed. */
export class Mutator {
  readonly #corpus: readonly (readonly Uint8Array[])[];
  readonly #own: readonly (readonly Uint8Array[])[];
  readonly #random: Prng;

  /** @param own packets about the tree that is attacked; those of a command are taken as often as the engine's. */
  constructor(seed: number, own: readonly Uint8Array[] = []) {
    this.#corpus = corpus();
    this.#own = this.#corpus.map((_, command) => own.filter(([head = 0]) => (head & 7) === command));
    this.#random = Prng.labelled(seed, 'mutator');
  }

  /** From 0 up to, but without, a number. */
  roll(count: number): number {
    return this.#random.next32() % count;
  }

  /** One of several. */
  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.roll(from.length)] ?? from[0];
  }

  next(): Uint8Array {
    if (this.roll(20) === 0) return this.#noise(this.roll(80));
    let packet: Uint8Array = Uint8Array.from(this.#one());
    for (let times = this.roll(4); times > 0; times--) packet = this.#mutate(packet);
    return packet;
  }

  #one(): Uint8Array {
    const command = this.roll(8);
    const own = this.#own[command] ?? [];
    const packets = own.length > 0 && this.roll(2) === 0 ? own : (this.#corpus[command] ?? []);
    return packets[this.roll(packets.length)] ?? new Uint8Array(0);
  }

  #noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.roll(256));
  }

  #mutate(packet: Uint8Array): Uint8Array {
    const at = this.roll(packet.length + 1);
    switch (this.roll(7)) {
      case 0:
        return packet.slice(0, at);
      case 1:
        return Uint8Array.of(...packet, ...this.#noise(this.roll(9)));
      case 2: {
        const other = this.#one();
        return Uint8Array.of(...packet.subarray(0, at), ...other.subarray(this.roll(other.length + 1)));
      }
      case 3: {
        // Another command, with flags.
        if (packet.length > 0) packet[0] = this.roll(256);
        return packet;
      }
      case 4: {
        // A length or an id of 32 bits.
        if (at + 4 <= packet.length)
          new DataView(packet.buffer).setUint32(
            at,
            this.pick([0, 1, 2, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]),
            true,
          );
        return packet;
      }
      case 5:
        return Uint8Array.of(7, 3, ...this.pick([this.#noise(4), new Uint8Array(4)]), ...packet);
      default: {
        if (at < packet.length) packet[at] = (packet[at] ?? 0) ^ (1 << this.roll(8));
        return packet;
      }
    }
  }
}
