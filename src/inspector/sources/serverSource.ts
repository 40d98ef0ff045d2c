/** An `ENetServer` as the console sees it; its tree is that which `watch` was told. */
import type { SceneMirror } from '../../../schema/index.ts';
import { replicationPeers } from '../../../schema/internal.ts';
import { PACKET_LOSS_SCALE, PeerStatistic } from '../../godot/index.ts';
import { ConnectionState, type ENetServer, type ENetServerPeer } from '../../server/index.ts';
import type { ActionName, NumberRow, PeerRow, ServerSection } from '../protocol.ts';
import { OperatorSource } from './OperatorSource.ts';
import { ActionError, type PlacedParty, type SourceTree } from './Source.ts';
import { dataText, oneLine } from './texts.ts';

/** See the head of this file. */
export class ServerSource extends OperatorSource<ENetServer> {
  readonly sections: readonly ServerSection[];
  readonly actions: readonly ActionName[] = ['kick', 'ban', 'unban', 'message', 'door'];
  readonly payload = 'value';
  readonly #mirror: SceneMirror | undefined;
  readonly #event: string;

  /** @param event name of the event that a message is. */
  constructor(server: ENetServer, mirror: SceneMirror | undefined, event: string) {
    super(server);
    this.#mirror = mirror;
    this.#event = event;
    this.sections = ['overview', 'peers', 'charts', ...(mirror === undefined ? [] : ['scene' as const])];
  }

  peers(): PeerRow[] {
    const dtls = this.server.ops.metrics().dtls;
    return this.server.getPeers().map((peer) => ({
      ...enetNumbers(peer),
      key: String(peer.peerId),
      peerId: peer.peerId,
      ...optionalData(dataText(peer.customData)),
      address: peer.remoteAddress,
      port: peer.remotePort,
      transport: dtls === undefined ? 'ENet' : 'ENet with DTLS',
      class: 'ENetServerPeer',
      state: STATES[peer.connectionState] ?? String(peer.connectionState),
      queuedBytes: peer.queuedBytes,
      ...(peer.dtlsSuite !== undefined && { dtlsSuite: peer.dtlsSuite }),
      seconds: peer.getConnectionTime(),
    }));
  }

  override *links(): Iterable<{ readonly roundTripMs: number; readonly loss: number }> {
    for (const peer of this.server.getPeers()) yield enetNumbers(peer);
  }

  missed(): number {
    return this.server.ops.metrics().thread?.droppedTraces ?? 0;
  }

  override details(key: string): { readonly data?: string; readonly numbers: readonly NumberRow[] } {
    const peer = this.server.getPeer(Number(key));
    if (peer === null) return { numbers: [] };
    return { ...optionalData(dataText(peer.customData), false), numbers: statisticRows(peer) };
  }

  *parties(): Iterable<PlacedParty> {
    for (const { peerId, remoteAddress: address, remotePort: port } of this.server.getPeers())
      yield { address, port, party: { key: String(peerId), peerId, kind: 'value', dissector: undefined } };
  }

  override trees(): readonly SourceTree[] {
    const mirror = this.#mirror;
    if (mirror === undefined) return [];
    return [
      {
        id: undefined,
        kind: 'scene',
        mirror,
        multiplayer: undefined,
        replicatedTo: (node) => replicationPeers(this.server, node)?.map(({ peerId }) => peerId),
        keyOf: String,
      },
    ];
  }

  kick(key: string, reason: string): void {
    this.#peerOf(key).disconnectPeer(reason);
  }

  override message({ peer }: { readonly peer?: string }, text: string): void {
    if (peer === undefined) this.server.triggerEventToAll(this.#event, { text });
    else this.server.triggerEvent(this.#peerOf(peer).peerId, this.#event, { text });
  }

  #peerOf(key: string): ENetServerPeer {
    const peer = this.server.getPeer(Number(key));
    if (peer === null) throw new ActionError(404, `there is no peer ${oneLine(key, 40)}`);
    return peer;
  }
}

/** Of a connection over ENet with the 14 statistics. */
export function enetNumbers(peer: { getStatistic(statistic: number): number }): {
  readonly roundTripMs: number;
  readonly roundTripVarianceMs: number;
  readonly loss: number;
  readonly throttle: number;
} {
  return {
    roundTripMs: peer.getStatistic(PeerStatistic.PEER_ROUND_TRIP_TIME),
    roundTripVarianceMs: peer.getStatistic(PeerStatistic.PEER_ROUND_TRIP_TIME_VARIANCE),
    loss: peer.getStatistic(PeerStatistic.PEER_PACKET_LOSS) / PACKET_LOSS_SCALE,
    throttle: peer.getStatistic(PeerStatistic.PEER_PACKET_THROTTLE) / THROTTLE_SCALE,
  };
}

/** All 14 statistics. */
export function statisticRows(peer: { getStatistic(statistic: number): number }): NumberRow[] {
  return Object.entries(PeerStatistic).map(([name, statistic]) => {
    const words = name
      .replace(/^PEER_/, '')
      .toLowerCase()
      .replaceAll('_', ' ');
    return {
      name,
      label: words.charAt(0).toUpperCase() + words.slice(1),
      value: peer.getStatistic(statistic),
      unit: /ROUND_TRIP|INTERVAL/.test(name) ? 'ms' : '',
      isCounter: false,
    };
  });
}

/** Data in one line, or whole; nothing for none. */
export function optionalData(data: string, isLine = true): { readonly data?: string } {
  if (data === '') return {};
  return { data: isLine ? oneLine(data, 300) : data };
}

const STATES: Readonly<Record<ConnectionState, string>> = {
  [ConnectionState.STATE_CONNECTING]: 'connecting',
  [ConnectionState.STATE_PRELOGIN]: 'authenticating',
  [ConnectionState.STATE_AUTHENTICATED]: 'connected',
  [ConnectionState.STATE_DISCONNECTING]: 'disconnecting',
};
const THROTTLE_SCALE = 32;
