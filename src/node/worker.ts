/** The program of a network thread. Started by `NetworkThread`. docs/decisions/0004-network-thread.md. */
import { parentPort, workerData } from 'node:worker_threads';
import { prepareZstd } from '../io/internal.ts';
import type { AttachError } from '../runtime/index.ts';
import {
  bulkOf,
  type CredentialsMessage,
  HostThread,
  type ThreadData,
  type ThreadMessage,
  ThreadState,
  Word,
} from '../thread/internal.ts';
import { createNodeRuntime } from './nodeRuntime.ts';

// Only NetworkThread starts this program, so the data has this type.
const data = workerData as ThreadData;
const control = new Int32Array(data.control);
const ZSTD = 4;
void main().catch((error: unknown) => {
  refuse({ code: 'EFAULT', message: error instanceof Error ? error.message : String(error) });
});

async function main(): Promise<void> {
  if (data.options.compression === ZSTD) {
    // WebAssembly cannot start synchronously; a failure shows again when the compressor is made.
    await prepareZstd().catch(() => undefined);
  }
  const say = (message: ThreadMessage): void => parentPort?.postMessage(message);
  const started = HostThread.start(data, createNodeRuntime(data.runtime), bulkOf(data.bulk), {
    ping: () => parentPort?.postMessage(0),
    complain: (message) => say({ message }),
    diagnose: (diagnosis) => say({ diagnosis }),
    tellSecure: (secure) => say({ secure }),
  });
  if ('code' in started) {
    refuse(started);
    return;
  }
  // What ends this thread otherwise leaves nobody to do so; then Node closes the socket.
  process.on('exit', () => started.release());
  parentPort?.on('message', (message: unknown) => {
    if (isCredentials(message)) started.setCredentials(message.key, message.certificate);
    else started.onPing();
  });
  Atomics.store(control, Word.PORT, started.localPort);
  announce(ThreadState.RUNNING);
}

function refuse(reason: AttachError): void {
  data.bulk.postMessage(reason);
  announce(ThreadState.FAILED);
  data.bulk.close();
}

/** Everything but a wake is an object. */
function isCredentials(message: unknown): message is CredentialsMessage {
  return typeof message === 'object' && message !== null;
}

function announce(state: number): void {
  Atomics.store(control, Word.STATE, state);
  Atomics.notify(control, Word.STATE);
}
