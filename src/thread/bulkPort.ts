/** Large packets through a message port of node:worker_threads. docs/decisions/0004-network-thread.md. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { BulkPort } from './layout.ts';

/** The packets that cross through one end of a message channel. */
export function bulkOf(port: MessagePort): BulkPort {
  return {
    post: (bytes) => port.postMessage(bytes),
    take: () => receiveMessageOnPort(port)?.message,
  };
}
