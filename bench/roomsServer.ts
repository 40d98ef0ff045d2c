/**
 * The server of `rooms.ts`: rooms over ENet. Arguments: `dgram` or `mmsg`; how many players a room gets.
 *
 * It prints one line of JSON with its port, and answers each line of its input with one: `rooms N` makes rooms, `play` lets them move,
 * `moves N` moves players to other rooms, `usage` and `memory` say what was used. It ends with its input.
 */
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { SceneMirror } from '../schema/index.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { createNodeRuntime, type NodeTransport } from '../src/node/nodeRuntime.ts';
import { type Player, Room, RoomServer } from '../src/rooms.ts';
import { Arena, newMirror, TICK_HZ } from './roomsGame.ts';

const [, , transport = 'dgram', perRoom = '8'] = process.argv;
const playersPerRoom = Number(perRoom);
let ticks = 0;
let polls = 0;
let made = 0;

class ArenaRoom extends Room {
  override maxPlayers = 2 * playersPerRoom;
  override tickHz = TICK_HZ;
  override endsWhenEmpty = false;
  readonly number: number = made++;
  #arena: Arena | undefined;

  get arena(): Arena {
    this.#arena ??= new Arena(this.mirror, this.number);
    return this.#arena;
  }

  override makeMirror(): SceneMirror {
    return newMirror();
  }

  override onCreate(): void {
    this.arena.isPlaying = false;
  }

  override onJoin(player: Player): void {
    this.arena.add(player.peerId);
  }

  override onLeave(player: Player): void {
    this.arena.remove(player.peerId);
  }

  override onStep(delta: number): void {
    ticks++;
    this.arena.step(delta);
  }
}

const runtime = createNodeRuntime({ transport: transport as NodeTransport });
const peer = new ENetMultiplayerPeer({ runtime });
peer.setBindIp('127.0.0.1');
const error = peer.createServer(0, 4095);
if (error !== 0) throw new Error(`createServer gave ${error}`);
const all: ArenaRoom[] = [];
let came = 0;
const rooms = new RoomServer({
  transport: peer,
  maxRooms: 100_000,
  runtime,
  entry: () => all[Math.floor(came++ / playersPerRoom) % all.length] ?? '',
});
rooms.define('arena', ArenaRoom);
const poll = rooms.poll.bind(rooms);
rooms.poll = () => {
  polls++;
  poll();
};
rooms.start();

async function makeRooms(count: number): Promise<object> {
  for (let i = 0; i < count; i++) {
    all.push((await rooms.create('arena')) as ArenaRoom);
    // As they do in life, they begin at any time.
    await setTimeout(1);
  }
  return {};
}

function play(): object {
  for (const { arena } of all) arena.isPlaying = true;
  return {};
}

/** Each player goes to the next room, as often as it takes; a hundred at once, so that their clients can keep up. */
async function move(count: number): Promise<object> {
  const before = usage();
  const { players } = rooms;
  for (let i = 0; i < count; ) {
    const moves: Promise<void>[] = [];
    for (let j = 0; j < 100 && i < count; j++, i++) {
      const player = players[i % players.length];
      const to = player?.room instanceof ArenaRoom ? all[(player.room.number + 1) % all.length] : undefined;
      if (player !== undefined && to !== undefined) moves.push(player.moveTo(to));
    }
    await Promise.all(moves);
    await setTimeout(100);
  }
  const after = usage();
  return { moves: count, cpuUs: after.cpuUs - before.cpuUs, ms: after.ms - before.ms };
}

function usage(): Readonly<Record<string, number>> & { readonly cpuUs: number; readonly ms: number } {
  const { user, system } = process.cpuUsage();
  const { datagramsReceived, datagramsSent, datagramBytesSent } = peer.ops.metrics();
  const late = all.map((room) => room.lateness());
  const sorted = (key: 'p50Ms' | 'p99Ms'): number[] => late.map((one) => one[key]).sort((a, b) => a - b);
  return {
    cpuUs: user + system,
    ms: performance.now(),
    ticks,
    polls,
    calls: all.reduce((sum, { arena }) => sum + arena.calls, 0),
    datagramsReceived,
    datagramsSent,
    bytesSent: datagramBytesSent,
    lateP50Ms: sorted('p50Ms')[all.length >> 1] ?? 0,
    lateP99Ms: sorted('p99Ms')[all.length >> 1] ?? 0,
    lateWorstP99Ms: sorted('p99Ms').at(-1) ?? 0,
    skippedTicks: rooms.metrics().skippedTicks,
  };
}

/** After a collection, where `--expose-gc` was given. */
function memory(): object {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heldBytes: heapUsed + external };
}

async function answer(line: string): Promise<object> {
  const [verb, count] = line.split(' ');
  if (verb === 'rooms') return makeRooms(Number(count));
  if (verb === 'play') return play();
  if (verb === 'moves') return move(Number(count));
  if (verb === 'memory') return memory();
  return usage();
}

console.log(JSON.stringify({ port: peer.getLocalPort() }));
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  void answer(line).then((result) => console.log(JSON.stringify(result)));
});
input.on('close', () => {
  void rooms.close();
});
