/**
 * The {@link DatagramSocket} over recvmmsg and sendmmsg: one system call for many datagrams, and no object per
 * datagram but its view. Linux only, needs the optional package `koffi`. docs/protocol/enet-protocol 8.2, 12.2 K.
 */

import { canonicalIp, isIpv4Text } from '../enet/ip.ts';
import type { Address, AttachError, BindOptions, Datagram } from '../enet/transport.ts';
import {
  type DatagramSink,
  type DatagramSocket,
  isAttachError,
  MAX_DATAGRAM_BYTES,
} from './datagramSocket.ts';
import type { SocketOptions } from './dgramSocket.ts';
import { type Libc, type LibcResult, loadLibc, type Watch } from './libc.ts';
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
  onReadable: () => void,
  result: LibcResult = loadLibc(),
): DatagramSocket | AttachError {
  if ('problem' in result) {
    return { code: 'ENOTSUP', message: result.problem };
  }
  const { libc } = result;
  const where = bind.ip ?? '*';
  const port = bind.port ?? 0;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
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
    : bindSocket(libc, ip, port, true, options, onReadable);
}

function bindSocket(
  libc: Libc,
  ip: string,
  port: number,
  isIpv6Only: boolean,
  options: SocketOptions,
  onReadable: () => void,
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
  const fd = libc.socket(isIpv6 ? AF_INET6 : AF_INET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
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
  return new MmsgSocket(libc, fd, addresses, { ...addresses.decode(bound, 0) }, onReadable);
}

class MmsgSocket implements DatagramSocket {
  readonly localAddress: Address;
  readonly descriptor: number;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #addresses: SockaddrTable;
  readonly #incoming: Slab;
  readonly #watch: Watch;
  /** Told of datagrams that were not taken yet. */
  #isReported = false;
  #isPaused = false;
  #isClosed = false;
  #failedSends = 0;
  #droppedDatagrams = 0;

  constructor(
    libc: Libc,
    fd: number,
    addresses: SockaddrTable,
    localAddress: Address,
    onReadable: () => void,
  ) {
    this.#libc = libc;
    this.#fd = fd;
    this.descriptor = fd;
    this.#addresses = addresses;
    this.localAddress = localAddress;
    this.#incoming = new Slab(libc, RECEIVE_SLOTS);
    this.#watch = libc.watch(fd, () => {
      if (this.#isClosed) {
        return;
      }
      if (!this.#isReported) {
        this.#isReported = true;
        onReadable();
      } else if (!this.#isPaused) {
        // The descriptor stays readable, and nobody takes the datagrams: do not report it in every turn. A host that
        // takes them in the turn in which they are reported never comes here, which saves three system calls.
        this.#isPaused = true;
        this.#watch.pause();
      }
    });
  }

  get failedSends(): number {
    return this.#failedSends;
  }

  get droppedDatagrams(): number {
    return this.#droppedDatagrams;
  }

  send(batch: readonly Datagram[]): void {
    // All sockets share the outgoing slab: nothing stays in it after this call.
    outgoing ??= new Slab(this.#libc, SEND_SLOTS);
    let used = 0;
    for (let index = 0; index < batch.length && !this.#isClosed; index += 1) {
      const datagram = batch[index];
      const to = datagram === undefined ? undefined : this.#addresses.encode(datagram.to);
      if (datagram === undefined || to === undefined) {
        this.#failedSends += 1;
      } else if (datagram.bytes.length > MAX_DATAGRAM_BYTES) {
        this.#flushSlab(outgoing, used);
        used = 0;
        this.#sendLong(datagram.bytes, to);
      } else {
        outgoing.put(used, datagram.bytes, to, this.#addresses.byteLength);
        used += 1;
        if (used === SEND_SLOTS) {
          this.#flushSlab(outgoing, used);
          used = 0;
        }
      }
    }
    this.#flushSlab(outgoing, used);
  }

  receive(limit: number, sink: DatagramSink): number {
    if (this.#isClosed) {
      return 0;
    }
    this.#isReported = false;
    const slab = this.#incoming;
    const wanted = Math.min(limit, RECEIVE_SLOTS);
    let count = this.#libc.recvmmsg(this.#fd, slab.messages, wanted, MSG_DONTWAIT, null);
    if (count < 0 && this.#libc.errorCode() !== 'EAGAIN') {
      // An error of an earlier send is reported once; behind it datagrams may wait.
      count = this.#libc.recvmmsg(this.#fd, slab.messages, wanted, MSG_DONTWAIT, null);
    }
    count = Math.max(0, count);
    slab.prepare(count);
    for (let index = 0; index < count; index += 1) {
      const length = slab.lengthAt(index);
      // enet-protocol 12.1 W10, W11: an empty datagram says nothing, and one that did not fit is dropped.
      if (slab.isTruncated(index)) {
        this.#droppedDatagrams += 1;
      } else if (length > 0) {
        sink.receive(slab.bytesAt(index, length), this.#addresses.decode(slab.names, index * SOCKADDR_WORDS));
      }
    }
    if (count < wanted && this.#isPaused) {
      this.#isPaused = false;
      this.#watch.resume();
    }
    return count;
  }

  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#watch.close();
      this.#libc.close(this.#fd);
    }
  }

  #flushSlab(slab: Slab, used: number): void {
    let first = 0;
    while (first < used) {
      const sent = this.#libc.sendmmsg(this.#fd, slab.messagesFrom(first), used - first, MSG_DONTWAIT);
      if (sent > 0) {
        first += sent;
        continue;
      }
      const code = this.#libc.errorCode();
      if (code === 'EAGAIN' || code === 'ENOBUFS') {
        // The system's queue is full: all of them are lost, as on a full network card.
        this.#failedSends += used - first;
        return;
      }
      if (code !== 'EINTR') {
        this.#failedSends += 1;
        first += 1;
      }
    }
  }

  #sendLong(bytes: Uint8Array, to: Uint32Array): void {
    const { byteLength } = this.#addresses;
    if (this.#libc.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT, to, byteLength) < 0) {
      this.#failedSends += 1;
    }
  }
}

