/** The door of a multiplayer peer over ENet: who may come in, how much each may send, and what was refused. */
import {
  type AdmitHook,
  ConnectGate,
  ConnectRefusal,
  DisconnectCause,
  type DropReason,
  type Host,
  type Packet,
} from '../../enet/index.ts';
import { Tally } from '../../enet/internal.ts';
import type { ConnectionHostOptions } from '../connectionOptions.ts';
import { PacketFlag, PeerState } from '../constants.ts';
import { peerAccess } from '../ENetPacketPeer.ts';
import { peerMeter } from '../peerMeter.ts';
import { checkPeerLimits, limitedHost, type MultiplayerPeerLimits } from './enetLimits.ts';
import { ENetRefusal } from './enetRefusals.ts';
import type { ENetMultiplayerPeerOptions } from './multiplayerOptions.ts';
import type { PeerEntry } from './peerTable.ts';

/** See the head of this file. Rates and counts outlive a server. */
export class ENetDoor {
  /** The limits that are in force. */
  readonly limits: MultiplayerPeerLimits;
  readonly #own: ConnectionHostOptions;
  readonly #now: () => number;
  readonly #gate: ConnectGate;
  readonly #counts = new Tally(ENetRefusal);
  readonly #trace: (line: string) => void;
  #host: Host | undefined;

  /** @throws RangeError or TypeError for a limit or an address that is none. */
  constructor(
    { allow, deny, limits, host = {} }: ENetMultiplayerPeerOptions,
    now: () => number,
    trace: (line: string) => void,
  ) {
    this.limits = checkPeerLimits(limits);
    this.#own = host;
    this.#now = now;
    this.#trace = trace;
    this.#gate = new ConnectGate({ ...this.limits, allow: [...(allow ?? [])], deny: [...(deny ?? [])] });
  }

  /** The host of the current or last server, for its numbers. */
  get host(): Host | undefined {
    return this.#host;
  }

  /** The options of the host of a server. */
  hostOptions(): ConnectionHostOptions {
    const { admit, mayBegin } = this.#own;
    const admits: AdmitHook = (from, data, attempt) => {
      if (!this.#gate.admits(from, this.#now())) return false;
      const verdict = admit?.(from, data, attempt);
      if (admit !== undefined && verdict === false) this.refuse(ENetRefusal.NOT_ADMITTED);
      return admit === undefined ? true : verdict;
    };
    return {
      ...limitedHost(this.limits, this.#own),
      mayBegin: (from) => this.#gate.mayBegin(from) && (mayBegin?.(from) ?? true),
      admit: admits,
    };
  }

  /** A server listens: its host replaces the last one, whose refusals stay counted. */
  watch(host: Host | undefined): void {
    for (const [reason, count] of this.#refusedByHost()) this.refuse(reason, count);
    this.#host = host;
  }

  /** Whether the rates of a peer let a packet in. One too many that may not be lost ends the connection. */
  takes(entry: PeerEntry, length: number, flags: number): boolean {
    const now = this.#now();
    entry.meter ??= peerMeter(this.limits, now);
    if (entry.meter.take(now, length)) return true;
    if ((flags & PacketFlag.FLAG_RELIABLE) === 0) this.refuse(ENetRefusal.RATE_DROPPED);
    else this.#end(entry, ENetRefusal.RATE_EXCEEDED, 'sends too much');
    return false;
  }

  /** ENet refused a packet for a peer: if too much waits for it already, one that may not be lost ends the connection. */
  notSent(entry: PeerEntry, { bytes, flags }: Packet): void {
    const { peer } = entry;
    const { maxPacketSizeBytes, maxOutgoingBytes } = limitedHost(this.limits, this.#own);
    const isFull =
      peer.getState() === PeerState.STATE_CONNECTED &&
      bytes.length <= maxPacketSizeBytes &&
      peerAccess.outgoingBytes(peer) + bytes.length > maxOutgoingBytes;
    if (!isFull) return;
    if ((flags & PacketFlag.FLAG_RELIABLE) === 0) this.refuse(ENetRefusal.QUEUE_DROPPED);
    else this.#end(entry, ENetRefusal.QUEUE_OVERFLOW, 'takes too little of what is sent to it');
  }

  /** Counts something that was turned away. */
  refuse(reason: ENetRefusal, count = 1): void {
    this.#counts.add(reason, count);
  }

  /** All reasons, also those that never occurred. A copy. */
  refusals(): Map<ENetRefusal, number> {
    const byHost = new Map(this.#refusedByHost());
    const byGate = (reason: ENetRefusal): number => (isOfGate(reason) ? this.#gate.refusalCount(reason) : 0);
    return new Map(
      Object.values(ENetRefusal).map((reason) => [
        reason,
        this.#counts.count(reason) + (byHost.get(reason) ?? 0) + byGate(reason),
      ]),
    );
  }

  /** Datagrams and commands that the core did not use, of the current or last server. */
  drops(): ReadonlyMap<DropReason, number> {
    return this.#host?.dropCounts() ?? new Map();
  }

  /** The next poll() tells of it. */
  #end(entry: PeerEntry, reason: ENetRefusal, why: string): void {
    this.refuse(reason);
    this.#trace(`poll: the peer ${entry.id} ${why} and is disconnected (${reason})`);
    entry.cause = DisconnectCause.LIMIT;
    entry.peer.peerDisconnectNow(0);
  }

  #refusedByHost(): [ENetRefusal, number][] {
    const drops = this.drops();
    return HOST_REASONS.map((reason) => [reason, drops.get(reason) ?? 0]);
  }
}

const HOST_REASONS = [
  ENetRefusal.HOST_FULL,
  ENetRefusal.TOO_MANY_FROM_ADDRESS,
  ENetRefusal.TOO_MANY_HALF_OPEN,
] as const;

function isOfGate(reason: string): reason is ConnectRefusal {
  return reason in ConnectRefusal;
}
