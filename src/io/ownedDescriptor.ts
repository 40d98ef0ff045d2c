/**
 * A bound descriptor in the hands of node:dgram: Node watches it, and closes it however its thread or the process ends.
 * docs/decisions/0004-network-thread.md.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AttachError } from '../runtime/index.ts';
import { toAttachError } from '../runtime/internal.ts';

/**
 * Hands a bound UDP socket over to node:dgram. It keeps the process alive until it is closed.
 *
 * @param fd greater than 0. It belongs to Node from here on; after a failure it still belongs to the caller.
 * @param onDatagram gets one datagram that arrived, which is gone from the socket then. The bytes are its own.
 * @returns the socket, to close it by.
 */
export function ownDescriptor(
  fd: number,
  isIpv6: boolean,
  onDatagram: (bytes: Uint8Array, from: RemoteInfo) => void,
): Socket | AttachError {
  const socket = createSocket({
    type: isIpv6 ? 'udp6' : 'udp4',
    // Only literal addresses come here. Answering at once makes connect synchronous.
    lookup: (name, _options, done) => {
      done(null, name, isIpv6 ? 6 : 4);
    },
  });
  let problem: unknown;
  let isListening = false;
  // An error on receive means that there is nothing to read, and must not become an uncaught exception.
  socket.on('error', (error) => {
    problem ??= error;
  });
  socket.once('listening', () => {
    isListening = true;
  });
  try {
    // Exclusive: a worker of a cluster would ask its parent.
    socket.bind({ fd, exclusive: true });
  } catch (error) {
    problem = error;
  }
  if (!isListening) {
    return toAttachError(problem ?? new Error('node:dgram did not take the socket at once'));
  }
  // A plain array: `slice` of a Buffer would not copy.
  socket.on('message', (bytes, from) =>
    onDatagram(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), from),
  );
  return socket;
}
