/**
 * The {@link DatagramSocket} over recvmmsg and sendmmsg: one system call for many datagrams, and no object per
 * datagram but its view. Linux only, needs the optional package `koffi`. docs/protocol/enet-protocol 8.2, 12.2 K.
 *
 * In the application's thread libuv watches the descriptor, and nobody reads but recvmmsg. Elsewhere node:dgram owns and
 * watches it: of the datagrams that wait it takes the first, and tells; the others are taken with one call before it
 * can take them one by one.
 */

import type { RemoteInfo, Socket } from 'node:dgram';
import { isIntegerIn } from '../../options/internal.ts';
import type { Address, Datagram } from '../enet/index.ts';
import { canonicalIp, isIpv4Text } from '../enet/internal.ts';
import type { AttachError, BindOptions } from '../runtime/index.ts';
import {
  type DatagramSink,
  type DatagramSocket,
  isAttachError,
  MAX_DATAGRAM_BYTES,
} from '../runtime/internal.ts';
import type { OnReadable } from './attachedHost.ts';
import { BatchReceiver } from './batchReceiver.ts';
import { CONNECTION_REFUSED, connectAtOnce } from './connectedSocket.ts';
import type { SocketOptions } from './dgramSocket.ts';
import { type Libc, type LibcResult, loadLibc } from './libc.ts';
import { LoopWatch } from './loopWatch.ts';
import { ownDescriptor } from './ownedDescriptor.ts';
import { Slab, SOL_UDP, UDP_SEGMENT } from './slab.ts';
import { AF_INET, AF_INET6, SOCKADDR_WORDS, SockaddrTable, type Zones } from './sockaddr.ts';

/** Why {@link openMmsgSocket} cannot be used here, or `undefined` when it can. */
export function mmsgProblem(): string | undefined {
  const result = loadLibc();
  return 'problem' in result ? result.problem : undefined;
}

/**
 * Opens and binds a socket before it returns, as {@link openDgramSocket} does.
 *
 * @param onReadable called when datagrams wait in {@link DatagramSocket.receive}; again after those were taken.
 * @param result the system's calls, for tests that let some of them fail.
 */
export function openMmsgSocket(
  bind: BindOptions,
  options: SocketOptions,
  onReadable: OnReadable,
  result: LibcResult = loadLibc(),
): DatagramSocket | AttachError {
  if ('problem' in result) {
    return { code: 'ENOTSUP', message: result.problem };
  }
  const { libc } = result;
  const where = bind.ip ?? '*';
  const port = bind.port ?? 0;
  if (!isIntegerIn(port, 0, 65_535)) {
    return { code: 'EINVAL', message: `"port" expected integer 0..65535, got ${port}` };
  }
  if (where === '*') {
    const dual = bindSocket(libc, '::', port, false, options, onReadable);
    return isAttachError(dual) && NO_IPV6.has(dual.code)
      ? bindSocket(libc, '0.0.0.0', port, false, options, onReadable)
      : dual;
  }
  const ip = canonicalIp(where);
  return ip === undefined
    ? { code: 'EINVAL', message: `"ip" expected a literal IP address or "*", got ${JSON.stringify(where)}` }
    : // The wildcard takes IPv4, too, as Godot's sockets do.
      bindSocket(libc, ip, port, ip !== '::', options, onReadable);
}

function bindSocket(
  libc: Libc,
  ip: string,
  port: number,
  isIpv6Only: boolean,
  options: SocketOptions,
  onReadable: OnReadable,
): DatagramSocket | AttachError {
  const isIpv6 = !isIpv4Text(ip);
  const zones: Zones = {
    indexOf: (zone) => (/^\d+$/.test(zone) ? Number(zone) : libc.if_nametoindex(zone)),
    nameOf: (index) => zoneName(libc, index),
  };
  const addresses = new SockaddrTable(isIpv6, zones);
  // The table takes no port 0, which means "any" when binding: put the port in afterwards.
  const encoded = addresses.encode({ ip, port: 1 });
  if (encoded === undefined) {
    return { code: 'EADDRNOTAVAIL', message: `bind EADDRNOTAVAIL ${ip}:${port}` };
  }
  const name = encoded.slice();
  new DataView(name.buffer).setUint16(2, port);
  const fd = openSocket(libc, isIpv6 ? AF_INET6 : AF_INET);
  if (fd < 0) {
    const code = libc.errorCode();
    return { code, message: `socket ${code}` };
  }
  const set = (level: number, option: number, value: number): number =>
    libc.setsockopt(fd, level, option, Int32Array.of(value), 4);
  const isUnset = isIpv6 && set(IPPROTO_IPV6, IPV6_V6ONLY, isIpv6Only ? 1 : 0) < 0;
  if (isUnset || libc.bind(fd, name, addresses.byteLength) < 0) {
    const code = libc.errorCode();
    libc.close(fd);
    return { code, message: `bind ${code} ${ip}:${port}` };
  }
  if (options.receiveBufferBytes > 0) {
    // Wishes: what the system refuses stays as it is.
    set(SOL_SOCKET, SO_RCVBUF, options.receiveBufferBytes);
    set(SOL_SOCKET, SO_SNDBUF, options.receiveBufferBytes);
  }
  const bound = new Uint32Array(SOCKADDR_WORDS);
  libc.getsockname(fd, bound, Uint32Array.of(SOCKADDR_WORDS * 4));
  const localAddress = { ...addresses.decode(bound, 0) };
  // Linux before 4.18 would skip the option in a message, and send its datagrams as a long one: this asks whether it is known.
  const joins = set(SOL_UDP, UDP_SEGMENT, 0) === 0;
  const socket = new MmsgSocket(libc, fd, addresses, localAddress, joins, onReadable);
  const problem = socket.watch();
  if (problem !== undefined) libc.close(fd);
  return problem ?? socket;
}

