/**
 * The server of the lobby: players log in by name, chat, and see each other move. The lowest player id is the host
 * and may kick.
 *
 * What travels (every packet is one that ENetPacketUtils makes):
 *
 * | direction | packet | content |
 * |---|---|---|
 * | to server | login Dictionary | `{ name }` |
 * | to server | event `chat` | `{ text }`; the host may say `/kick NAME` |
 * | to server | event `move`, channel 1, unreliable | `{ position: Vector2 }` |
 * | to client | event `welcome` | `{ id, name, players: [{ id, name }] }` |
 * | to client | event `refused` | `{ reason }`, then the server disconnects |
 * | to client | event `closing` | `{ seconds }` until the server stops |
 * | to client | event `operator_message` | `{ text }`: what somebody says on the page (main.ts) |
 * | to client | events `joined`, `left` | `{ id, name }`, `{ id, name, reason }` |
 * | to client | event `chat` | `{ id, name, text }` |
 * | to client | event `positions`, channel 1, unreliable, 20 times a second | `{ ids: PackedInt32Array, positions: PackedVector2Array }` |
 */
import { type Dictionary, PackedVector2Array, Vector2 } from 'godot-enet/codec';
import { type DrainResult, drain } from 'godot-enet/ops';
import { ENetServer, type ENetServerOptions, type ENetServerPeer } from 'godot-enet/server';

/** Channel of everything that must arrive. */
export const RELIABLE_CHANNEL = 0;
/** Channel of positions. */
export const POSITION_CHANNEL = 1;
/** How often positions are sent. */
export const POSITIONS_PER_SECOND = 20;

const MAX_PLAYERS = 64;
const MAX_NAME_LENGTH = 20;
const MAX_CHAT_LENGTH = 200;
const WORLD_SIZE = 10_000;

interface Player {
  readonly peer: ENetServerPeer;
  readonly name: string;
  position: Vector2;
  hasMoved: boolean;
}

