/** A capture with the datagrams that DTLS carried in place of those that carried them. */
import { CapturedSessions, readKeyLog } from '../../dtls/internal.ts';
import { type Capture, CaptureError, isDatagram } from './capturedDatagram.ts';

/** What a key log gave, in numbers. */
export interface DecryptedCounts {
  /** Datagrams of handshakes and alerts, which have nothing to show. */
  session: number;
}

/**
 * Opens what is encrypted in a capture.
 *
 * @param keyLog - The text of a key log.
 * @param counts - Grows while the entries are iterated.
 * @throws CaptureError when the key log has no key of DTLS 1.2.
 */
export function decrypted(capture: Capture, keyLog: string, counts: DecryptedCounts): Capture {
  const secrets = readKeyLog(keyLog);
  if (secrets.size === 0) {
    throw new CaptureError('the key log has no line CLIENT_RANDOM, followed by 64 and 96 hexadecimal digits');
  }
  return { ...capture, entries: openedEntries(capture.entries, new CapturedSessions(secrets), counts) };
}

function* openedEntries(
  entries: Capture['entries'],
  sessions: CapturedSessions,
  counts: DecryptedCounts,
): Capture['entries'] {
  for (const entry of entries) {
    const records = isDatagram(entry) ? sessions.open(entry.bytes, entry.from, entry.to) : undefined;
    if (records === undefined || !isDatagram(entry)) {
      yield entry;
      continue;
    }
    if (records.every(({ kind }) => kind === 'session')) counts.session++;
    for (const record of records) {
      if (record.kind === 'data') yield { ...entry, bytes: record.bytes, isDecrypted: true };
      else if (record.kind === 'sealed') yield { ...entry, unread: `it is DTLS: ${record.reason}` };
    }
  }
}
