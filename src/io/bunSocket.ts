/**
 * The {@link DatagramSocket} over the UDP sockets of Bun. Its node:dgram binds some turns of the loop later, when `createServer` has
 * to have answered; what is below that binds at once, behind a promise that is fulfilled already.
 */
import type { Address, Datagram } from '../enet/index.ts';
import { canonicalIp, isIpv4Text } from '../enet/internal.ts';
import type { AttachError } from '../runtime/index.ts';
import {
  type DatagramSink,
  type DatagramSocket,
  MAX_LONG_DATAGRAM_BYTES,
  toAttachError,
} from '../runtime/internal.ts';
import { AddressTable, KnownAddress } from './addressTable.ts';
import { WaitingQueue } from './waitingQueue.ts';

/** What is used of a socket of Bun. */
interface BunUdpSocket {
  readonly address: { readonly address: string; readonly port: number };
  /** Whether the system took it. */
  send(bytes: Uint8Array, port: number, ip: string): boolean;
  close(): void;
}

/** What is used of Bun. */
interface BunGlobal {
  /** What a promise is fulfilled with; the promise itself while it is not. */
  peek(promise: Promise<BunUdpSocket>): BunUdpSocket | Promise<BunUdpSocket>;
  udpSocket(options: {
    readonly hostname: string;
    readonly port: number;
    readonly socket: {
      data(socket: BunUdpSocket, bytes: Uint8Array, port: number, ip: string): void;
      error(socket: BunUdpSocket, error: Error): void;
    };
  }): Promise<BunUdpSocket>;
}

/** Whether this process is one of Bun. */
export const IS_BUN: boolean = 'bun' in process.versions;

/** Binds a socket of one family before it returns; of IPv6 it takes IPv4, too. */
export function bindBunSocket(
  ip: string,
  port: number,
  onReadable: () => void,
): DatagramSocket | AttachError {
  const { Bun: bun } = globalThis as unknown as { readonly Bun: BunGlobal };
  const waiting = new WaitingQueue();
  const addresses = new AddressTable();
  try {
    const bound = bun.peek(
      bun.udpSocket({
        hostname: ip,
        port,
        socket: {
          data(_socket, bytes, fromPort, from) {
            const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
            if (waiting.push(plain, addresses.get(from, fromPort))) onReadable();
          },
          // The echo of a port where nobody listens; that ENet notices by itself.
          error() {},
        },
      }),
    );
    if ('then' in bound) {
      bound.then(
        (late) => late.close(),
        () => undefined,
      );
      throw new Error(`binding ${ip} port ${port} did not complete at once`);
    }
    return new BunSocket(bound, waiting, !isIpv4Text(ip));
  } catch (error) {
    return toAttachError(error);
  }
}

class BunSocket implements DatagramSocket {
  readonly localAddress: Address;
  readonly #socket: BunUdpSocket;
  readonly #waiting: WaitingQueue;
  readonly #isIpv6: boolean;
  #failedSends = 0;
  #isClosed = false;

  constructor(socket: BunUdpSocket, waiting: WaitingQueue, isIpv6: boolean) {
    const { address, port } = socket.address;
    this.localAddress = { ip: canonicalIp(address) ?? address, port };
    this.#socket = socket;
    this.#waiting = waiting;
    this.#isIpv6 = isIpv6;
  }

  get failedSends(): number {
    return this.#failedSends;
  }

  get droppedDatagrams(): number {
    return this.#waiting.droppedDatagrams;
  }

  send(batch: readonly Datagram[]): void {
    if (this.#isClosed) return;
    for (const { bytes, to } of batch) {
      try {
        if (!this.#socket.send(bytes, to.port, this.#socketIp(to))) this.#failedSends += 1;
      } catch {
        // What the system refuses, e.g. port 0. It is lost like any other failed send.
        this.#failedSends += 1;
      }
    }
  }

  receive(limit: number, sink: DatagramSink): number {
    return this.#waiting.receive(limit, sink);
  }

  takeLongDatagrams(): void {
    this.#waiting.maxDatagramBytes = MAX_LONG_DATAGRAM_BYTES;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.clear();
    this.#socket.close();
  }

  #socketIp(to: Address): string {
    if (to instanceof KnownAddress) return to.socketIp;
    return this.#isIpv6 && isIpv4Text(to.ip) ? `::ffff:${to.ip}` : to.ip;
  }
}
