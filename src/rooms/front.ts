/** Where connections authenticate before they are players: what `auth` is asked, and what it answers. */
import { SceneMirror } from '../../schema/index.ts';
import { GodotError, godotErrorName, type TransportPeer } from '../godot/index.ts';
import { describe } from '../godot/internal.ts';
import { SceneMultiplayer } from '../multiplayer/index.ts';
import { sceneMultiplayerAccess } from '../multiplayer/internal.ts';
import type { Login } from './players.ts';
import { RoomLane } from './RoomLane.ts';
import type { RoomsContext } from './roomsContext.ts';
import type { Switchboard } from './Switchboard.ts';

/** What a client has sent with `send_auth`. */
export interface AuthRequest {
  /** The bytes. */
  readonly data: Uint8Array;
  /** The bytes as UTF-8; bytes that are none are U+FFFD. */
  readonly text: string;
  /** Its connection. */
  readonly peerId: number;
  /** What is known of it. */
  readonly connection: TransportPeer | undefined;
  /** Sends something back, which the `auth_callback` of the client gets: a token, why it is refused. Text as UTF-8. */
  reply(data: Uint8Array | string): void;
}

/** Who somebody is. @returns false to refuse; `undefined` when more is to come. */
export type Authenticate = (
  request: AuthRequest,
) => Login | false | undefined | Promise<Login | false | undefined>;

/** Whose ticket of another node it is. @returns false for one that is no good; `undefined` for what is no ticket. */
export type TicketReader = (text: string) => Promise<Login | false> | undefined;

/** What the front needs of its server. */
export interface FrontOwner {
  readonly context: RoomsContext;
  readonly switchboard: Switchboard;
  /** Somebody is let in. @returns why not; `undefined` when it is a player now. */
  login(peerId: number, login: Login): string | undefined;
}

/** One who is being asked about. */
interface Asked {
  /** What it has sent and nobody was asked about, at most `maxAuthBytes` of it. */
  readonly waiting: Uint8Array[];
  /** Whether an answer is waited for. */
  isBusy: boolean;
}

/** The connections that are not players yet. */
export class Front {
  readonly #owner: FrontOwner;
  readonly #authenticate: Authenticate;
  readonly #lane: RoomLane;
  readonly #multiplayer: SceneMultiplayer;
  /** Who is being asked about. */
  readonly #asked = new Map<number, Asked>();
  /** Who they are, of those who wait for the client to be done, too. */
  readonly #logins = new Map<number, Login>();

