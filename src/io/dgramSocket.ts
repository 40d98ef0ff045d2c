/** The {@link DatagramSocket} over node:dgram, for every platform. docs/protocol/enet-protocol 8.2, 11.3, 12.2 K. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIntegerIn } from '../../options/internal.ts';
import type { Address, Datagram } from '../enet/index.ts';
import { canonicalIp, isIpv4Text } from '../enet/internal.ts';
import type { AttachError, BindOptions } from '../runtime/index.ts';
import {
  type DatagramSink,
  type DatagramSocket,
  isAttachError,
  MAX_LONG_DATAGRAM_BYTES,
  toAttachError,
} from '../runtime/internal.ts';
import { AddressTable, KnownAddress } from './addressTable.ts';
import { bindBunSocket, IS_BUN } from './bunSocket.ts';
import { connectAtOnce, isRefusal } from './connectedSocket.ts';
import { WaitingQueue } from './waitingQueue.ts';

/** What can be set for a socket. */
export interface SocketOptions {
  /**
   * How many bytes of datagrams the system shall keep for us, 0 = the system's default. A system that refuses the
   * size keeps its own (Linux grants at most `net.core.rmem_max`).
   */
  readonly receiveBufferBytes: number;
}

/**
 * Opens and binds a socket before it returns. `"*"` gives one socket for IPv6 and IPv4 where the system has IPv6
 * (and does not force IPv6-only sockets by `net.ipv6.bindv6only`), else an IPv4 one. `"::"` is the same without the
 * way out: it needs IPv6.
 *
 * @param onReadable called when datagrams wait in {@link DatagramSocket.receive}, possibly several times.
 */
export function openDgramSocket(
  bind: BindOptions,
  options: SocketOptions,
  onReadable: () => void,
): DatagramSocket | AttachError {
  const where = bind.ip ?? '*';
  const port = bind.port ?? 0;
  if (!isPort(port)) {
    return { code: 'EINVAL', message: `"port" expected integer 0..65535, got ${port}` };
  }
  if (where === '*') {
    const dual = bindSocket({ type: 'udp6', ip: '::', ipv6Only: false }, port, options, onReadable);
    return isAttachError(dual) && NO_IPV6.has(dual.code)
      ? bindSocket({ type: 'udp4', ip: '0.0.0.0', ipv6Only: false }, port, options, onReadable)
      : dual;
  }
  const ip = canonicalIp(where);
  if (ip === undefined) {
    return {
      code: 'EINVAL',
      message: `"ip" expected a literal IP address or "*", got ${JSON.stringify(where)}`,
    };
  }
  return isIpv4Text(ip)
    ? bindSocket({ type: 'udp4', ip, ipv6Only: false }, port, options, onReadable)
    : // The wildcard takes IPv4, too, as Godot's sockets do.
      bindSocket({ type: 'udp6', ip, ipv6Only: ip !== '::' }, port, options, onReadable);
}

interface Family {
  readonly type: 'udp4' | 'udp6';
  readonly ip: string;
  readonly ipv6Only: boolean;
}

