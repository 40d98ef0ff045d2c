/**
 * Bare hosts on the virtual network, for tests of single clauses of enet-protocol: every datagram is seen as hex, each can
 * be dropped, repeated or delayed, and hosts are serviced when a test says so.
 */
import { type Address, EventType, Host, type HostEvent, type HostOptions } from '../../src/enet.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';
import type { SimSocket } from '../../src/testing/SimSocket.ts';
import { World } from '../support/world.ts';

/** A datagram that a host sent. */
export class Sent {
  /** Host time at which it was sent, in milliseconds. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly to: Address;
  #hex: string | undefined = undefined;

  constructor(at: number, bytes: Uint8Array, to: Address) {
    this.at = at;
    this.bytes = bytes;
    this.to = to;
  }

  get hex(): string {
    this.#hex ??= toHex(this.bytes);
    return this.#hex;
  }
}

/** What the path does to one datagram: how often and how late it arrives. */
export interface Fate {
  /** Copies that arrive; 0 = lost. Default 1. */
  readonly copies?: number;
  /** Milliseconds on the way. Default 0: it arrives with the next step of the receiver. */
  readonly delayMs?: number;
}

/** One host of a {@link HostWorld}. */
export class Node {
  readonly host: Host;
  readonly address: Address;
  /** Everything that the host reported. */
  readonly events: HostEvent[] = [];
  /** Everything that the host sent. */
  readonly sent: Sent[] = [];
  readonly world: HostWorld;
  /** Decides about each datagram of this host; `undefined` lets all pass. */
  path: ((sent: Sent, index: number) => Fate) | undefined = undefined;
  readonly #runtime: SimRuntime;
  readonly #socket: SimSocket;

  constructor(world: HostWorld, address: Address, options: Partial<HostOptions>) {
    this.world = world;
    this.address = address;
    this.#runtime = world.net.createRuntime(address.ip);
    const socket = world.net.bind(address.ip, { port: address.port }, () => {
      this.#socket.receive(1, { receive: (bytes, from) => this.feed(bytes, from) });
    });
    if ('code' in socket) throw new Error(socket.message);
    this.#socket = socket;
    this.host = new Host({
      peerCount: 4,
      random32: () => 0x44332211,
      // As C ENet, so that datagrams can be compared with recorded ones.
      verifyTime: (now) => now,
      ...options,
    });
  }

  /** Hex of everything that was sent, in order. */
  get hex(): string[] {
    return this.sent.map((sent) => sent.hex);
  }

  /** Times of everything that was sent, relative to `from`. */
  times(from = 0): number[] {
    return this.sent.map((sent) => sent.at - from);
  }

  /** Payloads of the RECEIVE events as text. */
  get texts(): string[] {
    return this.events.filter((e) => e.type === EventType.RECEIVE).map((e) => text(e.bytes));
  }

  /** Kinds and data of the events, e.g. `"CONNECT 7"`; RECEIVE with its channel and flags. */
  get log(): string[] {
    return this.events.map((e) =>
      e.type === EventType.RECEIVE
        ? `RECEIVE ${e.channel} ${e.flags} ${text(e.bytes)}`
        : `${e.type === EventType.CONNECT ? 'CONNECT' : 'DISCONNECT'} ${e.data}`,
    );
  }

  /** Forgets what was sent and reported so far. */
  clear(): void {
    this.events.length = 0;
    this.sent.length = 0;
  }

  /** Puts raw bytes into the inbox. */
  feed(bytesOrHex: Uint8Array | string, from: Address): void {
    this.host.receive(typeof bytesOrHex === 'string' ? hex(bytesOrHex) : bytesOrHex, from);
  }

  /** Calls `service` until it has no event left, and sends what came of it. */
  service(): HostEvent[] {
    const first = this.events.length;
    const { now } = this.world;
    for (let event = this.host.service(now); event !== undefined; event = this.host.service(now)) {
      this.events.push(event);
    }
    this.drain();
    return this.events.slice(first);
  }

