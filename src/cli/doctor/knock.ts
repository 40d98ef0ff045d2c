/** What a UDP port does with datagrams that are not ENet: whether it is closed, and whether it speaks DTLS. */
import { createSocket, type Socket } from 'node:dgram';
import { isDtlsRecord } from '../../doctor/internal.ts';
import { DtlsClientEndpoint } from '../../dtls/internal.ts';

/** How long a system on the same machine or network takes to say that a port is closed. */
const CLOSED_AFTER_MS = 300;
const SERVICE_MS = 50;

/** Whether the system says that nobody listens there. A remote system may say nothing; then it counts as open. */
export async function isClosed(ip: string, port: number): Promise<boolean> {
  return await withSocket(ip, port, CLOSED_AFTER_MS, false, (socket, done) => {
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED'));
    // Nothing in it, so that no server can take it for anything.
    socket.send(new Uint8Array(0));
  });
}

/** What came back for a DTLS handshake. */
export type KnockAnswer =
  /** DTLS. The chain of the server in DER, when the handshake got so far; why it did not end well. */
  | { readonly kind: 'dtls'; readonly chain: readonly Uint8Array[]; readonly failure: string | undefined }
  /** Something else: the first datagram. */
  | { readonly kind: 'other'; readonly bytes: Uint8Array }
  | { readonly kind: 'nothing' };

/**
 * Makes a DTLS handshake that trusts anybody, and says goodbye.
 *
 * @param name the host name that the server is told; undefined: none.
 */
export async function knockDtls(
  ip: string,
  port: number,
  name: string | undefined,
  timeoutMs: number,
): Promise<KnockAnswer> {
  const to = { ip, port };
  let chain: readonly Uint8Array[] = [];
  let speaksDtls = false;
  const found = await withSocket<KnockAnswer | undefined>(ip, port, timeoutMs, undefined, (socket, done) => {
    const answer = (failure: string | undefined): void => done({ kind: 'dtls', chain, failure });
    const endpoint = new DtlsClientEndpoint({
      serverName: name,
      verifyServer: (sent) => {
        chain = sent.map((der) => new Uint8Array(der));
        return undefined;
      },
      world: {
        now: () => performance.now(),
        transmit: (bytes) => socket.send(bytes),
        deliver: () => undefined,
        onEvent: (event) => {
          if (event.type === 'failed') answer(event.failure.message);
          if (event.type !== 'open') return;
          // The last flight of the handshake leaves first.
          setImmediate(() => {
            endpoint.close();
            answer(undefined);
          });
        },
      },
    });
    socket.on('error', () => done(undefined));
    socket.on('message', (bytes) => {
      if (isDtlsRecord(bytes)) {
        speaksDtls = true;
        endpoint.receive(bytes, to);
      } else if (!speaksDtls) done({ kind: 'other', bytes: new Uint8Array(bytes) });
    });
    const service = setInterval(() => endpoint.service(), SERVICE_MS);
    socket.once('close', () => clearInterval(service));
    endpoint.send(new Uint8Array(0), to);
  });
  if (found !== undefined) return found;
  return speaksDtls ? { kind: 'dtls', chain, failure: 'the handshake does not end' } : { kind: 'nothing' };
}

/** Runs `use` on a connected socket, until it says what it found or the time is up: then `otherwise`. */
async function withSocket<Found>(
  ip: string,
  port: number,
  timeoutMs: number,
  otherwise: Found,
  use: (socket: Socket, done: (found: Found) => void) => void,
): Promise<Found> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  try {
    return await new Promise<Found>((resolve) => {
      const timer = setTimeout(() => resolve(otherwise), timeoutMs);
      const done = (found: Found): void => {
        clearTimeout(timer);
        resolve(found);
      };
      // E.g. no route; the ENet probe says the rest.
      const onError = (): void => done(otherwise);
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
