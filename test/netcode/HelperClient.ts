/** `examples/netcode/godot/network_time.gd` in TypeScript, for clients of ours: the same names, the same steps. */
import type { VariantValue } from '../../codec/index.ts';
import type { MirrorNode } from '../../schema/index.ts';
import { NETWORK_TIME_RPCS, NodeScript } from '../../src/multiplayer.ts';

const ASK_SEC = 0.25;
const FIRST_ASK_SEC = 0.05;
const SAMPLES = 16;
const REPEATED = 4;

/** The script of a client's node. */
export class HelperScript extends NodeScript {
  static override readonly path = 'res://network_time.gd';
  static override readonly rpcs = NETWORK_TIME_RPCS;
}

/** The helper of one client. */
export class HelperClient {
  followsTicks = true;
  appliedTick = -1;
  sequence = 0;
  acknowledged = 0;
  offsetMs = 0;
  roundTripMs = -1;
  /** Whether inputs and questions leave; a game that has stopped sends nothing. */
  isOn = true;
  readonly #node: MirrorNode;
  readonly #now: () => number;
  #waitSec = 0;
  #trips: number[] = [];
  #offsets: number[] = [];
  #strange = 0;
  #serverMs = -1;
  #heardMs = 0;
  #tick = 0;
  #tickHz = 0;
  readonly #inputs: VariantValue[] = [];
  readonly #ticks: number[] = [];

  /** @param now the client's own clock, whatever it says. */
  constructor(node: MirrorNode, now: () => number) {
    this.#node = node;
    this.#now = now;
    node.onRpc('tell_tick', (_: number, tick: number, acknowledged: number) => {
      if (this.followsTicks) this.applied(tick);
      this.acknowledged = Math.max(this.acknowledged, acknowledged);
    });
    node.onRpc('tell_time', (_: number, clientMs: number, serverMs: number, tick: number, tickHz: number) =>
      this.#told(clientMs, serverMs, tick, tickHz),
    );
  }

  sendInput(input: VariantValue, tick: number = this.appliedTick): number {
    this.sequence++;
    this.#inputs.push(input);
    this.#ticks.push(tick);
    if (this.#inputs.length > REPEATED) {
      this.#inputs.shift();
      this.#ticks.shift();
    }
    if (this.isOn)
      this.#node.rpcId(1, 'take_inputs', this.sequence, Float64Array.from(this.#ticks), [...this.#inputs]);
    return this.sequence;
  }

  applied(tick: number): void {
    this.appliedTick = Math.max(this.appliedTick, tick);
  }

  serverMs(): number {
    return this.#now() + this.offsetMs;
  }

  tickNow(): number {
    return this.#tick + ((this.serverMs() - this.#serverMs) * this.#tickHz) / 1000;
  }

  process(delta: number): void {
    this.#waitSec -= delta;
    if (!this.isOn || this.#waitSec > 0) return;
    this.#waitSec = this.#trips.length >= 8 ? ASK_SEC : FIRST_ASK_SEC;
    const now = Math.trunc(this.#now());
    this.#node.rpcId(1, 'ask_time', now, this.#serverMs, now - this.#heardMs);
  }

  #told(clientMs: number, serverMs: number, tick: number, tickHz: number): void {
    const now = Math.trunc(this.#now());
    if (serverMs < this.#serverMs) return;
    this.#serverMs = serverMs;
    this.#heardMs = now;
    this.#tick = tick;
    this.#tickHz = tickHz;
    this.#addSample(now - clientMs, serverMs + (now - clientMs) / 2 - now);
  }

  #addSample(trip: number, offset: number): void {
    const best = this.#trips.indexOf(Math.min(...this.#trips));
    if (
      best >= 0 &&
      Math.abs(offset - (this.#offsets[best] ?? 0)) > (trip + (this.#trips[best] ?? 0)) / 2 + 5
    ) {
      if (++this.#strange < 2) return;
      this.#trips = [];
      this.#offsets = [];
    }
    this.#strange = 0;
    this.#trips.push(trip);
    this.#offsets.push(offset);
    if (this.#trips.length > SAMPLES) {
      this.#trips.shift();
      this.#offsets.shift();
    }
    this.offsetMs = this.#offsets[this.#trips.indexOf(Math.min(...this.#trips))] ?? 0;
    this.roundTripMs = this.#trips.toSorted((a, b) => a - b)[this.#trips.length >> 1] ?? -1;
  }
}
