/** A third network of a server, all of it: packets cross in memory, a millisecond of the server's clock later. */
import { DisconnectCause } from '../../src/enet/disconnectCause.ts';
import type { Packet } from '../../src/enet/packet.ts';
import { PeerState } from '../../src/godot/constants.ts';
import { GodotError } from '../../src/godot/errors.ts';
import type { RemoteNumbers } from '../../src/runtime/remoteHost.ts';
import type {
  LinkEvent,
  LinkListener,
  LinkRequest,
  PeerLink,
  ServerLink,
} from '../../src/server/link/link.ts';

/** The other end of a connection. */
export class MemoryClient implements PeerLink {
  /** What has arrived here. */
  readonly received: Uint8Array[] = [];
  /** `undefined`: it takes everything. */
  roomBytes: number | undefined;
  disconnectCause: DisconnectCause | undefined;
  hasLoggedIn = false;
  #isLeaving = false;
  #packet: Packet | undefined;
  readonly #link: MemoryLink;
  readonly #ip: string;

  constructor(link: MemoryLink, ip: string) {
    this.#link = link;
    this.#ip = ip;
  }

  // --- The client's side

  send(packet: Packet, channel = 0): void {
    this.#link.later(() => {
      if (!this.isActive()) return;
      this.#link.tell([3, this, 0, channel], packet);
    });
  }

  leave(): void {
    this.#link.later(() => this.#end(DisconnectCause.GOODBYE, 1));
  }

  // --- The server's side

  readonly outgoingBytes = 0;
  readonly waitingBytes = 0;

  /** The network gives out the event of this packet. */
  handOver(packet: Packet): void {
    this.#packet = packet;
  }

  isActive(): boolean {
    return this.disconnectCause === undefined;
  }

  getState(): PeerState {
    if (!this.isActive()) return PeerState.STATE_DISCONNECTED;
    return this.#isLeaving ? PeerState.STATE_DISCONNECT_LATER : PeerState.STATE_CONNECTED;
  }

  getChannels(): number {
    return this.getState() === PeerState.STATE_CONNECTED ? 2 : 0;
  }

  getRemoteAddress(): string {
    return this.#ip;
  }

  getRemotePort(): number {
    return 1;
  }

  getStatistic(): number {
    return 0;
  }

  getPacketFlags(): number {
    return this.#packet?.flags ?? 0;
  }

  getPacket(): Uint8Array {
    return this.#packet?.bytes ?? new Uint8Array(0);
  }

  sendShared(_channel: number, { bytes }: Packet): boolean {
    if (this.getState() !== PeerState.STATE_CONNECTED) return false;
    if (this.roomBytes !== undefined && bytes.length > this.roomBytes) return false;
    this.#link.later(() => this.received.push(bytes));
    return true;
  }

  peerDisconnectNow(): void {
    this.disconnectCause ??= DisconnectCause.LOCAL;
  }

  peerDisconnectLater(): void {
    this.#isLeaving = true;
    this.#link.later(() => this.#end(DisconnectCause.LOCAL, 0));
  }

  loginDone(): void {
    this.hasLoggedIn = true;
  }

  watchLogin(): boolean {
    return false;
  }

  #end(cause: DisconnectCause, data: number): void {
    if (!this.isActive()) return;
    this.disconnectCause = cause;
    this.#link.tell([2, this, data, 0]);
  }
}

/** The network. */
export class MemoryLink implements ServerLink {
  #isOpen: boolean;
  #isOver = false;
  readonly #request: LinkRequest;
  readonly #listener: LinkListener;
  /** Each with its packet, if it is one: until the event is taken, the peer has the packet of the one before. */
  readonly #events: [event: LinkEvent<MemoryClient>, packet: Packet | undefined][] = [];
  #isWakeDue = false;
  readonly #clients: MemoryClient[] = [];

  constructor(request: LinkRequest, listener: LinkListener) {
    this.#request = request;
    this.#listener = listener;
    this.#isOpen = request.ops.acceptsPeers;
  }

  /** @returns the client's end, or nothing where the door is closed. */
  connect(ip: string, data = 0): MemoryClient | undefined {
    if (!this.#isOpen || this.#request.admission?.({ ip, port: 1 }, data) === false) return undefined;
    const client = new MemoryClient(this, ip);
    this.#clients.push(client);
    this.later(() => this.tell([1, client, data, 0]));
    return client;
  }

  /** The network dies. */
  fail(error: Error): void {
    for (const client of this.#clients) client.disconnectCause ??= DisconnectCause.FAILURE;
    this.#isOver = true;
    this.#listener.onFailure(error);
  }

  later(callback: () => void): void {
    this.#request.runtime.startTimer(1, callback);
  }

  /** One wake for all that comes at once. */
  tell(event: LinkEvent<MemoryClient>, packet?: Packet): void {
    if (this.#isOver) return;
    this.#events.push([event, packet]);
    if (this.#isWakeDue) return;
    this.#isWakeDue = true;
    this.#request.runtime.startTimer(0, () => {
      this.#isWakeDue = false;
      this.#listener.onWake();
    });
  }

  service(): LinkEvent {
    const [event, packet] = this.#events.shift() ?? NO_EVENT;
    if (packet !== undefined) event[1]?.handOver(packet);
    return event;
  }

  getLocalPort(): number {
    return this.#request.port;
  }

  compress(): void {}
  setLoginTimeout(): void {}

  reloadCertificate(): GodotError {
    return GodotError.ERR_UNCONFIGURED;
  }

  getDtlsCounters(): undefined {}
  threadCounters(): undefined {}

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
  }

  numbers(): RemoteNumbers {
    return { statistics: NOTHING, drops: new Map(), refusals: new Map(), trackedAddresses: 0 };
  }

  destroy(): void {
    this.#isOver = true;
    for (const client of this.#clients) client.peerDisconnectNow();
  }
}

const NO_EVENT: [event: LinkEvent<MemoryClient>, packet: undefined] = [[0, null, 0, 0], undefined];

const NOTHING = {
  totalSentData: 0,
  totalSentPackets: 0,
  totalReceivedData: 0,
  totalReceivedPackets: 0,
  totalRepeats: 0,
  totalLateAcknowledgements: 0,
};
