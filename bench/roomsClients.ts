/**
 * The players of `rooms.ts`, in a process of their own. Arguments: the port; how many; `live` for real clients all the time, `repeat` for
 * ones that repeat their packets once they are in, `echo` for packets of one size to a server that sends them back; that size.
 *
 * A hundred share a socket with an address of its own, so that the system costs less; the server sees as many peers. It answers each line of
 * its input with a line of JSON: `connect N` lets so many connect, `in` says how many are in, `play` lets them send. It ends with its input.
 */
import { createInterface } from 'node:readline';
import { EventType, Host, Packet, PacketFlag, type Peer } from '../src/enet/index.ts';
import { createNodeRuntime } from '../src/node/nodeRuntime.ts';
import { ArenaPlayer, TICK_MS } from './roomsGame.ts';

const [, , port = '0', count = '1', mode = 'repeat', size = '0'] = process.argv;

/** Whoever plays over a connection. */
interface Seat {
  readonly isIn: boolean;
  isPlaying: boolean;
  tick(): void;
  take(bytes: Uint8Array, mode: 0 | 2): void;
}

const PER_SOCKET = 100;
/** Turns in a tick: not everybody sends at once. */
const TURNS = 10;
/** Connections that begin in a turn. */
const CONNECTS = 4;
const runtime = createNodeRuntime();
const seats: Seat[] = [];
let received = 0;
let lost = 0;

const sockets = Array.from({ length: Math.ceil(Number(count) / PER_SOCKET) }, (_, number) => {
  const host = new Host({ peerCount: PER_SOCKET, random32: () => runtime.random32() });
  const socket = runtime.attach(host, { ip: `127.0.1.${number + 1}` });
  if ('code' in socket) throw new Error(socket.message);
  const byPeer = new Map<Peer, { readonly id: number; seat?: Seat }>();
  socket.setWakeListener(() => {
    for (let event = socket.service(); event !== undefined; event = socket.service()) {
      const entry = byPeer.get(event.peer);
      if (event.type === EventType.CONNECT && entry !== undefined) {
        entry.seat = newSeat(event.peer, entry.id);
        seats.push(entry.seat);
      }
      if (event.type === EventType.DISCONNECT) lost++;
      if (event.type !== EventType.RECEIVE) continue;
      received++;
      entry?.seat?.take(event.bytes, (event.flags & PacketFlag.RELIABLE) === 0 ? 0 : 2);
    }
  });
  return {
    socket,
    connect: (id: number): void => {
      // As stock clients: all channels, and an id.
      const peer = host.connect({ ip: '127.0.0.1', port: Number(port) }, 255, id);
      if (peer === undefined) throw new Error('there is no slot');
      byPeer.set(peer, { id });
    },
  };
});

function newSeat(peer: Peer, id: number): Seat {
  if (mode === 'echo') {
    const bytes = new Uint8Array(Number(size));
    const seat: Seat = {
      isIn: true,
      isPlaying: false,
      take: () => undefined,
      tick: () => {
        if (seat.isPlaying) peer.send(1, new Packet(bytes, UNRELIABLE));
      },
    };
    return seat;
  }
  const send = (bytes: Uint8Array, how: number): void => {
    peer.send(how === 2 ? 0 : 1, new Packet(bytes, how === 2 ? PacketFlag.RELIABLE : UNRELIABLE));
  };
  const player = new ArenaPlayer(id, send, mode === 'live');
  player.connected();
  return player;
}

const UNRELIABLE = PacketFlag.UNSEQUENCED | PacketFlag.UNRELIABLE_FRAGMENT;
const MAX_TURNS = 3 * TURNS;
let connecting = 0;
let wanted = 0;
let turn = 0;
let owed = 0;
let last = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  owed = Math.min(MAX_TURNS, owed + ((now - last) * TURNS) / TICK_MS);
  last = now;
  for (; owed >= 1; owed--, turn++) {
    for (let i = 0; i < CONNECTS && connecting < wanted; i++, connecting++)
      sockets[Math.floor(connecting / PER_SOCKET)]?.connect(connecting + 2);
    for (let i = turn % TURNS; i < seats.length; i += TURNS) seats[i]?.tick();
  }
  for (const { socket } of sockets) socket.flush();
}, TICK_MS / TURNS);

console.log('{}');
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [verb, number] = line.split(' ');
  if (verb === 'connect') wanted = Math.min(Number(number), Number(count));
  if (verb === 'play') for (const seat of seats) seat.isPlaying = true;
  const { user, system } = process.cpuUsage();
  const isIn = seats.filter((seat) => seat.isIn).length;
  console.log(JSON.stringify({ in: isIn, received, lost, cpuUs: user + system }));
});
input.on('close', () => {
  clearInterval(timer);
  for (const { socket } of sockets) socket.close();
});
