/** Runs a program of a guide in the process of the test, until it is told to stop as a signal would do it. */
import { pathToFileURL } from 'node:url';

/**
 * Imports a program that ends at SIGINT.
 *
 * @param file - its path.
 * @returns does what SIGINT would make it do; the process of the test gets none.
 */
export async function runPageProgram(file: string): Promise<() => void> {
  const listeners = (): [NodeJS.Signals, NodeJS.SignalsListener][] =>
    (['SIGTERM', 'SIGINT'] as const).flatMap((signal) =>
      process
        .listeners(signal)
        .map((listener): [NodeJS.Signals, NodeJS.SignalsListener] => [signal, listener]),
    );
  const before = new Set(listeners().map(([, listener]) => listener));
  await import(pathToFileURL(file).href);
  const own = listeners().filter(([, listener]) => !before.has(listener));
  return () => {
    for (const [signal, listener] of own.splice(0)) {
      process.off(signal, listener);
      if (signal === 'SIGINT') listener(signal);
    }
  };
}
