/** Taking a datagram apart into records, with a bound on the work. RFC 6347, 4.1.1 and 4.1.2.7. */
import type { Counters } from '../counters.ts';
import { DTLS_1_0, DTLS_1_2 } from '../protocol.ts';
import { type RecordView, readRecord } from './record.ts';

/** Calls `take` with every record that can be one of ours; the rest is counted. */
export function forEachRecord(
  datagram: Uint8Array,
  counters: Counters,
  take: (record: RecordView) => void,
): void {
  let offset = 0;
  for (let count = 0; offset < datagram.length; count += 1) {
    const record = readRecord(datagram, offset);
    if (record === undefined) {
      counters.drop('malformed');
      return;
    }
    if (count === MAX_RECORDS) {
      counters.drop('tooManyRecords');
      return;
    }
    offset += record.whole.length;
    if (record.version !== DTLS_1_2 && record.version !== DTLS_1_0) counters.drop('version');
    else if (record.epoch > 1) counters.drop('epoch');
    else take(record);
  }
  if (offset === 0) counters.drop('malformed');
}

/** How many records of one datagram are looked at. A flight in pieces of 200 bytes stays far below it. */
export const MAX_RECORDS = 64;
