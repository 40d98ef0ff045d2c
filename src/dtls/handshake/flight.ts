/**
 * A flight: the messages that one side sends in a row and repeats as a whole. RFC 6347, 4.2.3 (fragments), 4.2.4 (flights)
 * and 4.1.1 (datagrams no longer than the MTU, several records in each).
 */

import { ContentType, DTLS_1_0, DTLS_1_2, HandshakeType } from '../protocol.ts';
import type { RecordWriter } from '../record/recordWriter.ts';
import { encodeFragment, HANDSHAKE_HEADER_BYTES } from './handshakeMessages.ts';

/** A message that is sent. */
export interface OutgoingMessage {
  /** 1 for Finished, else 0. */
  readonly epoch: 0 | 1;
  /** Its type. */
  readonly type: number;
  /** Its number among all that this side sends; repetitions keep it. */
  readonly messageSeq: number;
  /** Its body. */
  readonly body: Uint8Array;
}

/** What a flight is made of; the text stands for the record that announces epoch 1. */
export type FlightItem = OutgoingMessage | 'changeCipherSpec';

/**
 * Makes the datagrams of a flight, in new records each time.
 *
 * @param mtuBytes the longest datagram.
 */
export function encodeFlight(
  items: readonly FlightItem[],
  writer: RecordWriter,
  mtuBytes: number,
): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  let records: Uint8Array[] = [];
  let size = 0;
  const add = (record: Uint8Array): void => {
    if (size > 0 && size + record.length > mtuBytes) {
      datagrams.push(joined(records, size));
      records = [];
      size = 0;
    }
    records.push(record);
    size += record.length;
  };
  for (const item of items) {
    if (item === 'changeCipherSpec') {
      add(writer.write(0, ContentType.CHANGE_CIPHER_SPEC, Uint8Array.of(1)));
    } else {
      for (const fragment of fragmentsOf(item, mtuBytes - writer.overhead(item.epoch))) {
        add(writer.write(item.epoch, ContentType.HANDSHAKE, fragment, recordVersion(item)));
      }
    }
  }
  if (size > 0) datagrams.push(joined(records, size));
  return datagrams;
}

function joined(records: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const record of records) {
    out.set(record, at);
    at += record.length;
  }
  return out;
}

function fragmentsOf({ type, messageSeq, body }: OutgoingMessage, room: number): Uint8Array[] {
  // A server without state cannot put a hello together.
  const isWhole = type === HandshakeType.CLIENT_HELLO || body.length <= room - HANDSHAKE_HEADER_BYTES;
  if (isWhole) return [encodeFragment(type, messageSeq, body)];
  const fragments: Uint8Array[] = [];
  const most = room - HANDSHAKE_HEADER_BYTES;
  for (let offset = 0; offset < body.length; offset += most) {
    fragments.push(encodeFragment(type, messageSeq, body, offset, Math.min(most, body.length - offset)));
  }
  return fragments;
}

function recordVersion({ type, epoch }: OutgoingMessage): number {
  return type === HandshakeType.CLIENT_HELLO && epoch === 0 ? DTLS_1_0 : DTLS_1_2;
}
