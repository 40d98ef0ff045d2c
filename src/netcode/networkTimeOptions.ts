/** What a NetworkTime can be told at creation. */
import type { VariantValue } from '../../codec/index.ts';
import {
  checkBooleans,
  checkFunctions,
  checkOptions,
  describe,
  isIntegerIn,
  type OptionNames,
  withDefaults,
} from '../../options/internal.ts';
import type { ErrorReporter } from '../godot/index.ts';
import type { MultiplayerRuntime } from '../multiplayer/index.ts';

/** Options of a `NetworkTime`; `Input`: what an input of a player is to the game. */
export interface NetworkTimeOptions<Input = VariantValue> {
  /** Ticks per second, above 0, at most 1000: how often `mirror.process` runs, or `step` is called. */
  readonly tickHz: number;
  /** The node of the clock; made when there is none. Default `/root/NetworkTime`, where Godot has an autoload of this name. */
  readonly path?: string | undefined;
  /** Whether each `mirror.process` is a tick. `false`: the game calls `step`. Default true. */
  readonly stepsItself?: boolean | undefined;
  /**
   * Makes an input of what a client sent; `undefined`, and what it throws, refuses it. Default: any value of at most
   * `maxInputBytes` is one.
   */
  readonly readInput?: ((value: VariantValue, peer: number) => Input | undefined) | undefined;
  /** The most packets with inputs that a peer may send per second; twice as many at once. Default 128. */
  readonly maxInputPacketsPerSec?: number | undefined;
  /** The most inputs in a packet, the repeated ones among them, 1..64. Default 16. */
  readonly maxInputsPerPacket?: number | undefined;
  /** The most bytes of the inputs of a packet, encoded. Default 1200. */
  readonly maxInputBytes?: number | undefined;
  /** How many inputs of each peer are kept for `recentInputs`, 1..1024. Default 32. */
  readonly keptInputs?: number | undefined;
  /** Takes what `readInput` and listeners throw, and where. Default: it becomes an uncaught exception. */
  readonly onError?: ErrorReporter | undefined;
  /** The clock. Default: the process's. */
  readonly runtime?: Pick<MultiplayerRuntime, 'now' | 'startTimer'> | undefined;
}

/** What has a default, complete. */
export interface NetworkTimeSettings {
  /** The node of the clock. */
  readonly path: string;
  /** Whether each `mirror.process` is a tick. */
  readonly stepsItself: boolean;
  /** Packets with inputs per second and peer. */
  readonly maxInputPacketsPerSec: number;
  /** Inputs in a packet. */
  readonly maxInputsPerPacket: number;
  /** Bytes of the inputs of a packet. */
  readonly maxInputBytes: number;
  /** Inputs of each peer that are kept. */
  readonly keptInputs: number;
}

/** The defaults that hold when the options name no others. */
export const NETWORK_TIME_DEFAULTS: NetworkTimeSettings = {
  path: '/root/NetworkTime',
  stepsItself: true,
  maxInputPacketsPerSec: 128,
  maxInputsPerPacket: 16,
  maxInputBytes: 1200,
  keptInputs: 32,
};

/** @throws TypeError or RangeError naming the option. */
export function readNetworkTimeOptions<Input>(options: NetworkTimeOptions<Input>): NetworkTimeSettings {
  checkOptions(options, OPTION_NAMES);
  checkFunctions(options, ['readInput', 'onError']);
  checkBooleans(options, ['stepsItself']);
  const settings = withDefaults(NETWORK_TIME_DEFAULTS, options);
  const { tickHz } = options;
  if (!(typeof tickHz === 'number' && tickHz > 0 && tickHz <= 1000))
    throw new RangeError(`"tickHz" expected above 0, at most 1000, got ${describe(tickHz)}`);
  const { path } = settings;
  if (typeof path !== 'string' || !/^\/root\/.*[^/]$/.test(path))
    throw new RangeError(`"path" expected a path below /root, got ${describe(path)}`);
  for (const [name, most] of LIMITS) {
    const value = settings[name];
    if (!isIntegerIn(value, 1, most))
      throw new RangeError(`"${name}" expected an integer 1..${most}, got ${describe(value)}`);
  }
  return settings;
}

const LIMITS = [
  ['maxInputPacketsPerSec', 100_000],
  ['maxInputsPerPacket', 64],
  ['maxInputBytes', 65_536],
  ['keptInputs', 1024],
] as const;

const OPTION_NAMES: OptionNames<NetworkTimeOptions> = {
  tickHz: true,
  path: true,
  stepsItself: true,
  readInput: true,
  maxInputPacketsPerSec: true,
  maxInputsPerPacket: true,
  maxInputBytes: true,
  keptInputs: true,
  onError: true,
  runtime: true,
};
