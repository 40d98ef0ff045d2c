/**
 * The recorded datagrams as files: pcapng for Wireshark and `dissect`, a session for `replaySession`. In pieces, so that the game goes on: an
 * empty one is time for others, while nothing was found.
 */
import { pcapngHead, pcapngPacket } from '../../dissect/internal.ts';
import { addressOf, type DatagramReader } from './DatagramReader.ts';
import { type DatagramRecord, type DatagramRing, RecordKind } from './DatagramRing.ts';
import { hexOf } from './details.ts';
import { DROP_REASONS } from './TrafficRecorder.ts';

/** What is exported. */
export interface ExportRequest {
  readonly list: DatagramRing;
  /** Numbers, both included. */
  readonly from: number;
  readonly to: number;
  /** `ip:port` of those wanted; a session is of one address, by default that of the first datagram. */
  readonly address: string | undefined;
}

/**
 * A pcapng file. Datagrams are those inside DTLS; the own side, whose address no trace tells, is the loopback address with the server's port.
 *
 * @param portOf the own port towards somebody.
 */
export function* pcapngParts(
  request: ExportRequest,
  portOf: (record: DatagramRecord) => number,
): Generator<Uint8Array> {
  yield pcapngHead();
  for (const record of records(request)) {
    if (record === undefined) {
      yield NOTHING;
      continue;
    }
    const own = { ip: record.ip.includes(':') ? '::1' : '127.0.0.1', port: portOf(record) };
    const remote = { ip: record.ip, port: record.port };
    const isOut = record.kind === RecordKind.OUT;
    const reason = DROP_REASONS[record.reason];
    const part = pcapngPacket({
      timeMs: record.timeMs,
      from: isOut ? own : remote,
      to: isOut ? remote : own,
      bytes: record.bytes,
      comment: record.kind === RecordKind.DROP ? `dropped: ${reason}` : undefined,
    });
    if (part !== undefined) yield part;
  }
}

/** A session, in the format of `golden/sessions`. Nothing when there is no datagram. */
export function* sessionParts(request: ExportRequest, reader: DatagramReader): Generator<Uint8Array> {
  let first: DatagramRecord | undefined;
  let address = request.address;
  // Its compression stands before the datagrams.
  let compression = 'none';
  for (const record of records(request)) {
    if (record === undefined) {
      yield NOTHING;
      continue;
    }
    first ??= { ...record, bytes: new Uint8Array() };
    address ??= addressOf(record);
    if (((record.bytes[0] ?? 0) & 0x40) === 0 || addressOf(record) !== address) continue;
    const packed = reader.parse(record);
    if (packed?.isCompressed !== true) continue;
    compression =
      reader.unpack(record.bytes.subarray(packed.sentTime === undefined ? 2 : 4))?.mode ?? compression;
    break;
  }
  if (first === undefined || address === undefined) return;
  const text = new TextEncoder();
  const what = `recorded by the console: ${address}; the host's clock at 0 ms was ${first.hostMs}`;
  yield text.encode(`${JSON.stringify({ what, compression }).slice(0, -1)}, "datagrams": [`);
  let ms = 0;
  let lastMs = first.hostMs;
  let separator = '\n';
  for (const record of records({ ...request, address })) {
    if (record === undefined) {
      yield NOTHING;
      continue;
    }
    // The clock is a u32 that wraps; the session's time does not.
    ms += Math.max(0, (record.hostMs - lastMs) | 0);
    lastMs = record.hostMs;
    const side = record.kind === RecordKind.OUT ? 'server' : 'client';
    yield text.encode(`${separator} [${ms}, "${side}", "${hexOf(record.bytes)}"]`);
    separator = ',\n';
  }
  yield text.encode('\n]}\n');
}

/**
 * Those that are asked for, in order, and `undefined` each {@link LOOKS} datagrams that were looked at. What goes from the ring meanwhile is
 * left out; a drop whose arrival is there comes once.
 */
function* records({ list, from, to, address }: ExportRequest): Generator<DatagramRecord | undefined> {
  let index = list.first;
  let arrived: { readonly hostMs: number; readonly place: string; readonly size: number } | undefined;
  // The list goes on meanwhile, and what is asked for ends.
  const end = list.end;
  for (; index < end; index++) {
    if (index % LOOKS === 0) yield undefined;
    index = Math.max(index, list.first);
    const record = list.at(index);
    if (record === undefined || record.number < from) continue;
    if (record.number > to) return;
    const place = addressOf(record);
    if (place === '' || (address !== undefined && place !== address)) continue;
    if (record.kind === RecordKind.IN) arrived = { hostMs: record.hostMs, place, size: record.size };
    const isTwice =
      record.kind === RecordKind.DROP &&
      arrived?.hostMs === record.hostMs &&
      arrived.place === place &&
      arrived.size === record.size;
    if (!isTwice) yield record;
  }
}

const NOTHING = new Uint8Array();
const LOOKS = 1000;
