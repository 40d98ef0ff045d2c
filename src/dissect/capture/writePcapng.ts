/** Writes pcapng: one interface of raw IP packets, with times in microseconds, as Wireshark and `pcap.ts` read it. */
import { parseIp } from '../../enet/internal.ts';

/** A UDP datagram to write. */
export interface WrittenDatagram {
  /** Unix epoch, ms. */
  readonly timeMs: number;
  readonly from: WrittenAddress;
  readonly to: WrittenAddress;
  readonly bytes: Uint8Array;
  /** A comment on the packet. */
  readonly comment: string | undefined;
}

/** One end of it. */
export interface WrittenAddress {
  readonly ip: string;
  readonly port: number;
}

/** What a file begins with: the section and its one interface. */
export function pcapngHead(): Uint8Array {
  const section = new Uint8Array(28);
  const view = new DataView(section.buffer);
  view.setUint32(0, 0x0a0d0d0a, true);
  view.setUint32(4, section.length, true);
  view.setUint32(8, 0x1a2b3c4d, true);
  view.setUint16(12, 1, true);
  // The length of the section is not known.
  view.setBigInt64(16, -1n, true);
  view.setUint32(24, section.length, true);
  const body = new Uint8Array(8);
  const interfaceView = new DataView(body.buffer);
  interfaceView.setUint16(0, LINKTYPE_RAW, true);
  const described = block(1, body);
  const head = new Uint8Array(section.length + described.length);
  head.set(section);
  head.set(described, section.length);
  return head;
}

/** One datagram, in an IP packet that is made for it; `undefined` when an end has no literal address, or both are of different kinds. */
export function pcapngPacket({ timeMs, from, to, bytes, comment }: WrittenDatagram): Uint8Array | undefined {
  const packet = ipPacket(from, to, bytes);
  if (packet === undefined) return undefined;
  const noted = comment === undefined ? NOTHING : commentOption(comment);
  const padded = padTo4(packet.length);
  const body = new Uint8Array(20 + padded + noted.length);
  const view = new DataView(body.buffer);
  const micros = BigInt(Math.max(0, Math.round(timeMs * 1000)));
  view.setUint32(4, Number(micros >> 32n), true);
  view.setUint32(8, Number(micros & 0xffffffffn), true);
  view.setUint32(12, packet.length, true);
  view.setUint32(16, packet.length, true);
  body.set(packet, 20);
  body.set(noted, 20 + padded);
  return block(6, body);
}

function block(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, true);
  return bytes;
}

function commentOption(comment: string): Uint8Array {
  const text = new TextEncoder().encode(comment);
  // The last four bytes end the options.
  const option = new Uint8Array(4 + padTo4(text.length) + 4);
  const view = new DataView(option.buffer);
  view.setUint16(0, 1, true);
  view.setUint16(2, text.length, true);
  option.set(text, 4);
  return option;
}

function ipPacket(from: WrittenAddress, to: WrittenAddress, bytes: Uint8Array): Uint8Array | undefined {
  const source = parseIp(from.ip)?.bytes;
  const target = parseIp(to.ip)?.bytes;
  if (source === undefined || target === undefined || source.length !== target.length) return undefined;
  const isV4 = source.length === 4;
  const headLength = isV4 ? 20 : 40;
  const udpLength = 8 + bytes.length;
  const packet = new Uint8Array(headLength + udpLength);
  const view = new DataView(packet.buffer);
  if (isV4) {
    view.setUint8(0, 0x45);
    view.setUint16(2, packet.length);
    view.setUint8(8, HOPS);
    view.setUint8(9, UDP);
    packet.set(source, 12);
    packet.set(target, 16);
    view.setUint16(10, checksumOf(packet.subarray(0, 20)));
  } else {
    view.setUint8(0, 0x60);
    view.setUint16(4, udpLength);
    view.setUint8(6, UDP);
    view.setUint8(7, HOPS);
    packet.set(source, 8);
    packet.set(target, 24);
  }
  view.setUint16(headLength, from.port);
  view.setUint16(headLength + 2, to.port);
  view.setUint16(headLength + 4, udpLength);
  packet.set(bytes, headLength + 8);
  view.setUint16(headLength + 6, udpChecksum(source, target, packet.subarray(headLength)));
  return packet;
}

/** Over the pseudo header as well; needed with IPv6. */
function udpChecksum(source: Uint8Array, target: Uint8Array, segment: Uint8Array): number {
  const pseudo = new Uint8Array(source.length * 2 + 8 + segment.length + (segment.length & 1));
  pseudo.set(source);
  pseudo.set(target, source.length);
  const view = new DataView(pseudo.buffer);
  view.setUint32(source.length * 2, segment.length);
  view.setUint32(source.length * 2 + 4, UDP);
  pseudo.set(segment, source.length * 2 + 8);
  // 0 stands for "none".
  return checksumOf(pseudo) || 0xffff;
}

function checksumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function padTo4(length: number): number {
  return (length + 3) & ~3;
}

const LINKTYPE_RAW = 101;
const UDP = 17;
const HOPS = 64;
const NOTHING = new Uint8Array();
