/** Draining when the process is told to end, as containers are: SIGTERM. */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import { DRAIN_OPTION_NAMES, type DrainOptions, type DrainResult, drain, drainPlan } from './drain.ts';
import type { OperatedServer } from './operatedServer.ts';

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
 * @throws as {@link drain}.
 * @returns a function that takes the listeners back.
 */
export function drainOnSignals(server: OperatedServer, options: ShutdownOptions = {}): () => void {
  checkOptions(options, OPTION_NAMES);
  const { signals = ['SIGTERM', 'SIGINT'], onSignal: tellSignal, onDrained, ...drainOptions } = options;
  // Not when the signal comes: nobody could catch it there.
  drainPlan(server, options);
  const remove = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    remove();
    tellSignal?.(signal);
    void drain(server, drainOptions).then((result) => onDrained?.(result));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return remove;
}

const OPTION_NAMES: OptionNames<ShutdownOptions> = {
  ...DRAIN_OPTION_NAMES,
  signals: true,
  onSignal: true,
  onDrained: true,
};
