/** From a packet and a target to the transport. docs/protocol/scene-multiplayer 3.3 and 11.2 (10, 11). */

import { GodotError, type MultiplayerPeer, type TransferMode } from '../godot/index.ts';
import type { MultiplayerCounters } from './counters.ts';
import type { SwapList } from './swapList.ts';
import type { Traffic } from './traffic.ts';
import { relayPacket } from './wire/systemPackets.ts';

/** What sends: the transport, and who is there to be sent to. */
export class Outgoing {
  /** The transport; `undefined` without one. */
  transport: MultiplayerPeer | undefined;
  /** Whether clients reach each other through the server. */
  serverRelay = true;
  readonly #peers: SwapList<number>;
  readonly #counters: MultiplayerCounters;
  readonly #traffic: Traffic;

  constructor(peers: SwapList<number>, counters: MultiplayerCounters, traffic: Traffic) {
    this.#peers = peers;
    this.#counters = counters;
    this.#traffic = traffic;
  }

  /** Whether relaying is on here and possible with this transport. */
  get canRelay(): boolean {
    return this.serverRelay && this.transport?.isServerRelaySupported() === true;
  }

  /** The own id; 0 without a transport. */
  get uniqueId(): number {
    return this.transport?.getUniqueId() ?? 0;
  }

  /**
   * Sends a command: to one peer, to all (0), or to all but one (negative). A client's packets for others than the server go
   * through the relay.
   *
   * @returns the transport's error for one target, OK for several; ERR_BUG for a peer that is not there.
   */
  send(target: number, mode: TransferMode, channel: number, bytes: Uint8Array): GodotError {
    if (target !== SERVER && this.canRelay && this.uniqueId !== SERVER)
      return this.put(SERVER, mode, channel, relayPacket(target, bytes));
    if (target > 0) {
      return this.#peers.has(target) ? this.put(target, mode, channel, bytes) : GodotError.ERR_BUG;
    }
    if (this.transport !== undefined) {
      // The engine sets them even when nobody is there to be sent to; 4.0 and 4.1 show it later.
      this.transport.transferMode = mode;
      this.transport.transferChannel = channel;
    }
    for (const peer of this.#peers) if (peer !== -target) this.put(peer, mode, channel, bytes);
    return GodotError.OK;
  }

  /** Gives a packet to the transport as it is. */
  put(target: number, mode: TransferMode, channel: number, bytes: Uint8Array): GodotError {
    const { transport } = this;
    if (transport === undefined) return GodotError.ERR_UNCONFIGURED;
    transport.setTargetPeer(target);
    transport.transferMode = mode;
    transport.transferChannel = channel;
    const error = this.#putIn(transport, bytes);
    if (error === GodotError.OK) this.#traffic.sent(target, bytes.length);
    return error;
  }

  /** Gives a packet to the transport with whatever target, mode and channel it was used with last. */
  putAsBefore(bytes: Uint8Array): GodotError {
    return this.transport === undefined ? GodotError.ERR_UNCONFIGURED : this.#putIn(this.transport, bytes);
  }

  /** Ends the connection of a peer. */
  disconnect(peer: number): void {
    this.transport?.disconnectPeer(peer, false);
  }

  #putIn(transport: MultiplayerPeer, bytes: Uint8Array): GodotError {
    const error = transport.putPacket(bytes);
    if (error === GodotError.OK) {
      this.#counters.packetsSent++;
      this.#counters.bytesSent += bytes.length;
    }
    return error;
  }
}

/** The id of the server. */
export const SERVER = 1;