  /** `flush` and drain. */
  flush(): void {
    this.host.flush(this.world.now);
    this.drain();
  }

  /** Takes the outbox and puts it on its way. */
  drain(): void {
    for (const { bytes, to } of this.host.drainOutbox()) {
      const sent = new Sent(this.world.now, bytes, to);
      this.sent.push(sent);
      const { copies = 1, delayMs = 0 } = this.path?.(sent, this.sent.length - 1) ?? {};
      const send = (): void => this.#socket.send([{ bytes, to }]);
      for (let copy = 0; copy < copies; copy++) {
        if (delayMs === 0) send();
        else this.#runtime.startTimer(delayMs, send);
      }
    }
  }

  /** Takes what has arrived, and services. */
  tick(): void {
    this.world.deliver();
    this.service();
  }
}

/** A world of hosts, which are serviced every millisecond of {@link World.run}. What is sent arrives without latency. */
export class HostWorld extends World<Node> {
  /** @param startMs the time of all hosts in the beginning. */
  constructor(startMs = 1_000_000) {
    super({ latencyMs: 0, clockOffsetMs: startMs }, 1);
  }

  /** Host time of all hosts: u32 milliseconds. */
  get now(): number {
    return (this.net.clockOffsetMs + this.elapsed) >>> 0;
  }

  /** Milliseconds since the world began. */
  get elapsed(): number {
    return this.net.time;
  }

  /** Adds a host. Its IP is `10.0.0.N`, its port 1000 + N. */
  add(options: Partial<HostOptions> = {}): Node {
    const address = { ip: this.nextIp(), port: 1001 + this.members.length };
    return this.join(new Node(this, address, options));
  }

  /** Delivers what is due. */
  deliver(): void {
    this.net.advance(0);
  }

  /** Passes time without servicing anybody. */
  skip(ms: number): void {
    this.net.advance(ms);
  }

  /** Delivers and services once, without passing time. */
  step(): void {
    this.tick();
  }

  /** Steps until nothing is on its way. */
  settle(): void {
    for (let i = 0; i < 20; i++) this.step();
  }
}

/** What {@link connected} makes. */
export interface Pair {
  readonly world: HostWorld;
  readonly server: Node;
  readonly client: Node;
  /** The server, as the client sees it. */
  readonly toServer: import('../../src/enet.ts').Peer;
  /** The client, as the server sees it. */
  readonly toClient: import('../../src/enet.ts').Peer;
}

/** A client and a server that are connected, with quiet wires and empty records. */
export function connected(
  options: {
    readonly client?: Partial<HostOptions>;
    readonly server?: Partial<HostOptions>;
    readonly channels?: number;
    readonly startMs?: number;
  } = {},
): Pair {
  const world = new HostWorld(options.startMs);
  const server = world.add(options.server);
  const client = world.add(options.client);
  const toServer = client.host.connect(server.address, options.channels ?? 2, 7);
  if (toServer === undefined) throw new Error('no slot');
  world.step();
  world.settle();
  const toClient = server.events[0]?.peer;
  if (toClient === undefined) throw new Error('the server saw no connection');
  world.run(1100);
  world.settle();
  server.clear();
  client.clear();
  return { world, server, client, toServer, toClient };
}

/** Bytes of a hex text; blanks are ignored. */
export function hex(text_: string): Uint8Array {
  const clean = text_.replaceAll(/\s/g, '');
  const bytes = new Uint8Array(clean.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(clean.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Hex text of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => HEX[byte]).join('');
}

/** Hex of an unsigned number in `size` bytes, big-endian. */
export function be(value: number, size: number): string {
  return value
    .toString(16)
    .padStart(2 * size, '0')
    .slice(-2 * size);
}

/** UTF-8 bytes. */
export function bytes(text_: string): Uint8Array {
  return new TextEncoder().encode(text_);
}

/** Text of UTF-8 bytes. */
export function text(bytes_: Uint8Array): string {
  return new TextDecoder().decode(bytes_);
}
