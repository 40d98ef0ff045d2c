/** One connection of a host in a thread of its own. docs/decisions/0004-network-thread.md. */
import { DisconnectCause, type Packet, PacketFlag } from '../../enet/index.ts';
import { MAX_RELIABLE_FRAGMENTS } from '../../enet/internal.ts';
import { PeerState } from '../../godot/index.ts';
import { formatIpAddress, toUint32 } from '../../godot/internal.ts';
import type { RemoteEvent, RemoteHost } from '../../runtime/index.ts';
import type { PeerLink } from './link.ts';
import { loginTimeoutOf } from './loginTimeout.ts';

/** One connection in the other thread. */
export class ThreadPeer implements PeerLink {
  /** Which of the connections of its slot. */
  readonly generation: number;
  readonly #host: RemoteHost;
  readonly #slot: number;
  readonly #channels: number;
  readonly #ip: string;
  readonly #port: number;
  readonly #maxPacketBytes: number;
  readonly #fragmentBytes: number;
  #isActive = true;
  #cause: DisconnectCause | undefined;
  #isLeaving = false;
  #packet: Uint8Array | undefined;
  #packetFlags = 0;
  #onLoginTimeout: (() => void) | undefined;

  constructor(host: RemoteHost, connect: RemoteEvent, maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes;
    this.#host = host;
    this.#slot = connect.slot;
    this.generation = connect.generation;
    this.#channels = connect.channel;
    this.#ip = connect.address?.ip ?? '';
    this.#port = connect.address?.port ?? 0;
    this.#fragmentBytes = connect.fragmentBytes;
  }

  isActive(): boolean {
    return this.#isActive;
  }

  get disconnectCause(): DisconnectCause | undefined {
    return this.#cause;
  }

  /** STATE_CONNECTED, STATE_DISCONNECT_LATER or STATE_DISCONNECTED. */
  getState(): PeerState {
    if (!this.#isActive) return PeerState.STATE_DISCONNECTED;
    return this.#isLeaving ? PeerState.STATE_DISCONNECT_LATER : PeerState.STATE_CONNECTED;
  }

  getChannels(): number {
    return this.#isActive ? this.#channels : 0;
  }

  getRemoteAddress(): string {
    return formatIpAddress(this.#ip);
  }

  getRemotePort(): number {
    return this.#port;
  }

  getStatistic(statistic: number): number {
    return this.#isActive ? (this.#host.statistic(this.#slot, this.generation, statistic) ?? 0) : 0;
  }

  /** How many bytes wait to be sent or acknowledged, with what is on its way to the thread. */
  get outgoingBytes(): number {
    return this.#host.waiting(this.#slot, this.generation).outgoingBytes;
  }

  /** How many received bytes the host holds back; some 20 ms old. */
  get waitingBytes(): number {
    return this.#host.waiting(this.#slot, this.generation).waitingBytes;
  }

  getPacketFlags(): number {
    return this.#packetFlags;
  }

  getPacket(): Uint8Array {
    const packet = this.#packet;
    this.#packet = undefined;
    return packet ?? new Uint8Array(0);
  }

  /**
   * @returns `false` when the connection is ending, the packet is too large or the queue to the thread is full. What
   * the host there refuses afterwards only shows in the counters.
   */
  sendShared(channel: number, packet: Packet): boolean {
    const { length } = packet.bytes;
    if (!this.#isActive || this.#isLeaving || length > this.#maxPacketBytes) return false;
    const isUnreliable = (packet.flags & PacketFlag.UNRELIABLE_FRAGMENT) !== 0;
    if (!isUnreliable && length > this.#fragmentBytes * MAX_RELIABLE_FRAGMENTS) return false;
    return this.#host.send(this.#slot, this.generation, channel, packet.bytes, packet.flags);
  }

  peerDisconnectNow(data: number): void {
    if (!this.#isActive) return;
    this.#host.disconnectNow(this.#slot, this.generation, toUint32(data));
    this.deactivate();
  }

  peerDisconnectLater(data: number): void {
    if (!this.#isActive || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#host.disconnectLater(this.#slot, this.generation, toUint32(data));
  }

  loginDone(): void {
    this.#onLoginTimeout = undefined;
    if (this.#isActive) this.#host.loginDone(this.#slot, this.generation);
  }

  watchLogin(timeoutMs: number, onTimeout: () => void): boolean {
    this.#onLoginTimeout = onTimeout;
    if (this.#isActive) this.#host.expectLogin(this.#slot, this.generation, loginTimeoutOf(timeoutMs));
    return true;
  }

  /** Takes a packet that arrived, for {@link ThreadPeer.getPacket}. */
  deliver(bytes: Uint8Array, flags: number): void {
    this.#packet = bytes;
    this.#packetFlags = flags;
  }

  /** The thread has begun to disconnect, because no login came. */
  loginOverdue(): void {
    this.#onLoginTimeout?.();
  }

  /** The connection has ended; without a cause by this side. */
  deactivate(cause: DisconnectCause = DisconnectCause.LOCAL): void {
    this.#cause ??= cause;
    this.#isActive = false;
    this.#packet = undefined;
    this.#onLoginTimeout = undefined;
  }
}
