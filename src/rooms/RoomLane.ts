/** The transport of one room: the connections of its members, out of those of a server for many rooms. */
import type { DisconnectCause } from '../enet/index.ts';
import {
  GodotError,
  godotErrorName,
  MultiplayerConnectionStatus,
  MultiplayerPeer,
  TARGET_PEER_SERVER,
  TransferMode,
  type TransportPeer,
  type VersionRange,
} from '../godot/index.ts';
import { PACKET_HELD_BYTES } from '../godot/internal.ts';

/** A packet of a member. */
export interface LanePacket {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly channel: number;
  readonly mode: TransferMode;
}

/** What a lane needs of its server. */
export interface LaneOwner {
  /** The transport of all rooms. */
  readonly transport: MultiplayerPeer;
  /** The connection of a member is to end. */
  disconnect(id: number, force: boolean): void;
}

/**
 * A server whose peers are the members of one room. It has no socket: packets are pushed into it, and what it sends goes to the transport
 * of all rooms. Whoever is no member gets nothing.
 */
export class RoomLane extends MultiplayerPeer {
  readonly #owner: LaneOwner;
  readonly #members = new Set<number>();
  /** What each has sent and nobody has looked at, in bytes. */
  readonly #bytesOf = new Map<number, number>();
  #queue: LanePacket[] = [];
  #head = 0;
  #queuedBytes = 0;
  #isOpen = true;

  /** @param onTrace takes what is refused, in words. */
  constructor(owner: LaneOwner, onTrace: ((line: string) => void) | undefined) {
    super({
      random32: () => {
        throw new TypeError('a room gives no ids');
      },
      onTrace,
    });
    this.#owner = owner;
  }

  /** Who is in it. */
  get members(): ReadonlySet<number> {
    return this.#members;
  }

  /** A connection belongs to this room now. */
  add(id: number): void {
    this.#members.add(id);
  }

  /** It does not any more. @returns what it has sent and nobody has looked at. */
  remove(id: number): readonly LanePacket[] {
    this.#members.delete(id);
    const taken: LanePacket[] = [];
    const left: LanePacket[] = [];
    for (const packet of this.#queue.slice(this.#head)) (packet.from === id ? taken : left).push(packet);
    if (taken.length === 0) return taken;
    this.#queue = left;
    this.#head = 0;
    for (const packet of taken) this.#count(packet, -sizeOf(packet));
    return taken;
  }

  /** A member has come by itself, as a new connection. */
  announce(id: number): void {
    this.emitSignal('peerConnected', id);
  }

  /** The connection of a member has ended. */
  lose(id: number, cause: DisconnectCause | undefined): void {
    this.noteEnd(cause);
    this.emitSignal('peerDisconnected', id);
  }

  /**
   * A packet of a member has arrived.
   *
   * @returns `undefined` when it was taken, or nobody looks at it any more; else there is no room for it, and this is who has most there.
   */
  push(packet: LanePacket): number | undefined {
    if (!this.#isOpen) return undefined;
    if (this.#queuedBytes >= MOST_QUEUED_BYTES) return this.#greediest(packet);
    this.#queue.push(packet);
    this.#count(packet, sizeOf(packet));
    return undefined;
  }

  /** Nothing: the server of all rooms moves the network. */
  poll(): void {}

  /** The room ends. Its members stay connected. */
  close(): void {
    this.#isOpen = false;
    this.#members.clear();
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    this.#bytesOf.clear();
  }

  /** Ends the connection of a member. */
  disconnectPeer(id: number, force = false): void {
    if (this.#members.has(id)) this.#owner.disconnect(id, force);
    else this.trace(`disconnectPeer: ${id} is no member`);
  }

  getConnectionStatus(): MultiplayerConnectionStatus {
    return this.#isOpen
      ? this.#owner.transport.getConnectionStatus()
      : MultiplayerConnectionStatus.CONNECTION_DISCONNECTED;
  }

  getUniqueId(): number {
    return this.#isOpen ? TARGET_PEER_SERVER : 0;
  }

  isServer(): boolean {
    return this.#isOpen;
  }

  isServerRelaySupported(): boolean {
    return this.#owner.transport.isServerRelaySupported();
  }

  override getMaxPacketSize(): number {
    return this.#owner.transport.getMaxPacketSize();
  }

  override transportPeer(id: number): TransportPeer | undefined {
    return this.#members.has(id) ? this.#owner.transport.transportPeer(id) : undefined;
  }

  override versionHintOf(id: number): VersionRange | undefined {
    return this.#members.has(id) ? this.#owner.transport.versionHintOf(id) : undefined;
  }

  override getAvailablePacketCount(): number {
    return this.#queue.length - this.#head;
  }

  override getPacketPeer(): number {
    return this.#queue[this.#head]?.from ?? TARGET_PEER_SERVER;
  }

  override getPacketChannel(): number {
    return this.#queue[this.#head]?.channel ?? 0;
  }

  override getPacketMode(): TransferMode {
    return this.#queue[this.#head]?.mode ?? TransferMode.TRANSFER_MODE_RELIABLE;
  }

  protected override takePacket(): Uint8Array | GodotError {
    const packet = this.#queue[this.#head];
    if (packet === undefined) return GodotError.ERR_UNAVAILABLE;
    this.#head++;
    this.#count(packet, -sizeOf(packet));
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return packet.bytes;
  }

  protected override sendPacket(bytes: Uint8Array): GodotError {
    const { targetPeer } = this;
    if (targetPeer > 0) return this.#put(targetPeer, bytes);
    let error: GodotError = GodotError.OK;
    for (const id of this.#members) if (id !== -targetPeer) error = this.#put(id, bytes) || error;
    return error;
  }

  protected override get className(): string {
    return 'RoomLane';
  }

  #count({ from }: LanePacket, bytes: number): void {
    this.#queuedBytes += bytes;
    const own = (this.#bytesOf.get(from) ?? 0) + bytes;
    if (own > 0) this.#bytesOf.set(from, own);
    else this.#bytesOf.delete(from);
  }

  /** Who has sent most of what waits, the packet that has come counted. */
  #greediest(packet: LanePacket): number {
    let [greediest, most] = [packet.from, (this.#bytesOf.get(packet.from) ?? 0) + sizeOf(packet)];
    for (const [id, bytes] of this.#bytesOf) if (bytes > most) [greediest, most] = [id, bytes];
    return greediest;
  }

  #put(id: number, bytes: Uint8Array): GodotError {
    if (!this.#members.has(id)) {
      const error = GodotError.ERR_INVALID_PARAMETER;
      this.trace(`putPacket: ${id} is no member (${godotErrorName(error)})`);
      return error;
    }
    const { transport } = this.#owner;
    transport.setTargetPeer(id);
    transport.transferMode = this.transferMode;
    transport.transferChannel = this.transferChannel;
    return transport.putPacket(bytes);
  }
}

function sizeOf({ bytes }: LanePacket): number {
  return bytes.length + PACKET_HELD_BYTES;
}

/** What may wait for one room to look at: a room that does not tick must not take the memory of all. */
const MOST_QUEUED_BYTES = 16 * 1024 * 1024;
