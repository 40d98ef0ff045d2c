/**
 * What is said to clients and heard of them: RPCs of `/root/GodotEnetHandoff` for stock Godot, events for clients of ENetServer. The other side
 * is `examples/addons/godot_enet`: `handoff.gd` and `godot_enet_client.gd`.
 */
import type { VariantValue } from '../../../codec/index.ts';
import { describe, isIntegerIn } from '../../../options/internal.ts';
import type { MirrorNode, RpcDeclarations } from '../../../schema/index.ts';
import { sceneMultiplayerAccess } from '../../multiplayer/internal.ts';
import type { Player } from '../../rooms/index.ts';
import { EventConnection, type RoomCore, type RoomServerParts } from '../../rooms/internal.ts';
import type { ReceivedDictionary } from '../../server/index.ts';
import { isRun, MarkedCalls } from './markedCalls.ts';

/** What a client needs to come to another node, or back. */
export interface Directions {
  readonly addresses: Readonly<Record<string, string>>;
  readonly ticket: string;
}

/** What clients say of handoffs. */
export interface ClientDoorOwner {
  readonly parts: RoomServerParts;
  /** A client can reach the other node, or cannot. */
  prepared(player: Player, transfer: string, isReady: boolean): void;
  /** A client says nothing more on this connection. */
  left(player: Player, transfer: string): void;
}

/** The door to the clients of one RoomServer. */
export class ClientDoor {
  readonly #owner: ClientDoorOwner;
  readonly #marked = new WeakMap<Player, MarkedCalls>();