/**
 * Memory for a batch of messages, in the layout of `struct mmsghdr` (64 bytes), `struct iovec` (16 bytes) and
 * socket addresses. The arrays have buffers of their own, which never move.
 */
class Slab {
  /** Where the message headers are. */
  readonly messages: bigint;
  /** The addresses, {@link SOCKADDR_WORDS} words each. */
  readonly names: Uint32Array;
  readonly #headers: Uint32Array;
  readonly #vectors: Uint32Array;
  readonly #data: Uint8Array;

  constructor(libc: Libc, slots: number) {
    this.#headers = new Uint32Array(slots * HEADER_WORDS);
    this.#vectors = new Uint32Array(slots * VECTOR_WORDS);
    this.names = new Uint32Array(slots * SOCKADDR_WORDS);
    this.#data = new Uint8Array(slots * MAX_DATAGRAM_BYTES);
    this.prepare(slots);
    this.messages = libc.addressOf(this.#headers);
    const vectors = libc.addressOf(this.#vectors);
    const names = libc.addressOf(this.names);
    const data = libc.addressOf(this.#data);
    for (let index = 0; index < slots; index += 1) {
      const header = index * HEADER_WORDS;
      setPointer(this.#headers, header + NAME_WORD, names + BigInt(index * SOCKADDR_WORDS * 4));
      setPointer(this.#headers, header + VECTOR_WORD, vectors + BigInt(index * VECTOR_WORDS * 4));
      this.#headers[header + VECTOR_COUNT_WORD] = 1;
      this.#vectors[index * VECTOR_WORDS + LENGTH_WORD] = MAX_DATAGRAM_BYTES;
      setPointer(this.#vectors, index * VECTOR_WORDS, data + BigInt(index * MAX_DATAGRAM_BYTES));
    }
  }

  /** Makes the first slots ready to receive again: the system has written the lengths of the addresses. */
  prepare(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.#headers[index * HEADER_WORDS + NAME_LENGTH_WORD] = SOCKADDR_WORDS * 4;
    }
  }

  /** Copies one datagram into a slot. */
  put(index: number, bytes: Uint8Array, to: Uint32Array, nameLength: number): void {
    const start = index * MAX_DATAGRAM_BYTES;
    const { length } = bytes;
    if (length > SHORT_BYTES) {
      this.#data.set(bytes, start);
    } else {
      for (let at = 0; at < length; at += 1) {
        this.#data[start + at] = bytes[at] ?? 0;
      }
    }
    const name = index * SOCKADDR_WORDS;
    for (let word = 0; word * 4 < nameLength; word += 1) {
      this.names[name + word] = to[word] ?? 0;
    }
    this.#headers[index * HEADER_WORDS + NAME_LENGTH_WORD] = nameLength;
    this.#vectors[index * VECTOR_WORDS + LENGTH_WORD] = bytes.length;
  }

  /** Where the message headers from a slot on are. */
  messagesFrom(index: number): bigint {
    return index === 0 ? this.messages : this.messages + BigInt(index * HEADER_WORDS * 4);
  }

  /** How many bytes a slot received. */
  lengthAt(index: number): number {
    return this.#headers[index * HEADER_WORDS + MESSAGE_LENGTH_WORD] ?? 0;
  }

  /** Whether the datagram of a slot was longer than the slot. */
  isTruncated(index: number): boolean {
    return ((this.#headers[index * HEADER_WORDS + FLAGS_WORD] ?? 0) & MSG_TRUNC) !== 0;
  }

  /** A view of the bytes of a slot. */
  bytesAt(index: number, length: number): Uint8Array {
    const start = index * MAX_DATAGRAM_BYTES;
    return this.#data.subarray(start, start + length);
  }
}

function setPointer(words: Uint32Array, index: number, pointer: bigint): void {
  words[index] = Number(pointer & 0xffff_ffffn);
  words[index + 1] = Number(pointer >> 32n);
}

function zoneName(libc: Libc, index: number): string {
  const name = new Uint8Array(IF_NAMESIZE);
  const end = libc.if_indextoname(index, name) === null ? 0 : name.indexOf(0);
  return end <= 0 ? String(index) : String.fromCharCode(...name.subarray(0, end));
}

let outgoing: Slab | undefined;

/** As many datagrams as one receive phase takes. docs/protocol/enet-protocol 8.2. */
const RECEIVE_SLOTS = 256;
const SEND_SLOTS = 64;
/** Up to here a loop copies faster than `set`. */
const SHORT_BYTES = 64;

// Offsets in words of 4 bytes. struct mmsghdr: name pointer 0, its length 8, iovec pointer 16, their count 24,
// control pointer 32, its length 40, flags 48, received length 56. struct iovec: pointer 0, length 8.
const HEADER_WORDS = 16;
const NAME_WORD = 0;
const NAME_LENGTH_WORD = 2;
const VECTOR_WORD = 4;
const VECTOR_COUNT_WORD = 6;
const FLAGS_WORD = 12;
const MESSAGE_LENGTH_WORD = 14;
const VECTOR_WORDS = 4;
const LENGTH_WORD = 2;

// Numbers of Linux, the same on x64 and arm64.
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const IF_NAMESIZE = 16;
/** How a system without IPv6 answers. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL']);