/** Bytes that the system did not take yet. Beyond this, new datagrams are lost, as on a full network card. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** How a system without IPv6 answers. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL']);

function bindSocket(
  family: Family,
  port: number,
  options: SocketOptions,
  onReadable: () => void,
): DatagramSocket | AttachError {
  if (IS_BUN) return bindBunSocket(family.ip, port, onReadable);
  let socket: Socket | undefined;
  let isListening = false;
  let problem: unknown;
  try {
    socket = createSocket({
      type: family.type,
      ipv6Only: family.ipv6Only,
      // Only literal addresses come here. Answering at once makes bind and send synchronous.
      lookup: (name, _options, done) => {
        done(null, name, family.type === 'udp4' ? 4 : 6);
      },
    });
    socket.on('error', (error) => {
      problem ??= error;
    });
    socket.once('listening', () => {
      isListening = true;
    });
    // Exclusive: a worker of a cluster would ask its parent, and the answer would come later.
    socket.bind({ address: family.ip, port, exclusive: true });
  } catch (error) {
    problem = error;
  }
  if (socket === undefined || !isListening || problem !== undefined) {
    closeQuietly(socket);
    return toAttachError(problem ?? new Error(`binding ${family.ip} port ${port} did not complete at once`));
  }
  raiseReceiveBuffer(socket, options.receiveBufferBytes);
  return new DgramSocket(socket, family, onReadable);
}

class DgramSocket implements DatagramSocket {
  readonly localAddress: Address;
  readonly #socket: Socket;
  readonly #isIpv6: boolean;
  readonly #onReadable: () => void;
  readonly #addresses = new AddressTable();
  readonly #waiting = new WaitingQueue();
  #failedSends = 0;
  #isClosed = false;
  /** What the socket is connected to; node:dgram then sends nowhere else. */
  #remote: Address | undefined;
  #onRefused: (() => void) | undefined;
  /** One callback for all sends: node:dgram tells of failures in no other way. */
  readonly #onSent = (error: Error | null): void => {
    if (error !== null) {
      this.#failedSends += 1;
      if (isRefusal(error)) this.#onRefused?.();
    }
  };
  readonly #onMessage = (bytes: Uint8Array, info: RemoteInfo): void => {
    // A plain array: `slice` of a Buffer would not copy.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.#waiting.push(plain, this.#addresses.get(info.address, info.port))) {
      this.#onReadable();
    }
  };

  constructor(socket: Socket, family: Family, onReadable: () => void) {
    this.#socket = socket;
    this.#isIpv6 = family.type === 'udp6';
    this.#onReadable = onReadable;
    const { address, port } = socket.address();
    this.localAddress = { ip: canonicalIp(address) ?? address, port };
    // The 'error' listener of the binding stays: an error on receive (on Windows ECONNRESET, the echo of an
    // unreachable port) means that there is nothing to read, and must not become an uncaught exception.
    socket.on('message', this.#onMessage);
  }

  get failedSends(): number {
    return this.#failedSends;
  }

  get droppedDatagrams(): number {
    return this.#waiting.droppedDatagrams;
  }

  send(batch: readonly Datagram[]): void {
    if (this.#isClosed) {
      return;
    }
    // Deno has no such number; its socket says by an error what it did not take.
    if (this.#socket.getSendQueueSize?.() > MAX_UNSENT_BYTES) {
      this.#failedSends += batch.length;
      return;
    }
    for (let index = 0; index < batch.length; index += 1) {
      const datagram = batch[index];
      if (datagram !== undefined) {
        this.#sendOne(datagram.bytes, datagram.to);
      }
    }
  }

  receive(limit: number, sink: DatagramSink): number {
    return this.#waiting.receive(limit, sink);
  }

  connect(to: Address, onRefused: () => void): void {
    if (this.#isClosed || this.#remote !== undefined) return;
    if (!connectAtOnce(this.#socket, this.#socketIp(to), to.port, onRefused)) return;
    this.#remote = to;
    this.#onRefused = onRefused;
  }

  takeLongDatagrams(): void {
    this.#waiting.maxDatagramBytes = MAX_LONG_DATAGRAM_BYTES;
  }

  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#socket.off('message', this.#onMessage);
      this.#waiting.clear();
      closeQuietly(this.#socket);
    }
  }

  #sendOne(bytes: Uint8Array, to: Address): void {
    if (this.#remote !== undefined) {
      this.#sendToRemote(this.#remote, bytes, to);
      return;
    }
    try {
      this.#socket.send(bytes, 0, bytes.length, to.port, this.#socketIp(to), this.#onSent);
    } catch {
      // node:dgram throws for what the system would refuse, e.g. port 0. It is lost like any other failed send.
      this.#failedSends += 1;
    }
  }

  #sendToRemote(remote: Address, bytes: Uint8Array, to: Address): void {
    if (to.port === remote.port && to.ip === remote.ip)
      this.#socket.send(bytes, 0, bytes.length, this.#onSent);
    else this.#failedSends += 1;
  }

  #socketIp(to: Address): string {
    if (to instanceof KnownAddress) {
      return to.socketIp;
    }
    return this.#isIpv6 && isIpv4Text(to.ip) ? `::ffff:${to.ip}` : to.ip;
  }
}

function isPort(port: number): boolean {
  return isIntegerIn(port, 0, 65_535);
}

function raiseReceiveBuffer(socket: Socket, bytes: number): void {
  try {
    if (bytes > 0 && socket.getRecvBufferSize() < bytes) {
      socket.setRecvBufferSize(bytes);
    }
  } catch {
    // A wish only: the system's own size works too, it just holds shorter bursts.
  }
}

function closeQuietly(socket: Socket | undefined): void {
  try {
    socket?.close();
  } catch {
    // A socket that never ran cannot be closed, and need not be.
  }
}
