/** The server's clock and the inputs of its players. */
import { Float, type VariantValue } from '../../codec/index.ts';
import { describe } from '../../options/internal.ts';
import type { MirrorNode, RpcDeclarations } from '../../schema/index.ts';
import { type ErrorReporter, SignalEmitter } from '../godot/index.ts';
import { safeReporter } from '../godot/internal.ts';
import { NodeScript, SceneMultiplayer } from '../multiplayer/index.ts';
import { requireRuntime } from '../runtime/internal.ts';
import type { ClockEstimate } from './clockEstimate.ts';
import { MonotonicClock } from './monotonicClock.ts';
import { type NetworkTimeOptions, readNetworkTimeOptions } from './networkTimeOptions.ts';
import { NETWORK_TIME_RPCS } from './networkTimeRpcs.ts';
import { Player, type PlayerRules } from './player.ts';
import type { PlayerInput } from './playerInput.ts';
import type { NetworkTimeRefusal, NetworkTimeRefusals } from './refusal.ts';
import { TickTimes } from './tickTimes.ts';

/** The signals of a {@link NetworkTime} with their arguments. */
export interface NetworkTimeSignals<Input> {
  /** A tick is over: the world is now what it was at this tick, and clients are told next. */
  readonly tick: [tick: number];
  /** A player's input, in order, each once. */
  readonly input: [input: PlayerInput<Input>];
}

/**
 * The clock of a server, for clients with the helper `network_time.gd`: it numbers the ticks, tells them to everybody, answers what
 * time it is, estimates the clock of each peer, and takes the inputs of the players, with the tick that each had applied.
 *
 * ```ts
 * const time = new NetworkTime(multiplayer, { tickHz: 20 });
 * time.on('input', ({ peer, tick, value }) => {});
 * multiplayer.start({ tickHz: 20 });
 * ```
 *
 * All that a client says is bounded, checked and about itself alone: what it lies about its clock and its ticks changes what is known
 * of it and nothing else.
 */
export class NetworkTime<Input = VariantValue> extends SignalEmitter<NetworkTimeSignals<Input>> {
  /** Ticks per second. */
  readonly tickHz: number;
  /** The node of the clock. */
  readonly node: MirrorNode;
  readonly #multiplayer: SceneMultiplayer;
  readonly #clock: MonotonicClock;
  readonly #times: TickTimes;
  readonly #rules: PlayerRules<Input>;
  readonly #players = new Map<number, Player<Input>>();
  readonly #refusals = new Map<NetworkTimeRefusal, number>();
  readonly #stop: () => void;
  #tick = 0;

