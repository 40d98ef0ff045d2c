/** What a NetworkTime knows of one peer, and what it takes from it. */
import { type VariantValue, varToBytes } from '../../codec/index.ts';
import { isIntegerIn } from '../../options/internal.ts';
import { TokenBucket } from '../godot/internal.ts';
import { PeerClock } from './clockEstimate.ts';
import { InputQueue, type PlayerInput } from './playerInput.ts';
import { NetworkTimeRefusal } from './refusal.ts';

/** What the peers of one clock have in common. */
export interface PlayerRules<Input> {
  readonly maxInputPacketsPerSec: number;
  readonly maxInputsPerPacket: number;
  readonly maxInputBytes: number;
  readonly keptInputs: number;
  /** The newest tick that was told to everybody, -1 for none. */
  toldTick(): number;
  /** Makes an input of a value; never throws. */
  read(value: VariantValue, peer: number): Input | undefined;
  /** Something was turned away. */
  refuse(reason: NetworkTimeRefusal): void;
}

/** What a packet with inputs says. */
export interface InputPacket {
  /** The number of the last one. */
  readonly newest: number;
  /** The tick of each. */
  readonly ticks: Float64Array;
  /** The inputs, in order. */
  readonly values: readonly VariantValue[];
}

/** One peer. */
export class Player<Input> {
  readonly clock: PeerClock = new PeerClock();
  readonly inputs: InputQueue<Input>;
  readonly #peer: number;
  readonly #rules: PlayerRules<Input>;
  readonly #asks: TokenBucket;
  readonly #packets: TokenBucket;

  constructor(peer: number, rules: PlayerRules<Input>, nowMs: number) {
    this.#peer = peer;
    this.#rules = rules;
    this.inputs = new InputQueue(rules.keptInputs);
    this.#asks = new TokenBucket({ perSec: ASKS_PER_SEC, burst: ASKS_PER_SEC }, nowMs);
    const perSec = rules.maxInputPacketsPerSec;
    this.#packets = new TokenBucket({ perSec, burst: 2 * perSec }, nowMs);
  }

  /** The peer asks for the time. @returns whether it gets an answer. */
  asks(clientMs: number, serverMs: number, heldMs: number, nowMs: number): boolean {
    if (!this.#asks.take(nowMs, 1)) {
      this.#rules.refuse(NetworkTimeRefusal.TIME_RATE);
      return false;
    }
    if (serverMs === NONE) return true;
    const roundTripMs = nowMs - serverMs - heldMs;
    const isPlausible =
      isIntegerIn(clientMs, -MOST_MS, MOST_MS) &&
      isIntegerIn(serverMs, 0, nowMs) &&
      isIntegerIn(heldMs, 0, MOST_HELD_MS) &&
      isIntegerIn(roundTripMs, 0, MOST_ROUND_TRIP_MS);
    if (isPlausible) this.clock.add(nowMs, clientMs, roundTripMs);
    else this.#rules.refuse(NetworkTimeRefusal.TIME_IMPLAUSIBLE);
    return true;
  }

  /** Inputs of the peer have arrived. @param give gets each new one, in order. */
  takes(packet: InputPacket, nowMs: number, give: (input: PlayerInput<Input>) => void): void {
    const rules = this.#rules;
    const { newest, ticks, values } = packet;
    const { length } = values;
    const reason = this.#problemOf(packet, nowMs);
    if (reason !== undefined) {
      rules.refuse(reason);
      return;
    }
    let missed = 0;
    for (const [i, raw] of values.entries()) {
      const sequence = newest - length + 1 + i;
      if (!this.inputs.isNew(sequence)) continue;
      missed += this.inputs.arrive(sequence);
      const value = rules.read(raw, this.#peer);
      if (value === undefined) {
        rules.refuse(NetworkTimeRefusal.INPUT_VALUE);
        continue;
      }
      const input = { peer: this.#peer, sequence, tick: ticks[i] ?? NONE, value, missed };
      missed = 0;
      this.inputs.keep(input);
      give(input);
    }
  }

  #problemOf({ newest, ticks, values }: InputPacket, nowMs: number): NetworkTimeRefusal | undefined {
    const { maxInputsPerPacket, maxInputBytes, toldTick } = this.#rules;
    const { length } = values;
    if (!this.#packets.take(nowMs, 1)) return NetworkTimeRefusal.INPUT_RATE;
    if (
      !isIntegerIn(length, 1, maxInputsPerPacket) ||
      ticks.length !== length ||
      !isIntegerIn(newest, length, MOST_SEQUENCE)
    )
      return NetworkTimeRefusal.INPUT_MALFORMED;
    if (!isWithin(values, maxInputBytes)) return NetworkTimeRefusal.INPUT_SIZE;
    const told = toldTick();
    return ticks.every((tick) => tick >= NONE && tick <= told) ? undefined : NetworkTimeRefusal.INPUT_TICK;
  }
}

/** Whether values are small; encoding stops where they are not. */
function isWithin(values: readonly VariantValue[], maxBytes: number): boolean {
  try {
    varToBytes([...values], { maxBytes });
    return true;
  } catch {
    return false;
  }
}

/** What stands for no tick and no time. */
const NONE = -1;
const MOST_SEQUENCE = 2 ** 31 - 1;
/** The helper asks 20 times a second at first, 4 times then. */
const ASKS_PER_SEC = 30;
/** Godot counts microseconds in 64 bits; thousands of years. */
const MOST_MS = 2 ** 47;
const MOST_HELD_MS = 60_000;
const MOST_ROUND_TRIP_MS = 10_000;
