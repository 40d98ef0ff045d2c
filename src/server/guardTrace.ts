/** The application's trace of a host: the core may not be thrown at. */
import type { HostTrace } from '../enet/index.ts';
import { callGuarded, type ErrorReporter } from './signals.ts';

/** The same trace; what it throws is reported. */
export function guardTrace(trace: HostTrace, report: ErrorReporter): HostTrace {
  const { received, sent, dropped } = trace;
  const guard =
    <Arguments extends unknown[]>(call: (...args: Arguments) => void) =>
    (...args: Arguments): void =>
      callGuarded((...given: Arguments) => call.apply(trace, given), args, report, 'host.trace');
  return {
    ...(received && { received: guard(received) }),
    ...(sent && { sent: guard(sent) }),
    ...(dropped && { dropped: guard(dropped) }),
  };
}
