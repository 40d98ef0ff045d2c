/** UDP sockets that are connected in the system's sense, so that it tells of ports where nobody listens. */
import type { Socket } from 'node:dgram';

/**
 * Connects a bound socket before it returns. Its `lookup` must answer at once.
 *
 * @param onRefused called for every message that nobody listens there which the socket reads.
 * @returns whether it is connected now.
 */
export function connectAtOnce(socket: Socket, ip: string, port: number, onRefused: () => void): boolean {
  try {
    socket.connect(port, ip);
    // It throws where the system has refused, e.g. without a route.
    socket.remoteAddress();
  } catch {
    return false;
  }
  socket.on('error', (error) => {
    if (isRefusal(error)) onRefused();
  });
  return true;
}

/** Whether an error of a socket is the echo of a port where nobody listens. */
export function isRefusal(error: Error): boolean {
  return 'code' in error && error.code === CONNECTION_REFUSED;
}

/** The name of that error. */
export const CONNECTION_REFUSED = 'ECONNREFUSED';
