/**
 * One case of `serverAlone.ts` in a process of its own, compiled by tsc as it ships. Arguments: kind, peers, seconds. It
 * prints one line of JSON: microseconds of CPU per packet, the median of blocks; and the bytes of garbage that the server made
 * for a packet, the median of rounds, which no other load on the machine changes.
 */
import { type Address, type Datagram, EventType, Host, Packet, PacketFlag } from '../src/enet/index.ts';
import {
  COMMAND_MASK,
  COMMAND_SIZES,
  Command,
  FLAG_ACKNOWLEDGE,
  HEADER_SENT_TIME,
  PEER_ID_MASK,
} from '../src/enet/protocol.ts';

const [, , kind = '', peerText = '', secondsText = ''] = process.argv;
const peers = Number(peerText);
const SERVER: Address = { ip: '127.0.0.1', port: 999 };
const CLIENTS = Array.from(
  { length: peers },
  (_, slot): Address => ({ ip: `10.0.${slot >> 8}.${slot & 255}`, port: 1000 }),
);
const PACKET_BYTES = 32;
const ECHO_PACKETS = 4;
const ACKNOWLEDGE_BYTES = 8;
const RELIABLE_BYTES = 6;
/** CPU time between two figures: blocks are long enough to have collections of garbage in them. */
const BLOCK_US = 40_000;
/** The compiler of V8 comes first. */
const WARM_UP_US = 1_000_000;

let now = 1000;
let seed = 1;
const random32 = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed;
};
const server = new Host({ peerCount: peers, random32 });
/** What datagrams of the clients begin with, by the slot of the client. */
const words = new Uint16Array(peers);
/** Echo: the number that the next packet of each client has. */
const numbers = new Uint16Array(peers).fill(1);
/** What is on its way to the server, and of which slot. */
const toServer: Uint8Array[] = [];
const senders: number[] = [];
const memories: Uint8Array[][] = [];
connect();

if (kind === 'echo') for (let slot = 0; slot < peers; slot++) send(slot, new Uint8Array(0), 0, ECHO_PACKETS);
const blocks: number[] = [];
const garbages: number[] = [];
let used = 0;
let packets = 0;
let total = 0;
while (total < Number(secondsText) * 1e6 + WARM_UP_US) {
  const datagrams: Datagram[][] = [];
  const before = packets;
  const held = heapBytes();
  let start = cpuUs();
  if (kind === 'idle') {
    for (let i = 0; i < 1000; i++) server.service(now);
    packets += 1000;
  } else if (kind === 'echo') {
    packets += service(datagrams);
  } else {
    const flags = kind === 'reliable' ? PacketFlag.RELIABLE : PacketFlag.UNSEQUENCED;
    server.broadcast(0, new Packet(new Uint8Array(PACKET_BYTES), flags));
    server.flush(now);
    datagrams.push(server.drainOutbox());
    packets += peers;
  }
  used += cpuUs() - start;
  let garbage = heapBytes() - held;
  answer(datagrams, kind === 'echo');
  if (kind === 'echo') {
    now += 2;
  } else if (kind !== 'idle') {
    now += 25;
    const later: Datagram[][] = [];
    const heldLater = heapBytes();
    start = cpuUs();
    service(later);
    used += cpuUs() - start;
    garbage += heapBytes() - heldLater;
    answer(later, false);
    now += 25;
  }
  if (total > WARM_UP_US) garbages.push(garbage / (packets - before));
  if (used < BLOCK_US) continue;
  total += used;
  if (total > WARM_UP_US) blocks.push(used / packets);
  used = 0;
  packets = 0;
}
console.log(JSON.stringify({ us: middle(blocks), garbageBytes: middle(garbages) }));

function middle(numbers: number[]): number {
  numbers.sort((a, b) => a - b);
  return numbers[numbers.length >> 1] ?? Number.NaN;
}

function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Services the server until nothing is left; every packet goes back when it is an echo. */
function service(out: Datagram[][]): number {
  for (let i = 0; i < toServer.length; i++) {
    const bytes = toServer[i];
    const from = CLIENTS[senders[i] ?? 0];
    if (bytes !== undefined && from !== undefined) server.receive(bytes, from);
  }
  toServer.length = 0;
  senders.length = 0;
  let echoed = 0;
  for (let event = server.service(now); event !== undefined; event = server.service(now)) {
    if (event.type !== EventType.RECEIVE) continue;
    echoed++;
    if (!event.peer.send(event.channel, new Packet(event.bytes, event.flags))) throw new Error('not sent');
  }
  out.push(server.drainOutbox());
  return echoed;
}

