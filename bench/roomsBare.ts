/**
 * What rooms cost above the bare SceneMultiplayer, for `rooms.ts`: the same games in memory, either in rooms or each in a SceneMultiplayer
 * with a transport of its own. Arguments: `rooms` or `bare`; games; players of each; ticks. It prints one line of JSON: the CPU of all ticks in
 * microseconds, and the packets that the server sent in them. Time is virtual.
 */
import { setImmediate } from 'node:timers/promises';
import type { SceneMirror } from '../schema/index.ts';
import { GodotError, MultiplayerConnectionStatus, MultiplayerPeer, type TransferMode } from '../src/godot.ts';
import { sceneMultiplayerAccess } from '../src/multiplayer/internal.ts';
import { SceneMultiplayer } from '../src/multiplayer.ts';
import { type Player, Room, RoomServer } from '../src/rooms.ts';
import { Arena, ArenaPlayer, newMirror, TICK_HZ, TICK_MS } from './roomsGame.ts';

const [, , mode = 'rooms', gameCount = '200', playerCount = '8', tickCount = '400'] = process.argv;
let nowMs = 1000;
const runtime = {
  now: () => nowMs,
  random32: () => Math.floor(Math.random() * 2 ** 32),
  startTimer: () => ({ cancel: () => undefined }),
};

/** A server whose players are in this process. */
class MemoryServer extends MultiplayerPeer {
  packets = 0;
  readonly #players = new Map<number, ArenaPlayer>();

  constructor() {
    super({ random32: () => 1 });
  }

  /** A player connects. */
  join(id: number): ArenaPlayer {
    const send = (bytes: Uint8Array, how: TransferMode): void => {
      this.queuePacket({ bytes, from: id, channel: 0, mode: how });
    };
    const player = new ArenaPlayer(id, send, false, runtime);
    this.#players.set(id, player);
    this.emitSignal('peerConnected', id);
    player.connected();
    return player;
  }

  poll(): void {
    // Packets come by themselves.
  }

  close(): void {
    // Nothing is open.
  }

  disconnectPeer(id: number): void {
    throw new Error(`${id} was disconnected`);
  }

  getConnectionStatus(): MultiplayerConnectionStatus {
    return MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  }

  getUniqueId(): number {
    return 1;
  }

  isServer(): boolean {
    return true;
  }

  isServerRelaySupported(): boolean {
    return true;
  }

  protected override sendPacket(bytes: Uint8Array): GodotError {
    const target = this.targetPeer;
    for (const id of target > 0 ? [target] : this.#players.keys()) {
      if (id === -target) continue;
      this.packets++;
      // As ENet, one copy.
      this.#players.get(id)?.take(new Uint8Array(bytes), this.transferMode);
    }
    return GodotError.OK;
  }

  protected override get className(): string {
    return 'MemoryServer';
  }
}

const arenas: Arena[] = [];

class ArenaRoom extends Room {
  override maxPlayers = Number(playerCount);
  override tickHz = TICK_HZ;
  #arena: Arena | undefined;

  override makeMirror(): SceneMirror {
    return newMirror();
  }

  override onCreate(): void {
    this.#arena = new Arena(this.mirror, arenas.length);
    arenas.push(this.#arena);
  }

  override onJoin(player: Player): void {
    this.#arena?.add(player.peerId);
  }

  override onStep(delta: number): void {
    this.#arena?.step(delta);
  }
}

/** Games: their transports, and what makes a tick of all. */
interface Games {
  readonly servers: readonly MemoryServer[];
  tick(): void;
}

function inRooms(): Games {
  const server = new MemoryServer();
  const rooms = new RoomServer({ transport: server, entry: 'arena', maxRooms: 100_000, runtime });
  rooms.define('arena', ArenaRoom);
  return { servers: [server], tick: () => rooms.poll() };
}

function bare(): Games {
  const games = Array.from({ length: Number(gameCount) }, () => {
    const server = new MemoryServer();
    const mirror = newMirror();
    const multiplayer = new SceneMultiplayer({ mirror, runtime });
    const arena = new Arena(mirror, arenas.length);
    arenas.push(arena);
    multiplayer.on('peerConnected', (id) => arena.add(id));
    multiplayer.multiplayerPeer = server;
    return { server, multiplayer, mirror, arena };
  });
  return {
    servers: games.map(({ server }) => server),
    tick: () => {
      for (const { server, multiplayer, mirror, arena } of games) {
        sceneMultiplayerAccess.receive(multiplayer);
        arena.step(1 / TICK_HZ);
        mirror.process(1 / TICK_HZ);
        sceneMultiplayerAccess.send(multiplayer);
        server.flush();
      }
    },
  };
}

const games = mode === 'rooms' ? inRooms() : bare();
const players: ArenaPlayer[] = [];
const tick = (): void => {
  nowMs += TICK_MS;
  for (const player of players) player.tick();
  games.tick();
};
for (let id = 2; id < 2 + Number(gameCount) * Number(playerCount); id++) {
  const { servers } = games;
  const server = servers[Math.floor((id - 2) / Number(playerCount)) % servers.length];
  if (server !== undefined) players.push(server.join(id));
  await setImmediate();
}
for (let i = 0; i < 200 && !players.every(({ isIn }) => isIn); i++) {
  tick();
  await setImmediate();
}
if (!players.every(({ isIn }) => isIn)) throw new Error('not everybody is in');
if (arenas.length !== Number(gameCount)) throw new Error(`there are ${arenas.length} games`);
for (const player of players) player.isPlaying = true;
for (const arena of arenas) arena.isPlaying = true;
// Compiled before it is measured.
for (let i = 0; i < 100; i++) tick();
const before = games.servers.reduce((sum, { packets }) => sum + packets, 0);
let cpuUs = 0;
for (let i = 0; i < Number(tickCount); i++) {
  nowMs += TICK_MS;
  for (const player of players) player.tick();
  const start = process.cpuUsage();
  games.tick();
  const { user, system } = process.cpuUsage(start);
  cpuUs += user + system;
}
const packets = games.servers.reduce((sum, { packets: sent }) => sum + sent, 0) - before;
process.stdout.write(
  `${JSON.stringify({ cpuUs, packets, calls: arenas.reduce((sum, { calls }) => sum + calls, 0) })}\n`,
);
