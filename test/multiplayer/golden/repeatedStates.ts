/**
 * States and changes in packets, told one by one: without the whole states that a peer had already (the engine sends them in every
 * step), and whatever their order in packets. Empty packets are nothing then.
 */
import { isDelta, readStates } from '../../../src/multiplayer/wire/statePacket.ts';
import type { GoldenEvent } from './cases.ts';

/** Goes through the steps of a case in order. */
export class RepeatedStates {
  readonly #last = new Map<string, string>();

  /** The events of a step; states and changes that are news to their peer come last, sorted. */
  without(events: readonly GoldenEvent[]): GoldenEvent[] {
    const others: GoldenEvent[] = [];
    const states: string[] = [];
    for (const event of events) {
      const packet = statePacketOf(event);
      if (packet === undefined) others.push(event);
      else states.push(...this.#news(packet.target, packet.bytes));
    }
    return [...others, ...states.sort().map((state) => ({ state }))];
  }

  #news(target: number, bytes: Uint8Array): string[] {
    const isChange = isDelta(bytes);
    return [...readStates(bytes, isChange)].flatMap(({ id, mask, state }) => {
      const values = Buffer.from(state).toString('hex');
      const key = `${target} ${id}`;
      if (isChange) return [`${key} changes ${mask}: ${values}`];
      if (this.#last.get(key) === values) return [];
      this.#last.set(key, values);
      return [`${key} state: ${values}`];
    });
  }
}

/** A SYNC or DELTA, also within a RELAY to the server. */
function statePacketOf({ put }: GoldenEvent): { target: number; bytes: Uint8Array } | undefined {
  if (!Array.isArray(put)) return undefined;
  const [target, , , hex] = put as [number, number, number, string];
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  const isRelayed = bytes[0] === 7 && bytes[1] === 3;
  const inner = isRelayed ? bytes.subarray(6) : bytes;
  if (inner[0] !== 0x06 && inner[0] !== 0x16) return undefined;
  return { target: isRelayed ? Buffer.from(bytes).readInt32LE(2) : target, bytes: inner };
}