  constructor(owner: ClientDoorOwner) {
    this.#owner = owner;
    owner.parts.setEvents((player, name, payload) => this.#event(player, name, payload));
  }

  /** Lets go of the events. */
  close(): void {
    this.#owner.parts.setEvents(undefined);
  }

  /** Its node comes into the tree of a room, unless it is there. */
  install(core: RoomCore): void {
    const { mirror } = core.multiplayer;
    let node = mirror.getNode(DOOR_PATH);
    // A project that is loaded with its autoloads has it.
    if (node === undefined || !mirror.scriptRpcsOf(node).has('_prepare')) {
      node?.free();
      mirror.declareScript(SCRIPT, { rpcs: METHODS });
      node = mirror.root.addChild({ name: DOOR_NAME, class: 'Node', script: SCRIPT });
    }
    node.onRpc('_prepared', (sender, transfer: unknown, isReady: unknown) => {
      const player = core.playerOf(sender);
      if (player !== undefined && typeof transfer === 'string')
        this.#owner.prepared(player, transfer, isReady === true);
    });
    node.onRpc('_left', (sender, transfer: unknown) => {
      const player = core.playerOf(sender);
      if (player !== undefined && typeof transfer === 'string') this.#owner.left(player, transfer);
    });
    node.onRpc('_marked', (sender, run: unknown, number: unknown, ...rest: unknown[]) => {
      const player = core.playerOf(sender);
      const [path, method, args] = rest;
      if (player === undefined || typeof path !== 'string' || typeof method !== 'string') return;
      const values = Array.isArray(args) ? (args as VariantValue[]) : [];
      this.#markedCall(player, run, number, () => {
        const target: MirrorNode | undefined = mirror.getNode(path);
        // One in another one would be answered twice.
        if (target === undefined || target === node)
          this.#trace(
            `the marked call ${describe(method)} of ${player.id}: there is no node ${describe(path)}`,
          );
        else sceneMultiplayerAccess.callFrom(core.multiplayer, sender, target, method, values);
      });
    });
  }

  /** Where a client is to go, and how it comes back. */
  prepare(player: Player, transfer: string, there: Directions, home: Directions): void {
    this.#tell(player, '_prepare', 'handoff_prepare', {
      transfer,
      addresses: there.addresses,
      ticket: there.ticket,
      home: home.addresses,
      home_ticket: home.ticket,
    });
  }

  /** It is to go now. */
  go(player: Player, transfer: string): void {
    this.#tell(player, '_switch', 'handoff_switch', { transfer });
  }

  /** It is to stay. */
  cancel(player: Player, transfer: string): void {
    this.#tell(player, '_cancel', 'handoff_cancel', { transfer });
  }

  /** The marked calls of a player. */
  markedOf(player: Player): MarkedCalls {
    let marked = this.#marked.get(player);
    if (marked === undefined) {
      marked = new MarkedCalls();
      this.#marked.set(player, marked);
    }
    return marked;
  }

  /** Those of a player who comes from another node. */
  setMarked(player: Player, marked: MarkedCalls): void {
    this.#marked.set(player, marked);
  }

  #markedCall(player: Player, run: unknown, number: unknown, act: () => void): void {
    if (!isRun(run) || !isIntegerIn(number, 1, Number.MAX_SAFE_INTEGER)) {
      this.#trace(`a marked call of ${player.id} has the number ${describe(number)}`);
      return;
    }
    const marked = this.markedOf(player);
    const answer = marked.take(run, number);
    if (answer === 'do') act();
    if (answer === 'told') return;
    const again = answer === 'missing';
    this.#tell(player, '_acked', 'handoff_acked', { number: marked.last, again });
  }

  /** @returns whether it was about handoffs. */
  #event(player: Player, name: string, payload: ReceivedDictionary): boolean {
    const transfer: unknown = payload.get('transfer');
    switch (name) {
      case 'handoff_prepared':
        if (typeof transfer === 'string')
          this.#owner.prepared(player, transfer, payload.get('ready') === true);
        return true;
      case 'handoff_left':
        if (typeof transfer === 'string') this.#owner.left(player, transfer);
        return true;
      case 'handoff_marked': {
        const event: unknown = payload.get('event');
        const inner: unknown = payload.get('payload');
        if (typeof event !== 'string' || !(inner instanceof Map)) return true;
        this.#markedCall(player, payload.get('run'), payload.get('number'), () => {
          const core = player.room && this.#owner.parts.coreOf(player.room);
          if (core?.events.receive(player, event, inner as ReceivedDictionary) !== true)
            this.#trace(`nobody handles the marked event ${describe(event)} of ${player.id}`);
        });
        return true;
      }
      default:
        return false;
    }
  }

  /** @param payload of the event; the method has the same values as arguments, in their order. */
  #tell(player: Player, method: string, event: string, payload: Readonly<Record<string, unknown>>): void {
    if (player.protocol === 'events') this.#send(player, event, payload);
    else this.#call(player, method, Object.values(payload));
  }

  #call(player: Player, method: string, args: readonly unknown[]): void {
    const node = player.room?.mirror.getNode(DOOR_PATH);
    const error = node?.rpcId(player.peerId, method, ...args);
    if (error !== 0) this.#trace(`handoff: ${method} did not go to ${player.id} (${error})`);
  }

  #send(player: Player, name: string, payload: Readonly<Record<string, unknown>>): void {
    const link = this.#owner.parts.players.linkOf(player);
    const { eventServer } = this.#owner.parts;
    if (link instanceof EventConnection)
      eventServer?.triggerEvent(link.peer.peerId, name, payload as never, 0, true);
  }

  #trace(line: string): void {
    this.#owner.parts.context.trace(line);
  }
}

const DOOR_NAME = 'GodotEnetHandoff';
const DOOR_PATH = `/root/${DOOR_NAME}`;
/** The script of the add-on. */
const SCRIPT = 'res://addons/godot_enet/handoff.gd';
const METHODS: RpcDeclarations = {
  _prepare: { rpcMode: 'authority' },
  _switch: { rpcMode: 'authority' },
  _cancel: { rpcMode: 'authority' },
  _acked: { rpcMode: 'authority' },
  _prepared: { rpcMode: 'any_peer' },
  _left: { rpcMode: 'any_peer' },
  _marked: { rpcMode: 'any_peer' },
};
