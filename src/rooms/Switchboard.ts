/** Which connection is in which room: packets go to the room of their sender, and wait while it is between two. */
import { DisconnectCause } from '../enet/index.ts';
import { MultiplayerConnectionStatus, type MultiplayerPeer, TransferMode } from '../godot/index.ts';
import { PACKET_HELD_BYTES } from '../godot/internal.ts';
import type { LaneOwner, LanePacket, RoomLane } from './RoomLane.ts';

/** What a switchboard tells its server. */
export interface SwitchboardEvents {
  /** A connection was made. */
  came(id: number): void;
  /** A connection has ended. */
  left(id: number, cause: DisconnectCause | undefined): void;
  /** A connection has sent more than may wait: it is to end. */
  flooded(id: number): void;
  /** The transport has ended by itself; its connections have, too. Told once. */
  ended(): void;
}

/** A connection. */
interface Line {
  lane: RoomLane | undefined;
  /** What it has sent while it was in no room. */
  waiting: LanePacket[];
  waitingBytes: number;
  /** Its end is asked for: nothing of it counts any more. */
  isEnding: boolean;
}

/** The connections of one transport. */
export class Switchboard implements LaneOwner {
  readonly transport: MultiplayerPeer;
  readonly #events: SwitchboardEvents;
  readonly #lines = new Map<number, Line>();
  #hasEnded = false;
  readonly #came = (id: number): void => this.#connected(id);
  readonly #left = (id: number): void => this.#disconnected(id);

  /** @param transport a server. Its packets are fetched here only. */
  constructor(transport: MultiplayerPeer, events: SwitchboardEvents) {
    this.transport = transport;
    this.#events = events;
    transport.sendsAtOnce = false;
    transport.on('peerConnected', this.#came).on('peerDisconnected', this.#left);
  }

  /** How many connections there are. */
  get size(): number {
    return this.#lines.size;
  }

  /** Whether a connection is there. */
  has(id: number): boolean {
    return this.#lines.has(id);
  }

  /** The room of a connection; `undefined` between rooms. */
  laneOf(id: number): RoomLane | undefined {
    return this.#lines.get(id)?.lane;
  }

  /** Gives a connection to a room, with what it has sent and nobody has looked at; to none: it waits. */
  place(id: number, lane: RoomLane | undefined): void {
    const line = this.#lines.get(id);
    if (line === undefined || line.lane === lane) return;
    const packets = [...(line.lane?.remove(id) ?? []), ...line.waiting];
    line.lane = lane;
    line.waiting = [];
    line.waitingBytes = 0;
    lane?.add(id);
    for (const packet of packets) this.#deliver(line, packet);
  }

  /** Ends a connection. */
  disconnect(id: number, force: boolean): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    line.lane?.remove(id);
    line.lane = undefined;
    line.isEnding = true;
    this.transport.disconnectPeer(id, force);
    // Nobody hears of one that was ended by force.
    if (force) this.#disconnected(id);
  }

  /** Moves the network, and hands what has arrived to the rooms. */
  poll(): void {
    const { transport } = this;
    transport.poll();
    this.#lookAtEnd();
    while (transport.getAvailablePacketCount() > 0) {
      const from = transport.getPacketPeer();
      const mode = transport.getPacketMode();
      const channel = transport.getPacketChannel();
      const bytes = transport.getPacket();
      const line = this.#lines.get(from);
      if (line !== undefined && !line.isEnding) this.#deliver(line, { from, mode, channel, bytes });
    }
  }

  /** Lets leave what was sent. */
  flush(): void {
    this.transport.flush();
  }

  /** Whether the transport is there. */
  get isConnected(): boolean {
    return this.transport.getConnectionStatus() === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  }

  /** Lets go of the transport. */
  close(): void {
    this.transport.off('peerConnected', this.#came).off('peerDisconnected', this.#left);
    this.transport.sendsAtOnce = true;
    this.#lines.clear();
  }

  #connected(id: number): void {
    this.#lines.set(id, { lane: undefined, waiting: [], waitingBytes: 0, isEnding: false });
    this.#events.came(id);
  }

  /** A transport that fails closes, and tells nothing of its connections. */
  #lookAtEnd(): void {
    if (this.#hasEnded || this.transport.getConnectionStatus() !== CONNECTION_DISCONNECTED) return;
    this.#hasEnded = true;
    for (const id of [...this.#lines.keys()]) this.#disconnected(id, DisconnectCause.FAILURE);
    this.#events.ended();
  }

  #disconnected(id: number, cause: DisconnectCause | undefined = this.transport.disconnectCause): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    // While it is told, it is a member still; nothing can be sent to it.
    this.#events.left(id, cause);
    line.lane?.remove(id);
    this.#lines.delete(id);
  }

  #deliver(line: Line, packet: LanePacket): void {
    // Where it goes may be another place as soon as somebody was told of an end.
    while (!line.isEnding) {
      const greediest = line.lane === undefined ? this.#hold(line, packet) : line.lane.push(packet);
      if (greediest === undefined || packet.mode !== TransferMode.TRANSFER_MODE_RELIABLE) return;
      this.#events.flooded(greediest);
      if (greediest === packet.from) return;
    }
  }

  /** @returns who sends too much, as {@link RoomLane.push}. */
  #hold(line: Line, packet: LanePacket): number | undefined {
    const bytes = packet.bytes.length + PACKET_HELD_BYTES;
    if (line.waitingBytes + bytes > MOST_WAITING_BYTES) return packet.from;
    line.waiting.push(packet);
    line.waitingBytes += bytes;
    return undefined;
  }
}

const { CONNECTION_DISCONNECTED } = MultiplayerConnectionStatus;
/** What one connection may send while it is in no room. */
const MOST_WAITING_BYTES = 256 * 1024;
