/** What happens, on channels of `node:diagnostics_channel`, for monitoring that knows nothing of the program. */
import { channel, hasSubscribers } from 'node:diagnostics_channel';
import type { EventSink } from './sink.ts';
import { type DiagnosticsSource, watchSource } from './watch.ts';

/**
 * Publishes what happens from now on: to a server of any kind (a `ClusterNode` with its rooms), to a `Handoff`, to a `ClusterMatchmaking`. For
 * a channel without subscribers no message is made. What a subscriber throws Node reports as an uncaught exception.
 *
 * @returns a function that ends it.
 */
export function publishDiagnostics(source: DiagnosticsSource): () => void {
  return watchSource(source, CHANNELS);
}

const CHANNELS: EventSink = {
  wants: hasSubscribers,
  tell: (name, message) => channel(name).publish(message),
};
