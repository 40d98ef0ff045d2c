/** Two hosts in lockstep over a network that obeys a seed, with seeded traffic both ways. */
import { buildDatagram, type ParsedCommand, parseDatagram } from '../../src/enet/commands.ts';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import { TrafficSender } from '../interop/libenet/traffic.ts';
import type { LockstepHost } from './lockstep.ts';
import { type Direction, fateOf, type PathOptions } from './path.ts';

/** What happens in a run. */
export interface LockstepPlan {
  readonly seed: number;
  readonly path: PathOptions;
  /** Packets per second in each direction; must divide 1000. */
  readonly rate: number;
  /** How long packets are sent, in milliseconds of virtual time. */
  readonly sendingMs: number;
  /** Largest packet in bytes. */
  readonly maxSize: number;
  /** Until then nothing is lost or late and nothing sent but what the library sends by itself. */
  readonly graceMs: number;
  /** When everything is lost: pairs of beginning and end, in milliseconds. */
  readonly outagesMs: readonly (readonly [from: number, to: number])[];
  /** What the clocks of both hosts show at the beginning, u32. */
  readonly startMs: number;
}

/** Everything that one side did: one line each, with the time in front. */
export type Transcript = readonly string[];

/** Runs a plan from the first datagram to the end of the connection. */
export async function runLockstep(
  client: LockstepHost,
  server: LockstepHost,
  plan: LockstepPlan,
): Promise<Readonly<Record<'client' | 'server', Transcript>>> {
  const sides = {
    client: new Side(client, server, 'toServer', plan),
    server: new Side(server, client, 'toClient', plan),
  };
  client.connect(CHANNELS, 0xabcd);
  const limitMs = plan.graceMs + plan.sendingMs + SETTLE_MS;
  for (let ms = 0; ms < limitMs; ms += STEP_MS) {
    if (ms === limitMs - DISCONNECT_MS) client.disconnect(77);
    for (const side of [sides.client, sides.server]) await side.step(ms);
  }
  return { client: sides.client.transcript, server: sides.server.transcript };
}

/** One host, its traffic, and its way to the other. */
class Side {
  readonly transcript: string[] = [];
  readonly #host: LockstepHost;
  readonly #other: LockstepHost;
  readonly #direction: Direction;
  readonly #plan: LockstepPlan;
  readonly #way: { dueMs: number; bytes: Uint8Array }[] = [];
  readonly #acknowledged = new Set<string>();
  readonly #rangeCoder = createRangeCoder();
  #sender: TrafficSender | undefined;
  #datagrams = 0;

  constructor(host: LockstepHost, other: LockstepHost, direction: Direction, plan: LockstepPlan) {
    this.#host = host;
    this.#other = other;
    this.#direction = direction;
    this.#plan = plan;
  }

  async step(ms: number): Promise<void> {
    if (ms >= this.#plan.graceMs) this.#sender?.advance(ms);
    for (const line of await this.#host.service(this.#plan.startMs + ms)) {
      this.transcript.push(`${ms} ${line}`);
      if (line.startsWith('connect ')) this.#sender = this.#startTraffic(Math.max(ms, this.#plan.graceMs));
      if (line.startsWith('out ')) this.#post(ms, Buffer.from(line.slice(4), 'hex'));
    }
    this.#deliver(ms);
  }

  #startTraffic(ms: number): TrafficSender {
    const { seed, rate, maxSize, sendingMs } = this.#plan;
    return new TrafficSender(
      {
        seed: seed * 2 + (this.#direction === 'toServer' ? 0 : 1),
        channels: CHANNELS,
        minSize: 1,
        maxSize,
        rate,
        ms: sendingMs,
        isCorrupt: false,
        fragmentSize: 1364,
      },
      ms,
      (channel, bytes, flags) => {
        this.#host.send(channel, bytes, flags);
        return true;
      },
    );
  }

  #post(ms: number, bytes: Uint8Array): void {
    const { path, seed, graceMs, outagesMs } = this.#plan;
    const fate = ms < graceMs ? [path.delayMs] : fateOf(path, seed, this.#direction, this.#datagrams);
    const isOut = outagesMs.some(([from, to]) => ms >= from && ms < to);
    for (const delayMs of isOut ? [] : fate) {
      this.#way.push({ dueMs: ms + delayMs, bytes });
    }
    this.#datagrams++;
  }

  #deliver(ms: number): void {
    for (let i = 0; i < this.#way.length; i++) {
      const datagram = this.#way[i];
      if (datagram === undefined || datagram.dueMs > ms) continue;
      this.#way.splice(i, 1);
      i--;
      const bytes = this.#withoutRepeatedAcknowledges(datagram.bytes);
      if (bytes !== undefined) this.#other.receive(bytes);
    }
  }

  /**
   * libenet lets an acknowledgement that matches nothing steer its estimates, ours does not (enet-protocol W15). All
   * else being equal, this network lets each acknowledgement through once.
   */
  #withoutRepeatedAcknowledges(bytes: Uint8Array): Uint8Array | undefined {
    const parsed = parseDatagram(bytes, { decompress: (packed) => this.#unpack(packed) });
    if (parsed === undefined) throw new Error('a host sent an unreadable datagram');
    const commands = parsed.commands.filter((command) => this.#isNew(command));
    if (commands.length === parsed.commands.length) return bytes;
    return commands.length === 0 ? undefined : buildDatagram({ ...parsed, commands });
  }

  #isNew(command: ParsedCommand): boolean {
    if (command.name !== 'ACKNOWLEDGE') return true;
    const key = `${command.channel} ${command.receivedSeq}`;
    if (this.#acknowledged.has(key)) return false;
    this.#acknowledged.add(key);
    return true;
  }

  #unpack(packed: Uint8Array): Uint8Array | undefined {
    const output = new Uint8Array(4096);
    const length = this.#rangeCoder.decompress(packed, 0, packed.length, output, 0, output.length);
    return length === 0 ? undefined : output.subarray(0, length);
  }
}

const CHANNELS = 3;
const STEP_MS = 5;
/** Time for everything reliable to arrive, and for the end of the connection. */
const SETTLE_MS = 8_000;
const DISCONNECT_MS = 3_000;
