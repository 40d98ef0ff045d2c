/** Anything of the shape of an `ENetServer`: what it has, and nothing more. */
import { ConnectionState } from '../../server/index.ts';
import type { ActionName, PeerRow, ServerSection } from '../protocol.ts';
import { EventLog } from './EventLog.ts';
import {
  cannot,
  type FlowNumbers,
  type LinkNumbers,
  type PlacedParty,
  type Source,
  type SourceStatus,
  type SourceTree,
} from './Source.ts';
import { enetNumbers } from './serverSource.ts';

/** What the console shows of a peer of such a server. */
export interface InspectedPeer {
  /** The id that the server gave it. */
  readonly peerId: number;
  /** Its IP address. */
  readonly remoteAddress: string;
  /** Its UDP port. */
  readonly remotePort: number;
  /** One of the numbers of `ConnectionState`. */
  readonly connectionState: number;
  /** Round-trip time in milliseconds. */
  getPing(): number;
  /** One of the 14 peer statistics. */
  getStatistic(statistic: number): number;
  /** Seconds since it connected. */
  getConnectionTime(): number;
}

/** Anything of the shape of an `ENetServer`. */
export interface InspectedServer {
  /** All connected peers. */
  getPeers(): readonly InspectedPeer[];
  /** The bound UDP port. */
  getLocalPort(): number;
}

/** See the head of this file. */
export class OtherSource implements Source {
  readonly kind = 'other';
  readonly className: string;
  readonly sections: readonly ServerSection[] = ['overview', 'peers', 'charts'];
  readonly actions: readonly ActionName[] = [];
  readonly payload = 'value';
  readonly events: EventLog = new EventLog(undefined);
  readonly #server: InspectedServer;

  constructor(server: InspectedServer) {
    this.#server = server;
    this.className = server.constructor.name;
  }

  status(): SourceStatus {
    const port = this.#server.getLocalPort();
    return { isActive: port !== 0, peers: this.#server.getPeers().length, ...(port !== 0 && { port }) };
  }

  peers(): PeerRow[] {
    return this.#server.getPeers().map((peer) => ({
      ...enetNumbers(peer),
      key: String(peer.peerId),
      peerId: peer.peerId,
      address: peer.remoteAddress,
      port: peer.remotePort,
      state: peer.connectionState === ConnectionState.STATE_AUTHENTICATED ? 'connected' : 'connecting',
      roundTripMs: peer.getPing(),
      seconds: peer.getConnectionTime(),
    }));
  }

  *links(): Iterable<LinkNumbers> {
    for (const peer of this.#server.getPeers()) yield enetNumbers(peer);
  }

  *parties(): Iterable<PlacedParty> {
    for (const { peerId, remoteAddress: address, remotePort: port } of this.#server.getPeers())
      yield { address, port, party: { key: String(peerId), peerId, kind: 'value', dissector: undefined } };
  }

  numbers(): [] {
    return [];
  }

  counts(): [] {
    return [];
  }

  diagnoses(): [] {
    return [];
  }

  dtls(): undefined {
    return undefined;
  }

  details(): { readonly numbers: [] } {
    return { numbers: [] };
  }

  flow(): FlowNumbers {
    return { datagramsIn: undefined, datagramsOut: undefined, bytesIn: undefined, bytesOut: undefined };
  }

  ticks(): object {
    return {};
  }

  methods(): [] {
    return [];
  }

  trees(): readonly SourceTree[] {
    return [];
  }

  setBanned(): void {
    // It tells of nobody who comes: nobody can be put out.
  }

  kick(): void {
    throw cannot('kick');
  }

  message(): void {
    throw cannot('send messages');
  }

  move(): Promise<void> {
    return Promise.reject(cannot('move players'));
  }

  closeRoom(): Promise<void> {
    return Promise.reject(cannot('close rooms'));
  }

  lockRoom(): void {
    throw cannot('lock rooms');
  }

  setDoor(): void {
    throw cannot('close its door');
  }

  close(): void {
    this.events.close();
  }
}