  /**
   * @throws TypeError or RangeError naming the option; RangeError when there is no place for the node, or another script at it.
   */
  constructor(multiplayer: SceneMultiplayer, options: NetworkTimeOptions<Input>) {
    const settings = readNetworkTimeOptions(options);
    super(options.onError, SIGNAL_NAMES);
    if (!(multiplayer instanceof SceneMultiplayer))
      throw new TypeError(`"multiplayer" expected a SceneMultiplayer, got ${describe(multiplayer)}`);
    const runtime = requireRuntime(options.runtime, 'NetworkTime', 'multiplayer');
    this.#multiplayer = multiplayer;
    this.tickHz = options.tickHz;
    this.#clock = new MonotonicClock(() => runtime.now());
    this.#times = new TickTimes(Math.ceil(REMEMBERED_SEC * options.tickHz));
    this.#rules = {
      ...settings,
      toldTick: () => this.#tick - 1,
      read: reader(options.readInput, safeReporter(options.onError)),
      refuse: (reason) => this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1),
    };
    this.node = clockNode(multiplayer, settings.path);
    const asked = (peer: number, clientMs: unknown, serverMs: unknown, heldMs: unknown): void =>
      this.#answer(peer, numberOf(clientMs), numberOf(serverMs), numberOf(heldMs));
    const took = (peer: number, newest: unknown, ticks: Float64Array, values: VariantValue[]): void =>
      this.#player(peer).takes({ newest: numberOf(newest), ticks, values }, this.#clock.now(), (input) =>
        this.emitSignal('input', input),
      );
    this.node.onRpc('ask_time', asked).onRpc('take_inputs', took);
    const unwatch = settings.stepsItself
      ? multiplayer.mirror.watchTree({ processed: () => this.step() })
      : undefined;
    const left = (peer: number): void => void this.#players.delete(peer);
    multiplayer.on('peerDisconnected', left);
    this.#stop = () => {
      unwatch?.();
      multiplayer.off('peerDisconnected', left);
      this.node.offRpc('ask_time', asked).offRpc('take_inputs', took);
    };
  }

  /** The tick that is being made: in `_process` and in what handles calls, the one whose state is sent next. From 0 on. */
  get tick(): number {
    return this.#tick;
  }

  /** Milliseconds since this clock began; what clients are told as the time of the server. */
  nowMs(): number {
    return this.#clock.now();
  }

  /**
   * Ends the tick: emits `tick`, tells it to everybody, with what has arrived of each one's inputs, and begins the next. Every
   * `mirror.process` does it at its end unless `stepsItself` is false. What is sent of the state in the same step leaves in the same
   * datagram, if it fits.
   */
  step(): void {
    const tick = this.#tick;
    this.emitSignal('tick', tick);
    this.#times.add(tick, this.#clock.now());
    this.#tick = tick + 1;
    if (!this.#multiplayer.isServer()) return;
    const peers = this.#multiplayer.getPeers();
    for (const peer of peers)
      this.node.rpcId(peer, 'tell_tick', tick, this.#players.get(peer)?.inputs.newest ?? 0);
    // Of who is kicked, and of all when the transport is changed, no signal says that they left.
    if (this.#players.size > peers.length)
      for (const peer of this.#players.keys()) if (!peers.includes(peer)) this.#players.delete(peer);
  }

  /** How the clock of a peer stands to this one; `undefined` without the helper, and before its second question. */
  clockOf(peer: number): ClockEstimate | undefined {
    return this.#players.get(peer)?.clock.estimate;
  }

  /**
   * The tick that a peer had applied when it sent what arrives now, as far as the round trip tells: that of the helper, else that of the
   * transport; without either the newest one. -1 before the first tick.
   */
  estimateTick(peer: number): number {
    const roundTripMs =
      this.#players.get(peer)?.clock.roundTripMs ??
      this.#multiplayer.multiplayerPeer?.transportPeer(peer)?.roundTripMs ??
      0;
    return this.#times.at(this.#clock.now() - roundTripMs);
  }

  /** The newest inputs of a peer, in order, at most `keptInputs`. */
  recentInputs(peer: number): readonly PlayerInput<Input>[] {
    return [...(this.#players.get(peer)?.inputs.recent ?? [])];
  }

  /** How often which reason made something of a client be turned away. */
  refusals(): NetworkTimeRefusals {
    return Object.fromEntries(this.#refusals);
  }

  /** Stops numbering ticks and listening to clients. The node stays. Calling it twice is fine. */
  close(): void {
    this.#stop();
    this.#players.clear();
  }

  #answer(peer: number, clientMs: number, serverMs: number, heldMs: number): void {
    const now = this.#clock.now();
    if (!this.#player(peer).asks(clientMs, serverMs, heldMs, now)) return;
    // The tick that was told last, and how much of the next one has passed.
    const part = Math.min(1, ((now - this.#times.newestMs) * this.tickHz) / 1000);
    const tick = this.#tick === 0 ? 0 : this.#tick - 1 + part;
    this.node.rpcId(peer, 'tell_time', clientMs, now, new Float(tick), new Float(this.tickHz));
  }

  #player(peer: number): Player<Input> {
    let player = this.#players.get(peer);
    if (player === undefined) {
      player = new Player(peer, this.#rules, this.#clock.now());
      this.#players.set(peer, player);
    }
    return player;
  }
}

/** The script of the clock's node where the game has none of its own. */
class ClockScript extends NodeScript {
  static override readonly path: string = 'res://network_time.gd';
  static override readonly rpcs: RpcDeclarations = NETWORK_TIME_RPCS;
}

/** The node at a path, made if there is none. @throws RangeError for a node without the RPCs of the clock, or no place for it. */
function clockNode({ mirror }: SceneMultiplayer, path: string): MirrorNode {
  const slash = path.lastIndexOf('/');
  const parent = mirror.getNode(path.slice(0, slash));
  const node =
    mirror.getNode(path) ??
    parent?.addChild({ name: path.slice(slash + 1), class: 'Node', script: ClockScript.path });
  if (node === undefined) throw new RangeError(`"path" expected one whose parent is there, got ${path}`);
  const isComplete = (): boolean => {
    const rpcs = mirror.scriptRpcsOf(node);
    return Object.keys(NETWORK_TIME_RPCS).every((name) => rpcs.has(name));
  };
  if (!isComplete() && node.scriptPath === ClockScript.path) mirror.registerScript(ClockScript);
  if (!isComplete())
    throw new RangeError(`"path" expected a node with the RPCs of network_time.gd, or none, got ${path}`);
  return node;
}

/** Makes inputs with the function of the game, which may throw. */
function reader<Input>(
  own: NetworkTimeOptions<Input>['readInput'],
  report: ErrorReporter,
): PlayerRules<Input>['read'] {
  // Without a function `Input` is what comes: see the type's default.
  if (own === undefined) return (value) => value as Input;
  return (value, peer) => {
    try {
      return own(value, peer);
    } catch (error) {
      report(error, 'readInput');
      return undefined;
    }
  };
}

/** A number as calls bring it; with `exact: true` it is another. */
function numberOf(value: unknown): number {
  return value instanceof Float ? value.value : Number(value);
}

/** How far back `estimateTick` knows when a tick was told. */
const REMEMBERED_SEC = 4;
const SIGNAL_NAMES = { tick: true, input: true } as const;