  constructor(owner: FrontOwner, authenticate: Authenticate, timeoutSec: number, maxBytes: number) {
    const { context, switchboard } = owner;
    this.#owner = owner;
    this.#authenticate = authenticate;
    this.#lane = new RoomLane(switchboard, (line) => context.trace(`auth: ${line}`));
    this.#multiplayer = new SceneMultiplayer({
      mirror: new SceneMirror(),
      serverRelay: false,
      // The rooms ask for it.
      dialect: '4.6',
      authTimeout: timeoutSec,
      maxAuthBytes: maxBytes,
      runtime: context.runtime,
      onTrace: (line) => context.trace(`auth: ${line}`),
      onError: context.report,
    });
    this.#multiplayer.authCallback = (peerId, data) => this.#received(peerId, data);
    this.#multiplayer.on('peerConnected', (peerId) => this.#admitted(peerId));
    this.#multiplayer.on('peerAuthenticationFailed', (peerId) => this.#forget(peerId));
    this.#multiplayer.multiplayerPeer = this.#lane;
  }

  /** Set: is asked first. */
  tickets: TicketReader | undefined;

  /** A connection is to authenticate. */
  add(peerId: number): void {
    this.#owner.switchboard.place(peerId, this.#lane);
    this.#lane.announce(peerId);
  }

  /** A connection has ended. @returns whether it was here. */
  lose(peerId: number): boolean {
    if (this.#owner.switchboard.laneOf(peerId) !== this.#lane) return false;
    this.#lane.lose(peerId, undefined);
    this.#forget(peerId);
    return true;
  }

  /** Handles what has arrived, and ends those who take too long. */
  tick(): void {
    sceneMultiplayerAccess.receive(this.#multiplayer);
    sceneMultiplayerAccess.send(this.#multiplayer);
  }

  /** Nobody is let in any more. */
  close(): void {
    this.#multiplayer.close();
    this.#lane.close();
    this.#asked.clear();
    this.#logins.clear();
  }

  #received(peerId: number, data: Uint8Array): void {
    if (this.#logins.has(peerId)) return;
    const asked = this.#asked.get(peerId) ?? { waiting: [], isBusy: false };
    this.#asked.set(peerId, asked);
    // Each may be a single byte, and costs a hundred here.
    if (asked.waiting.length >= MOST_WAITING) {
      this.#owner.context.refuse('auth', `auth: ${peerId} sends more before it is answered than is kept`);
      this.#end(peerId);
      return;
    }
    asked.waiting.push(data);
    if (asked.isBusy) return;
    asked.isBusy = true;
    this.#ask(peerId, asked).catch((error: unknown) => {
      const { context } = this.#owner;
      context.report(error, 'auth');
      if (this.#asked.get(peerId) !== asked) return;
      context.refuse('auth', `auth: ${peerId} is refused: auth has thrown`);
      this.#end(peerId);
    });
  }

  /** Asks about all that a connection has sent, one after the other. */
  async #ask(peerId: number, asked: Asked): Promise<void> {
    const { context } = this.#owner;
    for (let data = asked.waiting.shift(); data !== undefined; data = asked.waiting.shift()) {
      const request = this.#requestOf(peerId, asked, data);
      const known = await this.tickets?.(request.text);
      const login = known === undefined ? await this.#authenticate(request) : known;
      // It has ended meanwhile; another connection may have its id now.
      if (this.#asked.get(peerId) !== asked) return;
      if (login === undefined) continue;
      if (login === false) {
        context.refuse('auth', `auth: ${peerId} is refused`);
        this.#end(peerId);
        return;
      }
      if (typeof login !== 'object' || login === null || typeof login.player !== 'string')
        throw new TypeError(`"auth" expected { player } or false, got ${describe(login)}`);
      this.#asked.delete(peerId);
      this.#logins.set(peerId, login);
      this.#multiplayer.completeAuth(peerId);
      return;
    }
    asked.isBusy = false;
  }

  #requestOf(peerId: number, asked: Asked, data: Uint8Array): AuthRequest {
    return {
      data,
      text: decoder.decode(data),
      peerId,
      connection: this.#owner.switchboard.transport.transportPeer(peerId),
      reply: (bytes) => {
        if (this.#asked.get(peerId) === asked) this.#reply(peerId, bytes);
        else this.#owner.context.trace(`auth: the reply to ${peerId} comes too late`);
      },
    };
  }

  /** Both sides are done. */
  #admitted(peerId: number): void {
    const login = this.#logins.get(peerId);
    const { context, switchboard } = this.#owner;
    // What it brings is nothing: nobody has told it anything.
    sceneMultiplayerAccess.handover(this.#multiplayer).release(peerId);
    this.#forget(peerId);
    switchboard.place(peerId, undefined);
    const why = login === undefined ? 'it was not asked who it is' : this.#owner.login(peerId, login);
    if (why === undefined) return;
    context.refuse('login', `auth: ${peerId} is refused: ${why}`);
    switchboard.disconnect(peerId, false);
  }

  #reply(peerId: number, data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    const error = this.#multiplayer.sendAuth(peerId, bytes);
    if (error !== GodotError.OK)
      this.#owner.context.trace(`auth: the reply to ${peerId} is not sent (${godotErrorName(error)})`);
  }

  #end(peerId: number): void {
    this.#forget(peerId);
    // What was replied goes first.
    this.#owner.switchboard.flush();
    this.#multiplayer.disconnectPeer(peerId);
  }

  #forget(peerId: number): void {
    this.#asked.delete(peerId);
    this.#logins.delete(peerId);
  }
}

/** What a connection may have sent and not been asked about. */
const MOST_WAITING = 64;
const decoder = new TextDecoder();