/** A descriptor above 0, which is a descriptor as any other, but not for node:dgram. */
function openSocket(libc: Libc, family: number): number {
  const fd = libc.socket(family, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  if (fd !== 0) {
    return fd;
  }
  const other = libc.socket(family, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  libc.close(fd);
  return other;
}

class MmsgSocket implements DatagramSocket {
  readonly localAddress: Address;
  /** One of both watches the descriptor. The owner closes it, too. */
  #owner: Socket | undefined;
  #watch: LoopWatch | undefined;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #addresses: SockaddrTable;
  readonly #receiver: BatchReceiver;
  readonly #onReadable: OnReadable;
  /** The owner told of datagrams that were not taken yet. */
  #isReported = false;
  #isClosed = false;
  #onRefused: (() => void) | undefined;
  #failedSends = 0;
  /** Datagrams of one length to one address leave as one message. */
  #joins: boolean;

  constructor(
    libc: Libc,
    fd: number,
    addresses: SockaddrTable,
    localAddress: Address,
    joins: boolean,
    onReadable: OnReadable,
  ) {
    this.#libc = libc;
    this.#fd = fd;
    this.#addresses = addresses;
    this.localAddress = localAddress;
    this.#joins = joins;
    this.#receiver = new BatchReceiver(libc, fd, addresses);
    this.#onReadable = onReadable;
  }

  get failedSends(): number {
    return this.#failedSends;
  }

  get droppedDatagrams(): number {
    return this.#receiver.droppedDatagrams;
  }

  send(batch: readonly Datagram[]): void {
    // All sockets share the outgoing slab: nothing stays in it after this call.
    outgoing ??= new Slab(this.#libc, SEND_SLOTS, MAX_DATAGRAM_BYTES);
    const slab = outgoing;
    slab.empty();
    const ordered = this.#joins ? byAddress(batch) : batch;
    for (let index = 0; index < ordered.length && !this.#isClosed; index += 1) {
      const datagram = ordered[index];
      const to = datagram === undefined ? undefined : this.#addresses.encode(datagram.to);
      if (datagram === undefined || to === undefined) {
        this.#failedSends += 1;
      } else if (datagram.bytes.length > MAX_DATAGRAM_BYTES) {
        this.#flushSlab(slab);
        this.#sendLong(datagram.bytes, to);
      } else {
        slab.put(datagram.bytes, to, this.#addresses.byteLength, this.#joins);
        if (slab.used === SEND_SLOTS) this.#flushSlab(slab);
      }
    }
    this.#flushSlab(slab);
  }

  /** Has the descriptor watched, before anybody has this object. */
  watch(): AttachError | undefined {
    const { uv } = this.#libc;
    this.#watch =
      uv &&
      LoopWatch.open(uv, this.#fd, {
        onReadable: () => this.#onReadable(true),
        onUnread: () => this.#receiver.store(),
      });
    return this.#watch === undefined ? this.#giveToNode() : undefined;
  }

  /** node:dgram watches it from here on: where libuv cannot, and for what only node:dgram hears of. */
  #giveToNode(): AttachError | undefined {
    const owner = ownDescriptor(this.#fd, !isIpv4Text(this.localAddress.ip), (bytes, from) => {
      this.#push(bytes, from);
    });
    if (isAttachError(owner)) return owner;
    // Set by libuv when it takes a socket over, although it was bound without: nobody else may bind this port.
    this.#libc.setsockopt(this.#fd, SOL_SOCKET, SO_REUSEADDR, Int32Array.of(0), 4);
    this.#owner = owner;
    return undefined;
  }

  #push(bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#isClosed) {
      return;
    }
    this.#receiver.push(bytes, from);
    if (!this.#isReported && this.#receiver.hasWaiting) {
      this.#isReported = true;
      this.#onReadable();
    }
  }

  receive(limit: number, sink: DatagramSink): number {
    if (this.#isClosed) {
      return 0;
    }
    this.#isReported = false;
    this.#watch?.taken();
    return this.#receiver.receive(limit, sink);
  }

  connect(to: Address, onRefused: () => void): void {
    if (this.#isClosed || this.#onRefused !== undefined) return;
    if (this.#owner === undefined) {
      // An error of a connected socket ends a watch of libuv.
      this.#watch?.close();
      if (this.#giveToNode() !== undefined) {
        this.watch();
        return;
      }
      this.#watch = undefined;
    }
    if (this.#owner === undefined) return;
    const isMapped = !isIpv4Text(this.localAddress.ip) && isIpv4Text(to.ip);
    if (!connectAtOnce(this.#owner, isMapped ? `::ffff:${to.ip}` : to.ip, to.port, onRefused)) return;
    this.#onRefused = onRefused;
    this.#receiver.onRefused = onRefused;
  }

  takeLongDatagrams(): void {
    this.#receiver.takeLongDatagrams();
  }

  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#receiver.clear();
      this.#watch?.close();
      if (this.#owner === undefined) this.#libc.close(this.#fd);
      else this.#owner.close();
    }
  }

  #flushSlab(slab: Slab): void {
    let message = 0;
    let slot = 0;
    while (message < slab.messageCount) {
      const count = slab.messageCount - message;
      const sent = this.#libc.sendmmsg(this.#fd, slab.messagesFrom(message), count, MSG_DONTWAIT);
      for (let index = 0; index < sent; index += 1) slot += slab.datagramsOf(message + index);
      if (sent > 0) {
        message += sent;
        continue;
      }
      const code = this.#libc.errorCode();
      if (code === 'EAGAIN' || code === 'ENOBUFS') {
        // The system's queue is full: all of them are lost, as on a full network card.
        this.#failedSends += slab.used - slot;
        break;
      }
      if (code === 'EINTR') continue;
      // It is told of once, also where what is sent next goes through.
      if (code === CONNECTION_REFUSED) this.#onRefused?.();
      const datagrams = slab.datagramsOf(message);
      if (datagrams > 1) {
        // A system, a network card or a route that does not take several in one message: they go one by one, from now on.
        this.#joins &&= !NO_SEGMENTS.has(code);
        const to = slab.names.subarray(nameOf(slot), nameOf(slot) + SOCKADDR_WORDS).slice();
        for (let index = 0; index < datagrams; index += 1) this.#sendLong(slab.putBytes(slot + index), to);
      } else {
        this.#failedSends += 1;
      }
      message += 1;
      slot += datagrams;
    }
    slab.empty();
  }

  #sendLong(bytes: Uint8Array, to: Uint32Array): void {
    const { byteLength } = this.#addresses;
    if (this.#libc.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT, to, byteLength) < 0) {
      this.#failedSends += 1;
      if (this.#libc.errorCode() === CONNECTION_REFUSED) this.#onRefused?.();
    }
  }
}

/**
 * Those to one address one behind the other, as they were among themselves: a host that has much for several peers gives each of them a
 * datagram by turns, and only neighbours become one message.
 */
function byAddress(batch: readonly Datagram[]): readonly Datagram[] {
  let longCount = 0;
  for (let index = 0; index < batch.length; index += 1)
    if ((batch[index]?.bytes.length ?? 0) >= WORTH_JOINING_BYTES) longCount += 1;
  if (longCount < 2) return batch;
  const groups = new Map<Address, Datagram[]>();
  for (const datagram of batch) {
    const group = groups.get(datagram.to);
    if (group === undefined) groups.set(datagram.to, [datagram]);
    else group.push(datagram);
  }
  return groups.size === batch.length ? batch : [...groups.values()].flat();
}

function zoneName(libc: Libc, index: number): string {
  const name = new Uint8Array(IF_NAMESIZE);
  const end = libc.if_indextoname(index, name) === null ? 0 : name.indexOf(0);
  return end <= 0 ? String(index) : String.fromCharCode(...name.subarray(0, end));
}

function nameOf(slot: number): number {
  return slot * SOCKADDR_WORDS;
}

let outgoing: Slab | undefined;

const SEND_SLOTS = 64;
/** Of a broadcast of less to each of many peers nothing can be joined, as a rule: it is not looked through. */
const WORTH_JOINING_BYTES = 512;
// Numbers of Linux, the same on x64 and arm64.
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_DONTWAIT = 0x40;
/** How a system answers that cannot cut a message into datagrams. */
const NO_SEGMENTS: ReadonlySet<string> = new Set(['EINVAL', 'EIO', 'EMSGSIZE', 'EOPNOTSUPP', 'ENOPROTOOPT']);
const IF_NAMESIZE = 16;
/** How a system without IPv6 answers. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL']);
