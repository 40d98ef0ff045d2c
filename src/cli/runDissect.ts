/** The command `dissect`: from the bytes of a capture to the lines that are printed. */
import {
  type Capture,
  CaptureError,
  COMPRESSION_NAMES,
  type CompressionChoice,
  createUnpacker,
  Dissector,
  decrypted,
  isCompressionChoice,
  isDatagram,
  openCapture,
  type PayloadMode,
} from '../dissect/internal.ts';
import { datagramJson, escapeForJson } from './jsonReport.ts';
import { printable } from './printable.ts';
import { datagramLines } from './textReport.ts';

/** What to dissect and how to show it. */
export interface DissectRequest {
  /** A capture file, or datagrams. */
  readonly input: { readonly file: Uint8Array } | { readonly datagrams: readonly Uint8Array[] };
  /** Default: what a session names, else `auto`. */
  readonly compression?: CompressionChoice | undefined;
  /** Whether four bytes of checksum follow each header. Default false. */
  readonly hasChecksum?: boolean | undefined;
  /** What packets are taken for. Default `packet`. */
  readonly payload?: PayloadMode | undefined;
  /** One JSON object per datagram instead of text. Default false. */
  readonly isJson?: boolean | undefined;
  /** Show values and bytes whole. JSON always does. Default false. */
  readonly isFull?: boolean | undefined;
  /** Show only datagrams whose text contains this, in any case. */
  readonly filter?: string | undefined;
  /** Only datagrams from or to this port; needs a packet capture, or a dump of frames. */
  readonly port?: number | undefined;
  /** The text of a key log, with which DTLS in the capture is opened. */
  readonly keyLog?: string | undefined;
}

/**
 * Dissects a capture. The lines come while the capture is read, so that what precedes damage is shown.
 *
 * @returns lines without line ends. The text form ends with a summary. The JSON form holds one object per datagram, and
 * objects with nothing but `problem` (and `frameAt`) for unreadable frames and, at the end, for unfinished packets.
 * @throws CaptureError where the capture is damaged or cannot be read as asked; `ZstdUnavailableError` when zstd is
 * asked for by name and this process has none.
 */
export async function* dissectLines(request: DissectRequest): AsyncGenerator<string, void, undefined> {
  const frames = { other: 0, unreadable: 0, otherPorts: 0, session: 0 };
  const opened = captureOf(request);
  const capture = request.keyLog === undefined ? opened : decrypted(opened, request.keyLog, frames);
  const unpacker = await createUnpacker(request.compression ?? compressionOf(capture));
  const dissector = new Dissector({
    unpacker,
    hasChecksum: request.hasChecksum === true,
    payload: request.payload ?? 'packet',
  });
  const isJson = request.isJson === true;
  const filter = request.filter?.toLowerCase();
  for (const entry of capture.entries) {
    if (!isDatagram(entry)) {
      if (entry.reason === undefined) frames.other++;
      else {
        frames.unreadable++;
        const text = `frame at byte ${entry.at} NOT READ: ${entry.reason}`;
        if (filter === undefined)
          yield isJson ? JSON.stringify({ frameAt: entry.at, problem: entry.reason }) : text;
      }
      continue;
    }
    if (
      request.port !== undefined &&
      !hasPort(entry.from, request.port) &&
      !hasPort(entry.to, request.port)
    ) {
      frames.otherPorts++;
      continue;
    }
    const datagram = dissector.dissect(entry);
    if (filter !== undefined && !datagramLines(datagram, true).join('\n').toLowerCase().includes(filter)) {
      continue;
    }
    if (isJson) yield datagramJson(datagram);
    else yield* datagramLines(datagram, request.isFull === true);
  }
  for (const line of dissector.unfinished()) {
    yield isJson ? escapeForJson(JSON.stringify({ problem: line })) : printable(line);
  }
  if (!isJson) yield summary(dissector, frames);
}

function captureOf(request: DissectRequest): Capture {
  const { input, port } = request;
  if ('datagrams' in input) {
    return {
      kind: 'hex',
      compression: undefined,
      entries: input.datagrams.map((bytes) => ({ timeMs: 0, from: '', to: '', bytes })),
    };
  }
  const capture = openCapture(input.file);
  if (port !== undefined && !['pcap', 'pcapng', 'dump'].includes(capture.kind)) {
    throw new CaptureError('ports are known in pcap and pcapng files, and in dumps of frames, only');
  }
  return capture;
}

function compressionOf({ compression }: Capture): CompressionChoice {
  if (compression === undefined) return 'auto';
  if (isCompressionChoice(compression)) return compression;
  throw new CaptureError(
    `the session names the compression ${JSON.stringify(compression)}; known are ${COMPRESSION_NAMES.join(', ')}`,
  );
}

function hasPort(address: string, port: number): boolean {
  return address.endsWith(`:${port}`);
}

function summary(
  { counts }: Dissector,
  frames: {
    readonly other: number;
    readonly unreadable: number;
    readonly otherPorts: number;
    readonly session: number;
  },
): string {
  const parts = [
    `${count(counts.datagrams, 'datagram')}, ${count(counts.commands, 'command')}, ${count(counts.packets, 'packet')}`,
    `${count(counts.problems, 'datagram')} not fully read`,
    `${count(counts.unreadPackets, 'packet')} not decoded`,
  ];
  if (frames.unreadable > 0) parts.push(`${count(frames.unreadable, 'frame')} not read`);
  if (frames.other > 0) parts.push(`${count(frames.other, 'frame')} without UDP`);
  if (frames.session > 0) parts.push(`${count(frames.session, 'datagram')} of DTLS itself`);
  if (frames.otherPorts > 0) parts.push(`${count(frames.otherPorts, 'datagram')} of other ports`);
  return parts.join('; ');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
