/**
 * Random traffic between hosts of the virtual network, with the promises of enet-protocol checked on the way:
 * reliable packets exactly once and in order, sequenced ones never out of order, unsequenced ones never twice,
 * everything intact.
 */
import {
  EventType,
  Host,
  type HostEvent,
  type HostOptions,
  Packet,
  PacketFlag,
  type Peer,
} from '../../src/enet.ts';
import type { AttachedHost } from '../../src/io/attachedHost.ts';
import { type LinkConditions, SimNetwork } from '../../src/testing.ts';
import { attached } from '../io/support.ts';

/** One packet of a plan. */
export interface PlannedPacket {
  /** Milliseconds after the connections are made. */
  readonly atMs: number;
  /** Which client, and whether it sends or receives. */
  readonly client: number;
  readonly isUpward: boolean;
  readonly channel: number;
  readonly flags: number;
  /** Bytes, at least {@link HEADER}. */
  readonly length: number;
}

/** A whole run. */
export interface Plan {
  readonly seed: number;
  readonly clients: number;
  readonly clockOffsetMs: number;
  readonly conditions: Partial<LinkConditions>;
  readonly host: Partial<HostOptions>;
  readonly packets: readonly PlannedPacket[];
}

/** What a run gives. */
export interface Outcome {
  /** One number over every datagram with its time: equal runs have equal ones. */
  readonly fingerprint: number;
  readonly datagrams: number;
  readonly delivered: number;
}

/** Bytes at the start of each packet that say which one it is. */
export const HEADER = 8;
/** Channels of every connection. */
export const CHANNELS = 3;
const LIMIT_MS = 600_000;
/** How long a path stays bad after the last packet. */
const BAD_MS = 10_000;

interface End {
  readonly host: Host;
  readonly port: AttachedHost;
}

/** What one direction of one connection has sent and got. */
class Direction {
  /** Reliable packets that were sent and have not arrived, per channel. */
  readonly expected: number[][] = Array.from({ length: CHANNELS }, () => []);
  /** Highest sequenced packet that has arrived, per channel. */
  readonly last: number[] = Array.from({ length: CHANNELS }, () => -1);
  readonly seen = new Set<number>();
  sent = 0;

  get isDone(): boolean {
    return this.expected.every((list) => list.length === 0);
  }
}

/** Carries out a plan. @throws Error with the seed when a promise is broken. */
export function runPlan(plan: Plan): Outcome {
  const network = new SimNetwork({ seed: plan.seed, clockOffsetMs: plan.clockOffsetMs, latencyMs: 5 });
  const run = new Run(network, plan);
  return run.finish();
}

class Run {
  readonly #network: SimNetwork;
  readonly #plan: Plan;
  readonly #server: End;
  readonly #clients: End[] = [];
  readonly #toServer: Peer[] = [];
  readonly #toClient: Peer[] = [];
  readonly #up: Direction[] = [];
  readonly #down: Direction[] = [];
  #fingerprint = 0;
  #datagrams = 0;
  #delivered = 0;

