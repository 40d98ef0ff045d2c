/** The options of an ENetMultiplayerPeer: everything that Godot's class does not have. */
import type { Runtime } from '../enet/transport.ts';
import type { ENetConnectionOptions } from './connectionOptions.ts';
import type { ErrorReporter } from './signals.ts';

/**
 * What an `ENetMultiplayerPeer` can be told at creation; it goes to its host as well. All of it is optional in the Node
 * entry. With `onWake`, call `poll()` in it.
 */
export interface ENetMultiplayerPeerOptions
  extends Omit<ENetConnectionOptions, 'onError' | 'maxBufferedEvents'> {
  /**
   * Takes what a listener of a signal throws, with `"signal <name>"`, and what makes the host fail, with `"poll"`.
   * Default: the former becomes an uncaught exception, the latter closes the peer, as it does in any case.
   */
  readonly onError?: ErrorReporter;
}

/**
 * Checks the options.
 *
 * @throws TypeError when the runtime is missing.
 */
export function checkMultiplayerOptions(options: ENetMultiplayerPeerOptions, className: string): Runtime {
  if (options.runtime !== undefined) return options.runtime;
  throw new TypeError(
    `"runtime" expected a Runtime, got undefined: import ${className} from "godot-enet/godot", which brings one`,
  );
}

/** The options of the host of a multiplayer peer. */
export function connectionOptionsOf(options: ENetMultiplayerPeerOptions): ENetConnectionOptions {
  const { onError, ...rest } = options;
  return onError === undefined ? rest : { ...rest, onError: (error) => onError(error, 'poll') };
}
