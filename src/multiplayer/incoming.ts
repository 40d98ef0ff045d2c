/** Packets of admitted peers by their command, and SYS packets. docs/protocol/scene-multiplayer 2.6, 3.2 to 3.4. */
import { GodotError, type TransferMode } from '../godot/index.ts';
import { PACKET_HELD_BYTES } from '../godot/internal.ts';
import type { Admission } from './admission.ts';
import type { Announcements } from './announcements.ts';
import type { Arrivals } from './arrivals.ts';
import type { Core } from './core.ts';
import type { HeldRelay, HeldRelays } from './heldRelays.ts';
import { SERVER } from './outgoing.ts';
import type { PeerBudget } from './peerBudget.ts';
import { MultiplayerRefusal } from './refusals.ts';
import type { RemotePaths } from './remotePaths.ts';
import type { SceneReplication } from './replication/SceneReplication.ts';
import type { RpcCalls } from './rpcCalls.ts';
import type { Versions } from './versions.ts';
import { COMMAND_MASK, Command, SYS_BYTES, SysCommand } from './wire/protocol.ts';
import { peerOf, relayPacket } from './wire/systemPackets.ts';

/** The parts that packets go to. */
export interface IncomingParts {
  readonly core: Core;
  readonly admission: Admission;
  readonly announcements: Announcements;
  readonly remotePaths: RemotePaths;
  readonly calls: RpcCalls;
  readonly versions: Versions;
  readonly arrivals: Arrivals;
  readonly replication: SceneReplication;
  readonly relayBudget: PeerBudget;
  readonly heldRelays: HeldRelays;
  /** Raw bytes have arrived. */
  readonly packet: (from: number, bytes: Uint8Array) => void;
}

/** Hands packets to the part that they are for. */
export class Incoming {
  readonly #parts: IncomingParts;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /** A packet has arrived. */
  receive(from: number, mode: TransferMode, channel: number, bytes: Uint8Array): void {
    const { admission, core, arrivals } = this.#parts;
    core.counters.packetsReceived++;
    core.counters.bytesReceived += bytes.length;
    core.traffic.received(from, bytes.length);
    if (admission.isPending(from) && !admission.receive(from, bytes)) return;
    if (!core.peers.has(from)) {
      core.refusals.refuse(MultiplayerRefusal.UNKNOWN_PEER, from, 'it is not admitted');
      return;
    }
    if (arrivals.isLate(from, mode)) this.#receiveLate(from, bytes);
    else if (bytes.length > 0 && commandOf(bytes) === Command.SYS)
      this.#receiveSystem(from, mode, channel, bytes);
    else this.#handle(from, bytes);
  }