  constructor(network: SimNetwork, plan: Plan) {
    this.#network = network;
    this.#plan = plan;
    network.onDatagram(({ bytes, timeMs, fate }) => {
      this.#datagrams++;
      let h = (this.#fingerprint ^ Math.floor(timeMs * 16) ^ fate.length) >>> 0;
      for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
      this.#fingerprint = h;
    });
    this.#server = this.#open('10.0.0.1', plan.clients);
    for (let i = 0; i < plan.clients; i++) {
      const client = this.#open(`10.0.1.${i + 1}`, 1);
      this.#clients.push(client);
      const peer = client.host.connect(this.#server.port.localAddress, CHANNELS, i);
      if (peer === undefined) throw new Error('no slot');
      this.#toServer.push(peer);
      this.#up.push(new Direction());
      this.#down.push(new Direction());
      client.port.requestWake();
    }
    const isConnected = (): boolean =>
      this.#toClient.filter(Boolean).length === plan.clients &&
      this.#server.host.connectedPeerCount === plan.clients;
    network.runUntil(isConnected, 5000, 'every client is connected');
    // Bad paths shall not end connections here.
    for (const peer of [...this.#toServer, ...this.#toClient])
      peer.setTimeout(0x7fffffff, LIMIT_MS, LIMIT_MS);
    network.setLink('*', '*', plan.conditions);
  }

  finish(): Outcome {
    const network = this.#network;
    const start = network.time;
    for (const packet of [...this.#plan.packets].sort((a, b) => a.atMs - b.atMs)) {
      network.advance(Math.max(0, start + packet.atMs - network.time));
      this.#send(packet);
    }
    this.#checkBounds();
    const isDone = (): boolean => [...this.#up, ...this.#down].every((direction) => direction.isDone);
    // Timeouts double without end on a bad path, so it gets better in time.
    network.advance(BAD_MS);
    network.setLink('*', '*', { loss: 0, duplicate: 0, reorder: 0 });
    network.runUntil(isDone, LIMIT_MS, 'every reliable packet has arrived');
    // A last reliable packet per channel makes every unfinished unreliable one obsolete.
    for (let client = 0; client < this.#plan.clients; client++) {
      for (let channel = 0; channel < CHANNELS; channel++) {
        for (const isUpward of [true, false]) {
          this.#send({ atMs: 0, client, isUpward, channel, flags: PacketFlag.RELIABLE, length: HEADER });
        }
      }
    }
    network.runUntil(isDone, LIMIT_MS, 'the last packets have arrived');
    for (const [index, peer] of [...this.#toServer, ...this.#toClient].entries()) {
      network.runUntil(() => peer.outgoingBytes === 0, LIMIT_MS, `nothing is on its way from peer ${index}`);
      network.check(peer.waitingBytes === 0, `peer ${index} has ${peer.waitingBytes} bytes waiting`);
      network.check(peer.reliableBytesInTransit === 0, `peer ${index} has nothing in transit`);
    }
    this.#endAll();
    return { fingerprint: this.#fingerprint, datagrams: this.#datagrams, delivered: this.#delivered };
  }

  #endAll(): void {
    const network = this.#network;
    for (const [index, peer] of this.#toServer.entries()) {
      // Half of them say goodbye, the others vanish.
      if (index % 2 === 0) peer.disconnect(1, this.#clients[index]?.port.now() ?? 0);
      else peer.reset();
      this.#clients[index]?.port.drain();
    }
    for (const peer of this.#toClient) peer.setTimeout(0, 0, 0);
    for (const peer of this.#toServer) peer.setTimeout(0, 0, 0);
    const isFree = (): boolean =>
      [this.#server, ...this.#clients].every(({ host }) => [...host.peers()].length === 0);
    network.runUntil(isFree, 200_000, 'every slot is free again');
    network.advance(2000);
    for (const { host, port } of [this.#server, ...this.#clients]) {
      network.check(host.nextWakeup(port.now()) === undefined, 'a host without peers sleeps');
    }
  }

  #open(ip: string, peerCount: number): End {
    const runtime = this.#network.createRuntime(ip);
    const host = new Host({ ...this.#plan.host, peerCount, random32: () => runtime.random32() });
    const port = attached(runtime.attach(host, { port: 7000 }));
    const end = { host, port };
    port.setWakeListener(() => {
      for (let event = port.service(); event !== undefined; event = port.service()) this.#take(end, event);
    });
    return end;
  }

  #take(end: End, event: HostEvent): void {
    const isServer = end === this.#server;
    if (event.type === EventType.CONNECT) {
      if (isServer) this.#toClient[event.data] = event.peer;
      return;
    }
    if (event.type !== EventType.RECEIVE) return;
    this.#delivered++;
    const index = isServer ? this.#toClient.indexOf(event.peer) : this.#clients.indexOf(end);
    const direction = (isServer ? this.#up : this.#down)[index];
    if (direction === undefined) throw new Error('a packet of an unknown peer');
    this.#check(direction, event);
  }

  #check(direction: Direction, { bytes, channel, flags }: HostEvent): void {
    const network = this.#network;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    network.check(bytes.length >= HEADER, `a packet of ${bytes.length} bytes`);
    const number = view.getUint32(0);
    network.check(view.getUint32(4) === bytes.length, `packet ${number} has its length`);
    for (let i = HEADER; i < bytes.length; i++) {
      if (bytes[i] !== fill(number, i)) network.check(false, `byte ${i} of packet ${number} is intact`);
    }
    network.check(!direction.seen.has(number), `packet ${number} arrives once`);
    direction.seen.add(number);
    if (flags === PacketFlag.RELIABLE) {
      const next = direction.expected[channel]?.shift();
      network.check(next === number, `reliable packet ${next} of channel ${channel} is next, not ${number}`);
    }
    if (flags !== PacketFlag.UNSEQUENCED) {
      const last = direction.last[channel] ?? -1;
      network.check(number > last, `packet ${number} of channel ${channel} comes after ${last}`);
      direction.last[channel] = number;
    }
  }

  #send({ client, isUpward, channel, flags, length }: PlannedPacket): void {
    const peer = (isUpward ? this.#toServer : this.#toClient)[client];
    const direction = (isUpward ? this.#up : this.#down)[client];
    const end = isUpward ? this.#clients[client] : this.#server;
    if (peer === undefined || direction === undefined || end === undefined) throw new Error('no such client');
    const number = direction.sent++;
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, number);
    view.setUint32(4, length);
    for (let i = HEADER; i < length; i++) bytes[i] = fill(number, i);
    const fragmentSize = peer.mtuBytes - 28 - (this.#plan.host.checksum === undefined ? 0 : 4);
    const isReliable =
      (flags & PacketFlag.RELIABLE) !== 0 ||
      (length > fragmentSize && (flags & PacketFlag.UNRELIABLE_FRAGMENT) === 0);
    if (isReliable) direction.expected[channel]?.push(number);
    this.#network.check(peer.send(channel, new Packet(bytes, flags)), `packet ${number} is accepted`);
    end.port.requestWake();
  }

  #checkBounds(): void {
    for (const peer of [...this.#toServer, ...this.#toClient]) {
      const { throttle, throttleLimit, windowSizeBytes, reliableBytesInTransit, mtuBytes } = peer;
      this.#network.check(throttle >= 0 && throttle <= 32 && throttleLimit <= 32, 'the throttle is 0..32');
      this.#network.check(
        reliableBytesInTransit <= Math.max(windowSizeBytes, mtuBytes),
        `${reliableBytesInTransit} bytes in transit are within the window`,
      );
    }
  }
}

function fill(number: number, i: number): number {
  return (number * 31 + i * 7) & 0xff;
}
