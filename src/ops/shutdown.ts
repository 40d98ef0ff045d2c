/** Draining when the process is told to end, as containers are: SIGTERM. */
import type { ENetServer } from '../server.ts';
import { type DrainOptions, type DrainResult, drain, drainTimeout } from './drain.ts';

/** Options of {@link drainOnSignals}. */
export interface ShutdownOptions extends DrainOptions {
  /** The signals. Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Called when the first of them comes, before the drain begins. */
  readonly onSignal?: (signal: NodeJS.Signals) => void;
  /** Called when the server has stopped: close what else holds the process. */
  readonly onDrained?: (result: DrainResult) => void;
}

/**
 * Drains the server at the first signal. A second signal is left to Node, which ends the process at once.
 *
 * @throws RangeError for a timeout out of range.
 * @returns a function that takes the listeners back.
 */
export function drainOnSignals(server: ENetServer, options: ShutdownOptions = {}): () => void {
  // Not when the signal comes: nobody could catch it there.
  drainTimeout(options);
  const signals = options.signals ?? ['SIGTERM', 'SIGINT'];
  const remove = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    remove();
    options.onSignal?.(signal);
    void drain(server, options).then((result) => options.onDrained?.(result));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return remove;
}
