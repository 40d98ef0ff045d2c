/** What a room does with the connection of a player, whatever that speaks. */
import type { DisconnectCause } from '../enet/index.ts';
import type { TransportPeer } from '../godot/index.ts';
import type { SceneMultiplayer } from '../multiplayer/index.ts';
import { type CarriedPeer, sceneMultiplayerAccess } from '../multiplayer/internal.ts';
import type { RoomLane } from './RoomLane.ts';
import type { RoomEvents } from './roomEvents.ts';
import type { Switchboard } from './Switchboard.ts';

/** The protocols of clients: stock Godot's RPCs and spawners, or the events of ENetServer. */
export type PlayerProtocol = 'scene' | 'events';

/** What a connection has of a room. */
export interface ConnectionRoom {
  readonly id: string;
  readonly kind: string;
  readonly lane: RoomLane;
  readonly multiplayer: SceneMultiplayer;
  readonly events: Pick<RoomEvents<never>, 'add' | 'dismiss' | 'lose' | 'send'>;
}

/** The connection of a player. */
export interface PlayerConnection {
  readonly protocol: PlayerProtocol;
  /** The id of the peer there. */
  readonly peerId: number;
  /** What is known of it. */
  transportPeer(): TransportPeer | undefined;
  /** It comes into a room, and is told what there is. */
  join(core: ConnectionRoom): void;
  /** It leaves a room and stays connected: it is told to free what it had. */
  release(core: ConnectionRoom): void;
  /** It is lost. @param mayReturn whether its player may come back by another one. */
  lose(core: ConnectionRoom | undefined, cause: DisconnectCause | undefined, mayReturn: boolean): void;
  /** It is to end. */
  end(): void;
}

/** That of somebody who is on the way from another node: there is none here. */
export class AbsentConnection implements PlayerConnection {
  readonly peerId: number;
  readonly protocol: PlayerProtocol;

  constructor(peerId: number, protocol: PlayerProtocol) {
    this.peerId = peerId;
    this.protocol = protocol;
  }

  transportPeer(): undefined {
    return undefined;
  }
  join(): void {}
  release(): void {}
  lose(): void {}
  end(): void {}
}

/** A stock Godot client. */
export class SceneConnection implements PlayerConnection {
  readonly protocol = 'scene';
  readonly peerId: number;
  readonly #switchboard: Switchboard;
  /** What it brings into its next room. */
  #carried: CarriedPeer | undefined;

  constructor(peerId: number, switchboard: Switchboard) {
    this.peerId = peerId;
    this.#switchboard = switchboard;
  }

  transportPeer(): TransportPeer | undefined {
    return this.#switchboard.transport.transportPeer(this.peerId);
  }

  join(core: ConnectionRoom): void {
    const { peerId } = this;
    const carried = this.#carried;
    this.#carried = undefined;
    this.#switchboard.place(peerId, core.lane);
    // What it had sent may have been more than a room takes.
    if (!core.lane.members.has(peerId)) return;
    if (carried === undefined) core.lane.announce(peerId);
    else sceneMultiplayerAccess.handover(core.multiplayer).arrive(peerId, carried);
  }

  release(core: ConnectionRoom): void {
    this.#carried = sceneMultiplayerAccess.handover(core.multiplayer).release(this.peerId);
    this.#switchboard.place(this.peerId, undefined);
  }

  lose(core: ConnectionRoom | undefined, cause: DisconnectCause | undefined, mayReturn: boolean): void {
    if (core === undefined) return;
    if (mayReturn) sceneMultiplayerAccess.handover(core.multiplayer).await(this.peerId);
    core.lane.lose(this.peerId, cause);
  }

  end(): void {
    this.#switchboard.disconnect(this.peerId, false);
  }
}
