/** What a UDP port does with datagrams that are not ENet: whether it is closed, and whether it speaks DTLS. */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isDtlsRecord } from '../../enet/doctor/signatures.ts';
import { clientHello } from './clientHello.ts';

/** How long a system on the same machine or network takes to say that a port is closed. */
const CLOSED_AFTER_MS = 300;
const REPEAT_MS = 1000;

/** Whether the system says that nobody listens there. A remote system may say nothing; then it counts as open. */
export async function isClosed(ip: string, port: number): Promise<boolean> {
  return await withSocket(ip, port, CLOSED_AFTER_MS, (socket, done) => {
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED'));
    // Nothing in it, so that no server can take it for anything.
    socket.send(new Uint8Array(0));
  });
}

/** Whether a ClientHello is answered with a DTLS record within `timeoutMs`. */
export async function speaksDtls(ip: string, port: number, timeoutMs: number): Promise<boolean> {
  return await withSocket(ip, port, timeoutMs, (socket, done) => {
    const hello = clientHello(randomBytes(32));
    socket.on('error', () => done(false));
    socket.on('message', (bytes) => done(isDtlsRecord(bytes)));
    socket.send(hello);
    const repeat = setInterval(() => socket.send(hello), REPEAT_MS);
    socket.once('close', () => clearInterval(repeat));
  });
}

/** Runs `use` on a connected socket, until it says what it found or the time is up: then `false`. */
async function withSocket(
  ip: string,
  port: number,
  timeoutMs: number,
  use: (socket: Socket, done: (found: boolean) => void) => void,
): Promise<boolean> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const done = (found: boolean): void => {
        clearTimeout(timer);
        resolve(found);
      };
      // E.g. no route; the ENet probe says the rest.
      const onError = (): void => done(false);
      socket.once('error', onError);
      socket.once('connect', () => {
        socket.off('error', onError);
        use(socket, done);
      });
      socket.connect(port, ip);
    });
  } finally {
    socket.close();
  }
}
