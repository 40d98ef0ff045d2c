/** Who is there: authentication, admission, leaving. docs/protocol/scene-multiplayer 2, 3.1, 3.2 and 11.2 (10, 14, 16, 17). */

import { GodotError, type MultiplayerPeer, TransferMode } from '../godot/index.ts';
import type { Core } from './core.ts';
import { SERVER } from './outgoing.ts';
import { MultiplayerRefusal } from './refusals.ts';
import { SysCommand } from './wire/protocol.ts';
import { authPacket, peerPacket } from './wire/systemPackets.ts';

/** Takes authentication data of a peer that has not been admitted. */
export type AuthCallback = (id: number, data: Uint8Array) => void;

/** What admission tells the rest of a SceneMultiplayer. */
export interface AdmissionEvents {
  /** A peer is admitted: before anybody hears of it. */
  admitted(peer: number): void;
  /** A peer is about to be taken from the list. */
  leaving(peer: number): void;
  /** Emits a signal with a peer. */
  emit(
    signal: 'peerConnected' | 'peerDisconnected' | 'peerAuthenticating' | 'peerAuthenticationFailed',
    peer: number,
  ): void;
  /** Emits `connectedToServer`. */
  connectedToServer(): void;
}

/** A peer that authenticates. */
interface PendingPeer {
  readonly since: number;
  /** What it has sent. */
  bytes: number;
  /** We have said that we are done. */
  isDoneHere: boolean;
  /** The other side has said so. */
  isDoneThere: boolean;
}

/** The lists of peers and how they get from one to the other. */
export class Admission {
  /** Called with authentication data; with it, peers have to authenticate. */
  callback: AuthCallback | undefined;
  /** Milliseconds that it may take; 0 for any time. */
  timeoutMs = 3000;
  readonly #core: Core;
  readonly #events: AdmissionEvents;
  readonly #now: () => number;
  readonly #maxBytes: number;
  readonly #pending = new Map<number, PendingPeer>();

  /** @param maxBytes - That a peer may send before it is admitted; `Infinity` for any number. */
  constructor(core: Core, events: AdmissionEvents, now: () => number, maxBytes: number) {
    this.#core = core;
    this.#events = events;
    this.#now = now;
    this.#maxBytes = maxBytes;
  }

  /** Who authenticates, in order. */
  pendingPeers(): number[] {
    return [...this.#pending.keys()];
  }

  /** How many authenticate. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Whether a peer authenticates. */
  isPending(peer: number): boolean {
    return this.#pending.has(peer);
  }

  /** The transport has a new peer. */
  connected(peer: number): void {
    if (this.callback === undefined) {
      this.admit(peer);
      return;
    }
    this.#core.traffic.came(peer);
    this.#core.live.came(peer, ...this.#placeOf(peer));
    this.#pending.set(peer, { since: this.#now(), bytes: 0, isDoneHere: false, isDoneThere: false });
    this.#events.emit('peerAuthenticating', peer);
  }

  /** Ends the connection of a peer; it is gone at once here, without a signal. */
  kick(peer: number): void {
    const { outgoing, behaviour } = this.#core;
    if (behaviour.habits.kick === 'told') this.disconnected(peer, true);
    else if (behaviour.habits.kick === 'silent') {
      this.#pending.delete(peer);
      this.#left(peer, KICKED, undefined);
      if (this.#core.peers.has(peer)) {
        this.#events.leaving(peer);
        this.#core.peers.delete(peer);
      }
    }
    outgoing.disconnect(peer);
  }

  /** The transport has lost a peer. `isSilent`: nobody hears of it here. */
  disconnected(peer: number, isSilent: boolean): void {
    const { peers, outgoing } = this.#core;
    // Nobody is told of a kick but who made it.
    const cause = isSilent ? undefined : outgoing.transport?.disconnectCause;
    if (this.#pending.delete(peer)) {
      this.#left(peer, isSilent ? KICKED : NOT_AUTHENTICATED, cause);
      if (isSilent) return;
      this.#core.counters.authenticationFailures++;
      this.#events.emit('peerAuthenticationFailed', peer);
      return;
    }
    if (!peers.has(peer)) return;
    if (outgoing.uniqueId === SERVER && outgoing.canRelay) {
      const packet = peerPacket(SysCommand.DEL_PEER, peer);
      for (const other of peers) if (other !== peer) outgoing.put(other, RELIABLE, 0, packet);
    }
    this.#events.leaving(peer);
    peers.delete(peer);
    this.#left(peer, isSilent ? KICKED : '', cause);
    if (!isSilent) this.#events.emit('peerDisconnected', peer);
  }

  /** A peer goes elsewhere, and its connection stays. It is told that the others are gone, as they are told of it. */
  release(peer: number): void {
    const { peers, outgoing } = this.#core;
    if (outgoing.uniqueId === SERVER && outgoing.canRelay)
      for (const other of peers)
        if (other !== peer) outgoing.put(peer, RELIABLE, 0, peerPacket(SysCommand.DEL_PEER, other));
    this.disconnected(peer, false);
  }

  /** Lets a peer in; on a client also those that the server tells of. */
  admit(peer: number): void {
    const { peers, outgoing } = this.#core;
    if (outgoing.uniqueId === SERVER && outgoing.canRelay) {
      const about = peerPacket(SysCommand.ADD_PEER, peer);
      for (const other of peers) {
        outgoing.put(other, RELIABLE, 0, about);
        outgoing.put(peer, RELIABLE, 0, peerPacket(SysCommand.ADD_PEER, other));
      }
    }
    const isNew = !peers.has(peer);
    peers.add(peer);
    if (isNew) {
      this.#core.counters.authentications++;
      this.#core.traffic.came(peer);
      this.#core.live.authenticated(peer, ...this.#placeOf(peer));
    }
    this.#events.admitted(peer);
    // What the application was asked meanwhile may have ended it.
    if (!peers.has(peer)) return;
    if (peer === SERVER) this.#events.connectedToServer();
    this.#events.emit('peerConnected', peer);
  }

  /**
   * A packet of a peer that authenticates.
   *
   * @returns whether it admits the peer and is to be handled as one of an admitted peer, as 4.0 and 4.1 do it.
   */
  receive(peer: number, bytes: Uint8Array): boolean {
    const pending = this.#pending.get(peer);
    if (pending?.isDoneHere === true && this.#core.behaviour.habits.authenticatesLoosely) {
      this.#finish(peer);
      return true;
    }
    if (pending !== undefined) this.#receiveAuth(peer, pending, bytes);
    return false;
  }

  #receiveAuth(peer: number, pending: PendingPeer, bytes: Uint8Array): void {
    const { refusals } = this.#core;
    pending.bytes += bytes.length;
    if (pending.bytes > this.#maxBytes) {
      refusals.refuse(
        MultiplayerRefusal.AUTH_BYTES,
        peer,
        () => `${pending.bytes} bytes before it is admitted: more than maxAuthBytes, ${this.#maxBytes}`,
      );
      this.#fail(peer);
      return;
    }
    // Sub-command AUTH of command SYS; the upper bits of the first byte do not count.
    if (bytes.length < 2 || ((bytes[0] ?? 0) & 7) !== 7 || bytes[1] !== SysCommand.AUTH) {
      refusals.refuse(MultiplayerRefusal.NOT_AUTHENTICATED, peer, 'it sends before it has authenticated');
      return;
    }
    if (bytes.length === 2) {
      pending.isDoneThere = true;
      if (pending.isDoneHere) this.#finish(peer);
      return;
    }
    if (this.callback === undefined) {
      refusals.refuse(MultiplayerRefusal.AUTH_UNEXPECTED, peer, 'there is no auth callback any more');
      return;
    }
    this.callback(peer, bytes.slice(2));
  }