/** Answers every command that wants it, as the clients would; for an echo with as many packets as before. */
function answer(batches: readonly (readonly Datagram[])[], isEcho: boolean): void {
  for (const batch of batches) {
    for (const { bytes } of batch) {
      const word = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      if ((word & HEADER_SENT_TIME) === 0) continue;
      let acks = 0;
      let echoed = 0;
      for (let at = 4; at < bytes.length; at += sizeAt(bytes, at)) {
        if (((bytes[at] ?? 0) & FLAG_ACKNOWLEDGE) !== 0) acks++;
        if (((bytes[at] ?? 0) & COMMAND_MASK) === Command.SEND_RELIABLE) echoed++;
      }
      send(word & PEER_ID_MASK, bytes, acks, isEcho ? echoed : 0);
    }
  }
}

function sizeAt(bytes: Uint8Array, at: number): number {
  const number = (bytes[at] ?? 0) & COMMAND_MASK;
  const hasPayload = number === Command.SEND_RELIABLE || number === Command.SEND_UNSEQUENCED;
  return (COMMAND_SIZES[number] ?? 0) + (hasPayload ? PACKET_BYTES : 0);
}

/** Puts a datagram of a client on its way: acknowledgements of what `of` has, and reliable packets. No garbage is made. */
function send(slot: number, of: Uint8Array, acks: number, count: number): void {
  const header = count > 0 ? 4 : 2;
  const out = memory(slot, header + acks * ACKNOWLEDGE_BYTES + count * (RELIABLE_BYTES + PACKET_BYTES));
  const word = (words[slot] ?? 0) | (count > 0 ? HEADER_SENT_TIME : 0);
  let at = putU16(out, 0, word);
  if (count > 0) at = putU16(out, at, now);
  for (let from = 4; acks > 0 && from < of.length; from += sizeAt(of, from)) {
    if (((of[from] ?? 0) & FLAG_ACKNOWLEDGE) === 0) continue;
    const number = ((of[from + 2] ?? 0) << 8) | (of[from + 3] ?? 0);
    at = putU16(out, at, (Command.ACKNOWLEDGE << 8) | (of[from + 1] ?? 0));
    at = putU16(out, putU16(out, at, number), number);
    at = putU16(out, at, ((of[2] ?? 0) << 8) | (of[3] ?? 0));
  }
  for (let i = 0; i < count; i++) {
    const number = numbers[slot] ?? 0;
    numbers[slot] = number + 1;
    at = putU16(out, at, (Command.SEND_RELIABLE | FLAG_ACKNOWLEDGE) << 8);
    at = putU16(out, putU16(out, at, number), PACKET_BYTES) + PACKET_BYTES;
  }
  toServer.push(out);
  senders.push(slot);
}

function putU16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
  return at + 2;
}

/** An array of a client that is used again for each datagram of this length. */
function memory(slot: number, length: number): Uint8Array {
  const ofSlot = memories[slot] ?? [];
  memories[slot] = ofSlot;
  const known = ofSlot[length];
  if (known !== undefined) return known;
  const made = new Uint8Array(length);
  ofSlot[length] = made;
  return made;
}

/** Connects all clients, which are one host, and leaves that behind. */
function connect(): void {
  const clients = new Host({ peerCount: peers, random32 });
  for (let i = 0; i < peers; i++) clients.connect(SERVER, 1, 0);
  for (let round = 0; round < 40; round++) {
    now += round < 20 ? 1 : 100;
    while (clients.service(now) !== undefined);
    for (const { bytes } of clients.drainOutbox()) {
      const word = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      // The first one is CONNECT: it knows no slot of the server yet, but tells its own, which will be the same.
      const slot =
        (word & PEER_ID_MASK) < peers ? word & PEER_ID_MASK : ((bytes[8] ?? 0) << 8) | (bytes[9] ?? 0);
      words[slot] = word & ~HEADER_SENT_TIME;
      toServer.push(bytes);
      senders.push(slot);
    }
    const answers: Datagram[][] = [];
    service(answers);
    for (const { bytes } of answers.flat()) clients.receive(bytes, SERVER);
  }
  if (server.connectedPeerCount !== peers) throw new Error('not all clients are connected');
}
