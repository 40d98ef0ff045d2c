/** Capture files of tcpdump and Wireshark: pcap and pcapng. Only what is needed to find UDP datagrams. */
import { type CapturedDatagram, CaptureError, type SkippedFrame } from './capturedDatagram.ts';
import { LINK_TYPES, udpOfFrame } from './frames.ts';

const PCAP_MAGICS: ReadonlyMap<number, number> = new Map([
  [0xa1b2c3d4, 1e3],
  [0xa1b23c4d, 1e6],
]);
const PCAPNG_SECTION = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_BLOCK = 1;
const SIMPLE_PACKET_BLOCK = 3;
const ENHANCED_PACKET_BLOCK = 6;
const OPTION_TIME_RESOLUTION = 9;

interface Frame {
  /** Where the record starts in the file. */
  readonly at: number;
  readonly timeMs: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

/** Which packet capture a file begins like; `undefined` when it is none. */
export function packetCaptureKind(file: Uint8Array): 'pcap' | 'pcapng' | undefined {
  if (file.length < 4) return undefined;
  const view = viewOf(file);
  if (view.getUint32(0) === PCAPNG_SECTION) return 'pcapng';
  return PCAP_MAGICS.has(view.getUint32(0)) || PCAP_MAGICS.has(view.getUint32(0, true)) ? 'pcap' : undefined;
}

/**
 * The UDP datagrams of a pcap or pcapng file in order, and the frames that hold none.
 *
 * @param file - The whole file; the datagrams are views into it.
 * @throws CaptureError, while it is iterated, where the file is damaged or has a link type that is not known.
 */
export function* readPacketCapture(file: Uint8Array): Iterable<CapturedDatagram | SkippedFrame> {
  const isPcapng = packetCaptureKind(file) === 'pcapng';
  const frames = isPcapng ? pcapngFrames(file) : pcapFrames(file);
  let startMs: number | undefined;
  for (const frame of frames) {
    if (!LINK_TYPES.has(frame.linkType)) {
      const reason = `link type ${frame.linkType} cannot be read`;
      // A pcapng file may hold frames of other interfaces; in a pcap file all frames are alike.
      if (!isPcapng) throw new CaptureError(`the frame at byte ${frame.at}: ${reason}`);
      yield { at: frame.at, reason };
      continue;
    }
    const udp = udpOfFrame(frame.linkType, frame.bytes);
    if (udp === undefined || typeof udp === 'string') {
      yield { at: frame.at, reason: udp };
      continue;
    }
    startMs ??= frame.timeMs;
    yield { timeMs: frame.timeMs - startMs, from: udp.from, to: udp.to, bytes: udp.bytes };
  }
}

function* pcapFrames(file: Uint8Array): Iterable<Frame> {
  if (file.length < 24) throw new CaptureError(`the pcap header is cut off after ${file.length} bytes`);
  const view = viewOf(file);
  const isLittle = PCAP_MAGICS.has(view.getUint32(0, true));
  const perMs = PCAP_MAGICS.get(view.getUint32(0, isLittle)) ?? 1e3;
  // The upper bits say whether frames end in a checksum.
  const linkType = view.getUint32(20, isLittle) & 0x03ff_ffff;
  let at = 24;
  while (at < file.length) {
    if (file.length - at < 16) throw new CaptureError(`the packet header at byte ${at} is cut off`);
    const length = view.getUint32(at + 8, isLittle);
    if (length > file.length - at - 16) throw new CaptureError(`the packet at byte ${at} is cut off`);
    const timeMs = view.getUint32(at, isLittle) * 1000 + view.getUint32(at + 4, isLittle) / perMs;
    yield { at, timeMs, linkType, bytes: file.subarray(at + 16, at + 16 + length) };
    at += 16 + length;
  }
}

interface Interface {
  readonly linkType: number;
  readonly unitsPerMs: number;
}

function* pcapngFrames(file: Uint8Array): Iterable<Frame> {
  const view = viewOf(file);
  let isLittle = true;
  let interfaces: Interface[] = [];
  let at = 0;
  while (at < file.length) {
    if (file.length - at < 12) throw new CaptureError(`the block at byte ${at} is cut off`);
    if (view.getUint32(at) === PCAPNG_SECTION) {
      isLittle = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
      if (!isLittle && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) {
        throw new CaptureError(`the section at byte ${at} has no byte order mark`);
      }
      interfaces = [];
    }
    const length = view.getUint32(at + 4, isLittle);
    if (length < 12 || length % 4 !== 0 || length > file.length - at) {
      throw new CaptureError(`the block at byte ${at} has a bad length (${length})`);
    }
    const body = file.subarray(at + 8, at + length - 4);
    const type = view.getUint32(at, isLittle);
    if (type === INTERFACE_BLOCK) interfaces.push(readInterface(body, isLittle, at));
    else if (type === ENHANCED_PACKET_BLOCK) yield enhancedPacket(body, isLittle, interfaces, at);
    else if (type === SIMPLE_PACKET_BLOCK) yield simplePacket(body, isLittle, interfaces, at);
    at += length;
  }
}

function readInterface(body: Uint8Array, isLittle: boolean, at: number): Interface {
  if (body.length < 8) throw new CaptureError(`the interface block at byte ${at} is too short`);
  const view = viewOf(body);
  let unitsPerMs = 1e3;
  let option = 8;
  while (option + 4 <= body.length) {
    const code = view.getUint16(option, isLittle);
    const length = view.getUint16(option + 2, isLittle);
    if (code === 0) break;
    if (code === OPTION_TIME_RESOLUTION && length >= 1) {
      const value = body[option + 4] ?? 6;
      unitsPerMs = (value & 0x80 ? 2 ** (value & 0x7f) : 10 ** value) / 1000;
    }
    option += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { linkType: view.getUint16(0, isLittle), unitsPerMs };
}

function enhancedPacket(
  body: Uint8Array,
  isLittle: boolean,
  interfaces: readonly Interface[],
  at: number,
): Frame {
  if (body.length < 20) throw new CaptureError(`the packet block at byte ${at} is too short`);
  const view = viewOf(body);
  const known = interfaces[view.getUint32(0, isLittle)];
  if (known === undefined)
    throw new CaptureError(`the packet at byte ${at} names an interface that is not there`);
  const length = view.getUint32(12, isLittle);
  if (length > body.length - 20) throw new CaptureError(`the packet at byte ${at} is cut off`);
  const units = view.getUint32(4, isLittle) * 2 ** 32 + view.getUint32(8, isLittle);
  return {
    at,
    timeMs: units / known.unitsPerMs,
    linkType: known.linkType,
    bytes: body.subarray(20, 20 + length),
  };
}

function simplePacket(
  body: Uint8Array,
  isLittle: boolean,
  interfaces: readonly Interface[],
  at: number,
): Frame {
  const known = interfaces[0];
  if (known === undefined || body.length < 4)
    throw new CaptureError(`the packet at byte ${at} has no interface`);
  const length = Math.min(viewOf(body).getUint32(0, isLittle), body.length - 4);
  return { at, timeMs: 0, linkType: known.linkType, bytes: body.subarray(4, 4 + length) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
