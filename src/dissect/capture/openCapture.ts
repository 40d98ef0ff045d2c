/** From the bytes of any capture file to its datagrams. */
import { constants, gunzipSync } from 'node:zlib';
import { type Capture, type CapturedDatagram, CaptureError } from './capturedDatagram.ts';
import { type UdpDatagram, udpOfFrame } from './frames.ts';
import { isHexDump, isOfTwo, readHexDumps } from './hexDump.ts';
import { packetCaptureKind, readPacketCapture } from './pcap.ts';
import { readTextCapture } from './textCapture.ts';

/** The largest packet capture that is read, in bytes: 1 GiB. It is read whole; of one in gzip what comes out counts. */
export const MAX_CAPTURE_BYTES: number = 1024 * 1024 * 1024;
/** The largest session or hexadecimal file that is read, in bytes: 256 MiB. */
export const MAX_TEXT_BYTES: number = 256 * 1024 * 1024;

/**
 * Opens a capture: pcap, pcapng, a recorded session in JSON, a dump of any of these or of datagrams, or hexadecimal text; each
 * of them also in gzip. The content decides which, not a name.
 *
 * @param file - The whole file. Kept, not changed: the datagrams of a packet capture are views into it.
 * @throws CaptureError when the file is too large or its beginning cannot be read; later damage shows while iterating.
 */
export function openCapture(file: Uint8Array): Capture {
  if (file.length > MAX_CAPTURE_BYTES) {
    throw new CaptureError(`${file.length} bytes are more than can be read (${MAX_CAPTURE_BYTES})`);
  }
  return isGzip(file) ? openGzip(file) : openPlain(file);
}

/** What is in gzip may not be in gzip again: there are files that contain themselves. */
function openPlain(file: Uint8Array): Capture {
  const kind = packetCaptureKind(file);
  if (kind !== undefined) return { kind, compression: undefined, entries: readPacketCapture(file) };
  if (file.length > MAX_TEXT_BYTES) {
    throw new CaptureError(`${file.length} bytes of text are more than can be read (${MAX_TEXT_BYTES})`);
  }
  if (file.includes(0)) {
    throw new CaptureError(
      `neither pcap, pcapng nor text: there is a zero byte at ${file.indexOf(0)}; ` +
        'only hexadecimal text and dumps, sessions in JSON, pcap and pcapng files can be read, all of them also in gzip',
    );
  }
  const text = new TextDecoder().decode(file);
  return isHexDump(text) ? openDump(text) : readTextCapture(text);
}

/** One dump that is a whole capture file is that file; else each dump is a frame or a datagram. */
function openDump(text: string): Capture {
  const dumps = readHexDumps(text);
  const first = dumps.next();
  const kind = first.done ? undefined : packetCaptureKind(first.value.bytes);
  if (kind !== undefined) {
    return { kind, compression: undefined, entries: readPacketCapture(first.value.bytes) };
  }
  return { kind: 'dump', compression: undefined, entries: dumpEntries(text) };
}

function* dumpEntries(text: string): Iterable<CapturedDatagram> {
  const hasTwo = isOfTwo(text);
  for (const { bytes, indent } of readHexDumps(text)) {
    const frame = frameOf(bytes);
    if (frame !== undefined) yield { timeMs: 0, ...frame };
    else yield { timeMs: 0, from: hasTwo ? (indent === 0 ? 'first' : 'second') : '', to: '', bytes };
  }
}

/** Ethernet, or IP alone, whose lengths are right: no datagram of ENet looks so. */
function frameOf(bytes: Uint8Array): UdpDatagram | undefined {
  for (const linkType of [ETHERNET, RAW_IP, LINUX_COOKED]) {
    const frame = udpOfFrame(linkType, bytes);
    if (typeof frame === 'object') return frame;
  }
  return undefined;
}

function isGzip(file: Uint8Array): boolean {
  return file[0] === 0x1f && file[1] === 0x8b;
}

/** What is whole of a file that was cut off is shown, and then the error. */
function openGzip(file: Uint8Array): Capture {
  try {
    return openPlain(gunzipSync(file, { maxOutputLength: MAX_CAPTURE_BYTES }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new CaptureError(`gzip: more than ${MAX_CAPTURE_BYTES} bytes come out of it`);
    }
    if (code !== 'Z_BUF_ERROR') {
      throw code?.startsWith('Z_') === true ? new CaptureError(`gzip: ${message}`) : error;
    }
    const options = { maxOutputLength: MAX_CAPTURE_BYTES, finishFlush: constants.Z_SYNC_FLUSH };
    const capture = openPlain(gunzipSync(file, options));
    return { ...capture, entries: cutOff(capture.entries) };
  }
}

function* cutOff(entries: Capture['entries']): Capture['entries'] {
  yield* entries;
  throw new CaptureError('gzip: the file is cut off');
}

const ETHERNET = 1;
const RAW_IP = 101;
const LINUX_COOKED = 113;
