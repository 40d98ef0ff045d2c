/** Somebody on the way between a client and a server, over UDP on 127.0.0.1. */
import type { Socket as UdpSocket } from 'node:dgram';
import { stranger } from './livePlay.ts';

/** Passes on what both sides say; to the server it is the client. */
export interface Relay {
  /** Where the client connects to. */
  readonly port: number;
  /** The socket whose address the server takes for the client's. */
  readonly outside: UdpSocket;
  /** The latest datagram of the client. */
  readonly latest: Uint8Array;
  /** Passes on nothing more, in either direction. */
  cut(): void;
  close(): void;
}

/**
 * Starts one in front of a server.
 *
 * @param forge makes what goes to the server ahead of a datagram of the client, if anything.
 */
export async function startRelay(
  serverPort: number,
  forge: (bytes: Uint8Array) => Uint8Array | undefined = () => undefined,
): Promise<Relay> {
  const [inside, outside] = [await stranger(), await stranger()];
  let latest: Uint8Array = new Uint8Array(0);
  let clientPort = 0;
  inside.on('message', (bytes, { port }) => {
    clientPort = port;
    latest = new Uint8Array(bytes);
    const forged = forge(latest);
    if (forged !== undefined) outside.send(forged, serverPort, '127.0.0.1');
    outside.send(bytes, serverPort, '127.0.0.1');
  });
  outside.on('message', (bytes) => inside.send(bytes, clientPort, '127.0.0.1'));
  return {
    port: inside.address().port,
    outside,
    get latest() {
      return latest;
    },
    cut() {
      inside.removeAllListeners('message');
      outside.removeAllListeners('message');
    },
    close() {
      inside.close();
      outside.close();
    },
  };
}
