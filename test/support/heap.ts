/** The memory that is in use after a collection: of this thread, and of a network thread. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel } from 'node:worker_threads';

/** What a thread uses after a collection, in bytes. */
export interface ThreadMemory {
  /** The heap. */
  readonly heapBytes: number;
  /** The heap with the memory of its buffers. */
  readonly heldBytes: number;
}

/** The program of a network thread that answers {@link askThread}: the one that ships, in `dist/`, and a little more. */
export const MEASURED_THREAD: URL = new URL('../soak/measuredWorker.mjs', import.meta.url);

/** The heap of this thread after a collection, with the memory of its buffers. */
export function heapBytes(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Asks the network thread of this process, whose program is {@link MEASURED_THREAD}. */
export async function askThread(): Promise<ThreadMemory> {
  const channel = new BroadcastChannel(`heap of the thread of ${process.pid}`);
  try {
    return await new Promise<ThreadMemory>((resolve) => {
      channel.onmessage = (message) => {
        // The type of the message is that of an event of the browser.
        resolve((message as { data: ThreadMemory }).data);
      };
      channel.postMessage('size?');
    });
  } finally {
    channel.close();
  }
}

setFlagsFromString('--expose-gc');
/** Collects what nobody holds. */
export const collect: () => void = runInNewContext('gc');
