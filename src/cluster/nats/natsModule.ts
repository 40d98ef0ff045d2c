/** The package `@nats-io/transport-node`: the client for NATS. Loaded when a bus connects. */
import { packageUnavailable } from '../../io/internal.ts';

/** The module. */
export type NatsModule = typeof import('@nats-io/transport-node');
/** One connection. It is over when it is lost: another one is made then. */
export type NatsConnection = import('@nats-io/transport-node').NatsConnection;
/** What comes. */
export type NatsMessage = import('@nats-io/transport-node').Msg;

/**
 * Loads the package, the first time from the disk. A bundler that finds it puts it into the bundle.
 *
 * @throws (rejects with) PackageUnavailableError when it is not there.
 */
export async function loadNats(): Promise<NatsModule> {
  try {
    return await import('@nats-io/transport-node');
  } catch (cause) {
    throw packageUnavailable('NatsBus', ['@nats-io/transport-node'], cause);
  }
}
