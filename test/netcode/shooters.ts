/** A game of moving targets on the virtual network: the server moves them, players see them late and say what they see. */
import { PackedVector2Array, Vector2 } from '../../codec/index.ts';
import type { MirrorNode, SceneMirror } from '../../schema/index.ts';
import {
  NetworkTime,
  type NetworkTimeOptions,
  NodeScript,
  type PlayerInput,
  rpc,
  WorldHistory,
  type WorldHistoryOptions,
} from '../../src/multiplayer.ts';
import type { SimNetworkOptions } from '../../src/testing/SimNetwork.ts';
import { Game, type Side } from '../multiplayer/game.ts';
import { HelperClient, HelperScript } from './HelperClient.ts';

/** 150 ms +- 30 ms each way, 5 % loss. */
export const BAD_NETWORK: SimNetworkOptions = { latencyMs: 120, jitterMs: 60, loss: 0.05 };

/** The game's own script on both sides: the state of a tick as one unreliable call. */
class Main extends NodeScript {
  static override readonly path = 'res://main.gd';
  static override readonly rpcs = {
    snapshot: rpc('authority', 'unreliable').args('int', 'PackedVector2Array'),
    // What a player without the helper says: the tick that it sees, which the server does not use.
    shot: rpc('any_peer', 'unreliable').args('int'),
  };
}

/** Where a target is at a tick. */
export function placeOf(target: number, tick: number): Vector2 {
  return new Vector2(tick * 3 + target, Math.fround(Math.sin(tick / 7 + target) * 100));
}

/** A player: what it sees is what the last snapshot said. */
export interface Shooter {
  readonly side: Side;
  readonly helper: HelperClient;
  /** The tick of the state that it has set, -1 before the first. */
  seenTick: number;
}

/** What the tests set. */
export interface ShooterOptions {
  readonly tickHz: number;
  readonly targets?: number;
  readonly network?: SimNetworkOptions;
  readonly time?: Partial<NetworkTimeOptions<number>>;
  readonly history?: Partial<WorldHistoryOptions>;
  /** Whether players run the helper. Default true. */
  readonly hasHelper?: boolean;
}

/** The server and its players. */
export class Shooters {
  readonly game: Game;
  readonly time: NetworkTime<number>;
  readonly world: WorldHistory;
  readonly players: Shooter[] = [];
  readonly inputs: PlayerInput<number>[] = [];
  /** Called with each input as it arrives. */
  onInput: (input: PlayerInput<number>) => void = () => {};
  /** Called with what a player without the helper sees, as it arrives. */
  onShot: (peer: number, seenTick: number) => void = () => {};
  readonly #options: ShooterOptions;

  constructor(options: ShooterOptions) {
    this.#options = options;
    const { tickHz, targets = 4 } = options;
    const grow = (mirror: SceneMirror): void => {
      mirror.root.addChild({ name: 'Main', class: 'Node', script: Main.path });
      mirror.root.addChild({ name: 'NetworkTime', class: 'Node', script: HelperScript.path });
    };
    this.game = new Game([Main, HelperScript], grow, {}, { seed: 1, ...options.network });
    const { multiplayer, mirror, errors, ip } = this.game.server;
    const main = mirror.getNode('/root/Main');
    for (let i = 0; i < targets; i++) main?.addChild({ name: `T${i}`, class: 'Node2D', groups: ['targets'] });
    const nodes = this.targets;
    // The game's work in each tick, before the tick ends: everything moves, and everybody is told.
    mirror.watchTree({
      processed: () => {
        const { tick } = this.time;
        for (const [i, node] of nodes.entries())
          if (node.isInsideTree()) node.set('position', placeOf(i, tick));
        main?.rpc('snapshot', tick, new PackedVector2Array(nodes.map((_, i) => placeOf(i, tick))));
      },
    });
    this.time = new NetworkTime<number>(multiplayer, {
      tickHz,
      readInput: (value) => (typeof value === 'number' ? value : undefined),
      runtime: this.game.network.createRuntime(ip),
      onError: (error) => errors.push(error),
      ...options.time,
    });
    this.world = new WorldHistory(multiplayer, this.time, { nodes: 'targets', ...options.history });
    main?.onRpc('shot', (peer: number, seenTick: number) => this.onShot(peer, seenTick));
    this.time.on('input', (input) => {
      this.inputs.push(input);
      this.onInput(input);
    });
    multiplayer.start({ tickHz });
  }

  /** The nodes that are shot at. */
  get targets(): MirrorNode[] {
    return this.game.server.mirror.getNodesInGroup('targets');
  }

  /** A player joins. @param clock the player's own clock in milliseconds, given the network's. */
  join(clock: (nowMs: number) => number = (nowMs) => nowMs + 5000): Shooter {
    const { game } = this;
    const side = game.join();
    const at = side.mirror.getNode('/root/NetworkTime');
    if (at === undefined) throw new Error('there is no node of the clock');
    const runtime = game.network.createRuntime(side.ip);
    const helper = new HelperClient(at, () => clock(runtime.now()));
    const player: Shooter = { side, helper, seenTick: -1 };
    side.mirror.getNode('/root/Main')?.onRpc('snapshot', (_: number, tick: number) => {
      player.seenTick = Math.max(player.seenTick, tick);
    });
    let isConnected = false;
    side.multiplayer.on('connectedToServer', () => {
      isConnected = true;
    });
    helper.isOn = this.#options.hasHelper ?? true;
    side.mirror.watchTree({
      processed: () => {
        if (!isConnected) return;
        helper.process(1 / 60);
        if (this.#options.hasHelper ?? true) helper.sendInput(player.seenTick);
        else at.mirror.getNode('/root/Main')?.rpcId(1, 'shot', player.seenTick);
      },
    });
    side.multiplayer.start({ tickHz: 60 });
    this.players.push(player);
    return player;
  }

  /** Lets time pass. */
  run(ms: number): void {
    this.game.network.advance(ms);
  }

  /** Everything ends. */
  close(): void {
    this.world.close();
    this.time.close();
    for (const { side } of this.players) side.multiplayer.close();
    this.game.server.multiplayer.close();
  }
}