  /** A packet that may have been sent before its peer came: it answers our question, or says what is true in any tree, or is dropped. */
  #receiveLate(from: number, bytes: Uint8Array): void {
    const { arrivals, remotePaths, versions } = this.#parts;
    const command = arrivals.isAsked(from) && bytes.length > 0 ? commandOf(bytes) : -1;
    if (command === Command.SIMPLIFY_PATH) remotePaths.receive(from, bytes, true);
    else if (
      command !== Command.CONFIRM_PATH ||
      !(versions.receive(from, bytes) || arrivals.receive(from, bytes))
    )
      arrivals.refuse(from, bytes);
  }

  /** Handles a packet as coming from a peer: what is sent meanwhile answers it. */
  #handle(from: number, bytes: Uint8Array): void {
    const { core } = this.#parts;
    // A handler may poll.
    const before = core.remoteSender;
    core.remoteSender = from;
    this.#dispatch(from, bytes);
    core.remoteSender = before;
  }

  #dispatch(from: number, bytes: Uint8Array): void {
    const { core, calls, remotePaths, replication, packet } = this.#parts;
    const { refusals, rootPath } = core;
    if (rootPath === '') {
      refusals.refuse(MultiplayerRefusal.NO_ROOT, from, 'there is no root path');
      return;
    }
    switch (bytes.length === 0 ? -1 : commandOf(bytes)) {
      case Command.REMOTE_CALL:
        calls.receive(from, bytes);
        break;
      case Command.SIMPLIFY_PATH:
        remotePaths.receive(from, bytes);
        break;
      case Command.CONFIRM_PATH:
        this.#receiveConfirm(from, bytes);
        break;
      case Command.RAW:
        if (bytes.length < 2)
          refusals.refuse(MultiplayerRefusal.MALFORMED, from, 'a raw packet without bytes');
        else packet(from, bytes.slice(1));
        break;
      case Command.SPAWN:
        replication.receiveSpawn(from, bytes);
        break;
      case Command.DESPAWN:
        replication.receiveDespawn(from, bytes);
        break;
      case Command.SYNC:
        replication.receiveState(from, bytes);
        break;
      default:
        refusals.refuse(
          MultiplayerRefusal.UNKNOWN_COMMAND,
          from,
          () => `a packet of ${bytes.length} bytes with an unknown command`,
        );
    }
  }

  #receiveConfirm(from: number, bytes: Uint8Array): void {
    const { announcements, arrivals, versions } = this.#parts;
    if (!versions.receive(from, bytes) && !arrivals.receive(from, bytes)) announcements.receive(from, bytes);
  }

  #receiveSystem(from: number, mode: TransferMode, channel: number, bytes: Uint8Array): void {
    const { core, admission } = this.#parts;
    const { refusals, outgoing } = core;
    const command = bytes[1];
    if (command === SysCommand.AUTH && bytes.length === 2) return;
    if (bytes.length < SYS_BYTES || command === SysCommand.AUTH) {
      refusals.refuse(
        command === SysCommand.AUTH ? MultiplayerRefusal.AUTH_UNEXPECTED : MultiplayerRefusal.MALFORMED,
        from,
        () => `a SYS packet of ${bytes.length} bytes`,
      );
      return;
    }
    if (command === SysCommand.RELAY) {
      this.#relay(from, mode, channel, bytes);
      return;
    }
    if (command !== SysCommand.ADD_PEER && command !== SysCommand.DEL_PEER) {
      refusals.refuse(MultiplayerRefusal.UNKNOWN_COMMAND, from, () => `the SYS command ${command}`);
      return;
    }
    const id = peerOf(bytes);
    const mayTell = outgoing.canRelay && outgoing.uniqueId !== SERVER && from === SERVER;
    if (!mayTell || (core.behaviour.checksPeerIds && !this.#isSensible(command, id)))
      refusals.refuse(MultiplayerRefusal.RELAY_REFUSED, from, () => `it tells of the peer ${id}`);
    else if (command === SysCommand.ADD_PEER) admission.admit(id);
    else admission.disconnected(id, false);
  }

  /** Who is there already is not told of again, as an honest server would not: 11.2 (17) is what that does to an engine. */
  #isSensible(command: number, id: number): boolean {
    const { peers, outgoing } = this.#parts.core;
    if (id < SERVER || id === outgoing.uniqueId) return false;
    return command !== SysCommand.ADD_PEER || (id !== SERVER && !peers.has(id) && peers.size < MOST_PEERS);
  }

  /** 3.3 */
  #relay(from: number, mode: TransferMode, channel: number, bytes: Uint8Array): void {
    const { refusals, peers, outgoing, behaviour } = this.#parts.core;
    if (!outgoing.canRelay || bytes.length <= SYS_BYTES) {
      refusals.refuse(MultiplayerRefusal.RELAY_REFUSED, from, () => `a RELAY of ${bytes.length} bytes`);
      return;
    }
    const inner = bytes.subarray(SYS_BYTES);
    if (outgoing.uniqueId !== SERVER) {
      if (from === SERVER) this.#handle(peerOf(bytes), inner);
      else refusals.refuse(MultiplayerRefusal.RELAY_REFUSED, from, 'only the server relays');
      return;
    }
    const said = peerOf(bytes);
    const isOneByHabit = behaviour.habits.relaysNegativeToOne && said < -SERVER;
    const target = isOneByHabit ? -said : said;
    // It may have left while the packet was under way. By habit, a sender gets nothing back.
    if (target > 0 && (!peers.has(target) || (isOneByHabit && target === from))) {
      if (this.#parts.core.countsGoneTargets)
        refusals.refuse(
          MultiplayerRefusal.LATE,
          from,
          () => `it sends to the peer ${target}, who is not here`,
        );
      return;
    }
    if (target > 0 && this.#parts.arrivals.isLateFor(from, target, mode)) {
      refusals.refuse(
        MultiplayerRefusal.LATE,
        from,
        () => `it has sent to the peer ${target} before it heard that this one was away`,
      );
      return;
    }
    const isForServer = behaviour.habits.relaysNegativeToOne && target === -SERVER;
    const receivers =
      target > 0
        ? [target]
        : isForServer
          ? []
          : peers.toArray().filter((peer) => peer !== from && peer !== -target);
    const packet = relayPacket(from, inner);
    // The smallest packet holds more in memory than it carries, until its receiver has it.
    const charge = receivers.length * (packet.length + PACKET_HELD_BYTES);
    if (this.#parts.relayBudget.take(from, charge))
      for (const peer of receivers) this.#passOn(peer, { from, mode, channel, packet });
    else
      refusals.refuse(
        MultiplayerRefusal.RELAY_BUDGET,
        from,
        () =>
          `${packet.length} bytes for ${receivers.length} peers are not relayed: more than maxRelayedBytesPerSec`,
      );
    if (target === 0 || target < -SERVER || isForServer) this.#handle(from, inner);
  }

  /** A peer has been spawned what waited for its version: what others have sent it meanwhile follows. */
  passOnHeld(peer: number): void {
    for (const relay of this.#parts.heldRelays.take(peer)) this.#put(peer, relay);
  }

  #passOn(peer: number, relay: HeldRelay): void {
    const { heldRelays, replication, core } = this.#parts;
    if (!heldRelays.has(peer) && !replication.hasWaitingSpawns(peer)) this.#put(peer, relay);
    else if (!heldRelays.hold(peer, relay))
      core.refusals.refuse(
        MultiplayerRefusal.RELAY_BUDGET,
        relay.from,
        () =>
          `${relay.packet.length} bytes for peer ${peer} are not relayed: more than maxHeldBytes wait for it`,
      );
  }

  #put(peer: number, { mode, channel, packet }: HeldRelay): void {
    const { outgoing, counters } = this.#parts.core;
    if (outgoing.put(peer, mode, channel, packet) !== GodotError.OK) return;
    counters.packetsRelayed++;
    counters.bytesRelayed += packet.length;
  }
}

/** As many as a server of ENet can have. */
const MOST_PEERS = 4095;

function commandOf(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) & COMMAND_MASK;
}
