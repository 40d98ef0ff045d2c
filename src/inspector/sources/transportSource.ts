/** A multiplayer peer by itself (`ENetMultiplayerPeer`, `GodotThreeMultiplayerPeer`, `WebSocketMultiplayerPeer`) as the console sees it. */
import type { MultiplayerPeer } from '../../godot/index.ts';
import type { OperatedServer } from '../../ops/internal.ts';
import type { ActionName, PeerRow, ServerSection } from '../protocol.ts';
import { connectionRow } from './multiplayerSource.ts';
import { OperatorSource } from './OperatorSource.ts';
import { ActionError, type PlacedParty } from './Source.ts';
import { oneLine } from './texts.ts';

/** See the head of this file. */
export class TransportSource extends OperatorSource<OperatedServer & MultiplayerPeer> {
  readonly sections: readonly ServerSection[] = ['overview', 'peers', 'charts'];
  readonly actions: readonly ActionName[] = ['kick', 'ban', 'unban', 'door'];
  readonly payload = 'bytes';
  readonly #ids = new Map<number, number>();
  readonly #came = (id: number): void => void this.#ids.set(id, performance.now());
  readonly #left = (id: number): void => void this.#ids.delete(id);

  constructor(peer: MultiplayerPeer & OperatedServer) {
    super(peer);
    peer.on('peerConnected', this.#came).on('peerDisconnected', this.#left);
  }

  peers(): PeerRow[] {
    const rows: PeerRow[] = [];
    for (const [id, sinceMs] of this.#present()) {
      const connection = this.server.transportPeer(id);
      rows.push({
        ...connectionRow(connection),
        key: String(id),
        peerId: id,
        class: this.kind === 'enet' ? 'ENetPacketPeer' : this.className,
        state: 'connected',
        ...(sinceMs !== undefined && { seconds: (performance.now() - sinceMs) / 1000 }),
      });
    }
    return rows;
  }

  *parties(): Iterable<PlacedParty> {
    for (const [id] of this.#present()) {
      const place = this.server.transportPeer(id);
      if (place !== undefined)
        yield {
          address: place.address,
          port: place.port,
          party: { key: String(id), peerId: id, kind: 'bytes', dissector: undefined },
        };
    }
  }

  kick(key: string): void {
    const id = Number(key);
    if (this.server.transportPeer(id) === undefined)
      throw new ActionError(404, `there is no peer ${oneLine(key, 40)}`);
    this.server.disconnectPeer(id);
  }

  override close(): void {
    this.server.off('peerConnected', this.#came).off('peerDisconnected', this.#left);
    super.close();
  }

  /** Those who are there; since when, for those who came since it is watched. */
  *#present(): Iterable<[id: number, sinceMs: number | undefined]> {
    for (const id of this.server.connectedPeers()) yield [id, this.#ids.get(id)];
  }
}
