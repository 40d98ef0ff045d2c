/**
 * Hosts on an explicit clock, for tests of single clauses of enet-protocol: every datagram is seen as hex, and each
 * can be dropped, repeated or delayed. Several hosts with lossy paths are the business of `SimNetwork`.
 */
import { type Address, EventType, Host, type HostEvent, type HostOptions } from '../../src/enet.ts';

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

/** One host of a {@link World}. */
export class Node {
  readonly host: Host;
  readonly address: Address;
  /** Everything that the host reported. */
  readonly events: HostEvent[] = [];
  /** Everything that the host sent. */
  readonly sent: Sent[] = [];
  readonly world: World;
  /** Decides about each datagram of this host; `undefined` lets all pass. */
  path: ((sent: Sent, index: number) => Fate) | undefined = undefined;

  constructor(world: World, address: Address, options: Partial<HostOptions>) {
    this.world = world;
    this.address = address;
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
      for (let copy = 0; copy < copies; copy++) this.world.carry(this, sent, delayMs);
    }
  }
}

interface OnTheWay {
  readonly due: number;
  readonly order: number;
  readonly from: Address;
  readonly to: Address;
  readonly bytes: Uint8Array;
}

/** A clock, hosts, and the datagrams between them. */
export class World {
  /** Host time of all hosts: u32 milliseconds. */
  now: number;
  readonly nodes: Node[] = [];
  #onTheWay: OnTheWay[] = [];
  #order = 0;
  #elapsed = 0;

  constructor(startMs = 1_000_000) {
    this.now = startMs >>> 0;
  }

  /** Adds a host. Its IP is `10.0.0.N`, its port 1000 + N. */
  add(options: Partial<HostOptions> = {}): Node {
    const number = this.nodes.length + 1;
    const node = new Node(this, { ip: `10.0.0.${number}`, port: 1000 + number }, options);
    this.nodes.push(node);
    return node;
  }

  carry(from: Node, sent: Sent, delayMs: number): void {
    this.#onTheWay.push({
      due: this.#elapsed + delayMs,
      order: this.#order++,
      from: from.address,
      to: sent.to,
      bytes: sent.bytes,
    });
  }

  /** Delivers what is due. */
  deliver(): void {
    const due = this.#onTheWay.filter((datagram) => datagram.due <= this.#elapsed);
    if (due.length === 0) return;
    this.#onTheWay = this.#onTheWay.filter((datagram) => datagram.due > this.#elapsed);
    due.sort((a, b) => a.due - b.due || a.order - b.order);
    for (const { to, from, bytes } of due) {
      this.nodes.find(({ address }) => address.ip === to.ip && address.port === to.port)?.feed(bytes, from);
    }
  }

  /** Milliseconds since the world began. */
  get elapsed(): number {
    return this.#elapsed;
  }

  /** Passes time without doing anything. */
  skip(ms: number): void {
    this.now = (this.now + ms) >>> 0;
    this.#elapsed += ms;
  }

  /** Services every host at every `stepMs` for `ms`, delivering what is due before each. */
  run(ms: number, stepMs = 1): void {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.skip(stepMs);
      this.step();
    }
  }

  /** Delivers and services once, without passing time. */
  step(): void {
    for (const node of this.nodes) {
      this.deliver();
      node.service();
    }
  }

  /** Steps until nothing is on its way. */
  settle(): void {
    for (let i = 0; i < 20; i++) this.step();
  }
}

/** What {@link connected} makes. */
export interface Pair {
  readonly world: World;
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
  const world = new World(options.startMs);
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