/** A running lobby. */
export class Lobby {
  /** The server underneath. */
  readonly server: ENetServer;
  readonly #players = new Map<number, Player>();
  readonly #log: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param log takes one line for everything that happens. */
  constructor(log: (line: string) => void, options: ENetServerOptions = {}) {
    this.#log = log;
    this.server = new ENetServer(options);
    this.server.setAuthenticationMode(ENetServer.AUTH_PRELOGIN_ONLY);
    this.server.on('peerPrelogin', (peer, login) => this.#login(peer, login));
    this.server.on('peerAuthenticated', (peer) => this.#join(peer));
    this.server.on('peerDisconnected', (peer, reason) => this.#leave(peer, reason));
    this.server.registerEvent('chat', (peer, payload) => this.#chat(peer, payload));
    this.server.registerEvent('move', (peer, payload) => this.#move(peer, payload));
  }

  /** Starts to listen. @returns Godot's error number, 0 when it runs. */
  start(port: number): number {
    const error = this.server.createServer(port, MAX_PLAYERS, 2);
    if (error === 0) this.#timer = setInterval(() => this.#sendPositions(), 1000 / POSITIONS_PER_SECOND);
    return error;
  }

  /**
   * Takes no new players, tells the others with the event `closing`, waits until they have left, at most `timeoutMs`, and
   * stops.
   */
  async drain(timeoutMs: number): Promise<DrainResult> {
    const event = { name: 'closing', payload: { seconds: Math.ceil(timeoutMs / 1000) } };
    const result = await drain(this.server, { timeoutMs, event });
    clearInterval(this.#timer);
    return result;
  }

  /** Tells every client and stops. */
  stop(): void {
    clearInterval(this.#timer);
    this.server.stopServer();
  }

  #login(peer: ENetServerPeer, login: Dictionary): void {
    const name = login.get('name');
    const refusal = this.#refusal(name);
    if (refusal !== undefined || typeof name !== 'string') {
      this.server.triggerEvent(peer.peerId, 'refused', { reason: refusal ?? '' });
      peer.reject(refusal ?? '');
      return;
    }
    this.#players.set(peer.peerId, { peer, name, position: new Vector2(0, 0), hasMoved: false });
    peer.authenticate();
  }

  #refusal(name: unknown): string | undefined {
    if (typeof name !== 'string' || name.trim() === '') return 'A login needs a name.';
    if (name.length > MAX_NAME_LENGTH) return `A name has ${MAX_NAME_LENGTH} characters at most.`;
    for (const player of this.#players.values()) {
      if (player.name === name) return `The name ${name} is taken.`;
    }
    return undefined;
  }

  #join(peer: ENetServerPeer): void {
    const player = this.#players.get(peer.peerId);
    if (player === undefined) return;
    this.#log(`${player.name} joined from ${peer.remoteAddress}:${peer.remotePort} as player ${peer.peerId}`);
    const others = [...this.#players.values()].filter((other) => other !== player);
    this.server.triggerEvent(peer.peerId, 'welcome', {
      id: peer.peerId,
      name: player.name,
      players: others.map((other) => ({ id: other.peer.peerId, name: other.name })),
    });
    const joined = { id: peer.peerId, name: player.name };
    this.server.triggerEventToAll('joined', joined, RELIABLE_CHANNEL, true, [peer.peerId]);
  }

  #leave(peer: ENetServerPeer, reason: string): void {
    const player = this.#players.get(peer.peerId);
    if (player === undefined || player.peer !== peer) return;
    this.#players.delete(peer.peerId);
    this.#log(`${player.name} left: ${reason}`);
    this.server.triggerEventToAll('left', { id: peer.peerId, name: player.name, reason });
  }

  #chat(peer: ENetServerPeer, payload: Dictionary): void {
    const player = this.#players.get(peer.peerId);
    const text = payload.get('text');
    if (player === undefined || typeof text !== 'string' || text.length > MAX_CHAT_LENGTH) return;
    const kick = /^\/kick (.+)$/.exec(text);
    if (kick?.[1] !== undefined) {
      this.#kick(player, kick[1]);
      return;
    }
    this.#log(`${player.name}: ${text}`);
    this.server.triggerEventToAll('chat', { id: peer.peerId, name: player.name, text });
  }

  #kick(by: Player, name: string): void {
    const target = [...this.#players.values()].find((player) => player.name === name);
    const hostId = Math.min(...this.#players.keys());
    if (by.peer.peerId !== hostId || target === undefined) {
      const text = target === undefined ? `Nobody here is called ${name}.` : 'Only the host may kick.';
      this.server.triggerEvent(by.peer.peerId, 'chat', { id: 0, name: 'lobby', text });
      return;
    }
    this.#log(`${by.name} kicks ${name}`);
    const text = `You were kicked by ${by.name}.`;
    this.server.triggerEvent(target.peer.peerId, 'chat', { id: 0, name: 'lobby', text });
    this.server.kickPeer(target.peer.peerId, `kicked by ${by.name}`);
  }

  #move(peer: ENetServerPeer, payload: Dictionary): void {
    const player = this.#players.get(peer.peerId);
    const position = payload.get('position');
    if (player === undefined || !(position instanceof Vector2)) return;
    if (!(Math.abs(position.x) <= WORLD_SIZE && Math.abs(position.y) <= WORLD_SIZE)) return;
    player.position = position;
    player.hasMoved = true;
  }

  #sendPositions(): void {
    const moved = [...this.#players.values()].filter((player) => player.hasMoved);
    if (moved.length === 0) return;
    const payload = {
      ids: Int32Array.from(moved, (player) => player.peer.peerId),
      positions: new PackedVector2Array(moved.map((player) => player.position)),
    };
    this.server.triggerEventToAll('positions', payload, POSITION_CHANNEL, false);
    for (const player of moved) player.hasMoved = false;
  }
}
