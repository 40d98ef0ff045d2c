/** What answers of the server mean. */
import type { BusRecord } from '../bus.ts';
import type { Lease } from '../Lease.ts';
import type { Message } from './Inbox.ts';

/** An answer that is a list of texts. */
export function textsOf(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}

/** A record as scripts tell it. */
export function recordOf(key: string, fields: readonly string[]): BusRecord {
  const [epoch, root = '', rootEpoch, value = ''] = fields;
  return { key, value, epoch: Number(epoch), root, rootEpoch: Number(rootEpoch) };
}

/** The messages of an answer of XRANGE, whose texts are bytes. */
export function messagesOf(reply: unknown): Message[] {
  const entries: readonly unknown[] = Array.isArray(reply) ? reply : [];
  return entries.flatMap((entry): Message[] => {
    const [id, fields]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    const bytes: unknown = Array.isArray(fields) ? fields[1] : undefined;
    return bytes instanceof Uint8Array ? [{ id: String(id), bytes: new Uint8Array(bytes) }] : [];
  });
}

/** Leases in parts that one step of the server can take; one part, of none, when there are none. */
export function batchesOf(leases: readonly Lease[]): Lease[][] {
  const batches: Lease[][] = [[]];
  let length = 0;
  for (const lease of leases) {
    length += lease.value.length;
    const last = batches.at(-1);
    if (last !== undefined && (last.length === 0 || (last.length < MOST && length <= MOST_TEXT))) {
      last.push(lease);
      continue;
    }
    batches.push([lease]);
    length = lease.value.length;
  }
  return batches;
}

const MOST = 100;
const MOST_TEXT = 262_144;