  /** `send_auth`. */
  send(peer: number, data: Uint8Array): GodotError {
    const pending = this.#pending.get(peer);
    if (pending === undefined || data.length === 0) return GodotError.ERR_INVALID_PARAMETER;
    if (pending.isDoneHere || pending.isDoneThere) return GodotError.ERR_FILE_CANT_WRITE;
    return this.#core.outgoing.put(peer, RELIABLE, 0, authPacket(data));
  }

  /** `complete_auth`. */
  complete(peer: number): GodotError {
    const pending = this.#pending.get(peer);
    if (pending === undefined) return GodotError.ERR_INVALID_PARAMETER;
    if (pending.isDoneHere) return GodotError.ERR_FILE_CANT_WRITE;
    pending.isDoneHere = true;
    const { outgoing, behaviour } = this.#core;
    const done = authPacket(new Uint8Array(0));
    const error = behaviour.habits.authenticatesLoosely
      ? outgoing.putAsBefore(done)
      : outgoing.put(peer, RELIABLE, 0, done);
    if (pending.isDoneThere) this.#finish(peer);
    return error;
  }

  /** Ends those whose time is up. */
  expire(): void {
    if (this.#pending.size === 0 || this.timeoutMs === 0) return;
    const now = this.#now();
    const late = [...this.#pending].filter(([, { since }]) => ((now - since) | 0) >= this.timeoutMs);
    for (const [peer] of late) {
      // A listener of an earlier one may have ended it.
      if (this.#pending.has(peer)) this.#fail(peer);
    }
  }

  /** Forgets everybody. */
  clear(): void {
    this.#pending.clear();
    this.#core.peers.clear();
    this.#core.live.allLeft('', undefined);
    this.#core.traffic.clear();
  }

  /** Ends one that does not get in. */
  #fail(peer: number): void {
    this.#pending.delete(peer);
    this.#core.counters.authenticationFailures++;
    this.#core.outgoing.disconnect(peer);
    this.#left(peer, NOT_AUTHENTICATED, undefined);
    this.#events.emit('peerAuthenticationFailed', peer);
  }

  #left(peer: number, reason: string, cause: MultiplayerPeer['disconnectCause']): void {
    this.#core.live.left(peer, reason, cause);
    this.#core.traffic.forget(peer);
  }

  #placeOf(peer: number): [address: string, port: number] {
    const { address = '', port = 0 } = this.#core.outgoing.transport?.transportPeer(peer) ?? {};
    return [address, port];
  }

  #finish(peer: number): void {
    this.#pending.delete(peer);
    this.admit(peer);
  }
}

const RELIABLE = TransferMode.TRANSFER_MODE_RELIABLE;
/** Reasons for the operator. */
const KICKED = 'Kicked';
const NOT_AUTHENTICATED = 'Not authenticated';
