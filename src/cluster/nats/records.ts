/** Records in the bucket: each key has a subject, each change of it is a compare-and-set. */
import type { BusRecord } from '../bus.ts';
import { partsOfKey } from '../names.ts';
import type { NatsData } from './data.ts';
import { askTime } from './data.ts';
import { type Answer, isTable, JetStreamCode, lastOf, unless, write } from './jetStream.ts';
import type { Link } from './Link.ts';
import { scan } from './scan.ts';
import { decodeKey, encodeKey } from './subjects.ts';
import type { Way } from './Way.ts';

/** A record with what decides whether it lives. */
export interface KvRecord extends BusRecord {
  /** The bus whose claim it is. */
  readonly holder: string;
  /** The sequence of its message: what it is replaced by names it. */
  readonly revision: number;
  /** Of a root: until when it holds, by the server's clock. */
  readonly untilMs: number;
}

/** What is known of a key: a record, or none, and what the next message of it has to name. */
export interface Found {
  readonly record: KvRecord | undefined;
  readonly revision: number;
}

/** What is written. A new claim has no epoch: the sequence that its message gets says it. */
export interface Draft {
  readonly value: string;
  readonly holder: string;
  /** Its root and the epoch of that; not of a root. */
  readonly root?: string | undefined;
  readonly rootEpoch?: number | undefined;
  readonly epoch?: number | undefined;
  /** Of a new claim: what its epoch is at least. */
  readonly least?: number | undefined;
  /** Of a root: until when it holds when that is not `leaseMs` from now. */
  readonly untilMs?: number | undefined;
}

/** What is asked of the bucket, in one call. */
export class Records {
  readonly data: NatsData;
  readonly way: Way;
  readonly #leaseMs: number;

  constructor({ data, way }: ReturnType<Link['begin']>, leaseMs: number) {
    this.data = data;
    this.way = way;
    this.#leaseMs = leaseMs;
  }

  /**
   * Sees to it that the leases of all nodes are of one length.
   *
   * @throws (as rejection) RangeError when nodes are there that have another one.
   */
  async join(): Promise<void> {
    const { names, bucket } = this.data;
    const subject = `${bucket}.lease`;
    const own = String(this.#leaseMs);
    for (;;) {
      const known = await lastOf(this.way, names.records, subject);
      if (known?.text === own) return;
      const { all, now } = await this.#all('*.*');
      if (known !== undefined && all.some(({ key, root, untilMs }) => key === root && now < untilMs))
        throw new RangeError(
          `"leaseMs" expected ${known.text}, as the nodes have it that are there, got ${own}`,
        );
      // Another bus may have said it in the meantime.
      await unless(JetStreamCode.WRONG_LAST_SEQUENCE, write(this.way, subject, own, known?.sequence ?? 0));
    }
  }

  /** Reads a key. */
  async find(key: string): Promise<Found> {
    const { names, bucket } = this.data;
    const message = await lastOf(this.way, names.records, `${bucket}.${encodeKey(key)}`);
    if (message === undefined) return { record: undefined, revision: 0 };
    const record = this.#read(key, message.text, message.sequence, message.timeMs);
    return { record, revision: message.sequence };
  }

  /** A time that the server's clock has reached. What is read after that, and had run out by then, has run out. */
  async now(): Promise<number> {
    const { names, bucket, server } = this.data;
    if (!server.isFresh) await askTime(this.way, names, bucket, server);
    return server.now;
  }

  /** Reads the root of a record: `undefined` when that has ended. */
  async rootOf({ root, rootEpoch }: KvRecord): Promise<KvRecord | undefined> {
    const { record } = await this.find(root);
    return record?.epoch === rootEpoch ? record : undefined;
  }

  /**
   * Writes a key, when nobody has since it was read.
   *
   * @returns the revision that it has; `undefined` when somebody has.
   */
  put(key: string, draft: Draft, revision: number): Promise<number | undefined> {
    const { bucket, epochBase } = this.data;
    const { epoch, least, ...rest } = draft;
    const isNew = epoch === undefined;
    const text = JSON.stringify({
      ...rest,
      leaseMs: this.#leaseMs,
      ...(isNew ? { base: epochBase, least } : { epoch }),
    });
    const written = write(this.way, `${bucket}.${encodeKey(key)}`, text, revision);
    return unless(JetStreamCode.WRONG_LAST_SEQUENCE, written);
  }

  /** The epoch of a new claim that was written. */
  epochOf(draft: Draft, revision: number): number {
    return Math.max(draft.least ?? 0, this.data.epochBase + revision);
  }

  /**
   * Ends a key, when nobody has written it since it was read: what anybody else wants to write there fails from now on.
   *
   * @returns whether that was so.
   */
  async end(key: string, revision: number): Promise<boolean> {
    const { bucket, names } = this.data;
    const subject = `${bucket}.${encodeKey(key)}`;
    const written = write(this.way, subject, '', revision, { 'KV-Operation': 'DEL' });
    const mark = await unless(JetStreamCode.WRONG_LAST_SEQUENCE, written);
    if (mark !== undefined) this.#drop(names.records, subject, mark);
    return mark !== undefined;
  }

  /** All records of a kind whose roots hold. */
  async list(kind: string): Promise<KvRecord[]> {
    const { all, roots, now } = await this.#all(`${kind}.*`);
    return all.filter(({ root, rootEpoch }) => {
      const found = roots.get(root);
      return found !== undefined && found.epoch === rootEpoch && now < found.untilMs;
    });
  }

  /**
   * Ends what nothing can come of any more: what was under roots that have ended, and roots that ran out long ago. Nobody sees those, but
   * they take room. What was read in one go may have an older root than the record that is under it: that root is read once more, after all records.
   */
  async sweep(): Promise<void> {
    if (this.data.isWarming()) return;
    const { all, roots, marks, now } = await this.#all('*.*');
    for (const [subject, mark] of marks) this.#drop(this.data.names.records, subject, mark);
    const again = new Map<string, KvRecord | undefined>();
    for (const record of all) {
      const { key, root, revision } = record;
      if (!isOver(record, roots.get(root), now)) continue;
      if (!again.has(root)) again.set(root, (await this.find(root)).record);
      if (isOver(record, again.get(root), now)) await this.end(key, revision);
    }
  }

  async #all(filter: string) {
    const { data, way } = this;
    const found = await scan(way, data.names.records, `${data.bucket}.${filter}`);
    data.server.saw(found.serverMs);
    const marks = new Map<string, number>();
    const all: KvRecord[] = [];
    const roots = new Map<string, KvRecord | undefined>();
    for (const [subject, { message, delivery }] of found.messages) {
      const key = decodeKey(subject);
      const text = message.string();
      if (text === '') marks.set(subject, delivery.sequence);
      const record =
        key === undefined ? undefined : this.#read(key, text, delivery.sequence, delivery.timeMs);
      if (record === undefined) continue;
      all.push(record);
      if (record.key === record.root) roots.set(record.key, record);
    }
    const missing = new Set(all.map(({ root }) => root).filter((root) => !roots.has(root)));
    await Promise.all([...missing].map(async (root) => roots.set(root, (await this.find(root)).record)));
    return { all, roots, marks, now: found.serverMs };
  }

  /** Takes away the messages of a subject up to one: nobody waits for that, and a sweep does it again. */
  #drop(stream: string, subject: string, last: number): void {
    const body = JSON.stringify({ filter: subject, seq: last + 1 });
    if (!this.way.connection.isClosed()) this.way.connection.publish(`$JS.API.STREAM.PURGE.${stream}`, body);
  }

  /** @returns `undefined` for a key that was ended, and for what another program has written there: that is as nothing. */
  #read(key: string, text: string, revision: number, writtenMs: number): KvRecord | undefined {
    const { value, holder, root = key, leaseMs, ...numbers } = tableOf(text) ?? {};
    const { least, base, epoch = sum(least, base, revision), rootEpoch = epoch } = numbers;
    const { untilMs = typeof leaseMs === 'number' ? writtenMs + leaseMs : undefined } = numbers;
    const isRecord =
      typeof value === 'string' && typeof holder === 'string' && typeof root === 'string' && isKey(root);
    if (!isRecord || !isCount(epoch) || !isCount(rootEpoch) || typeof untilMs !== 'number') return undefined;
    return { key, epoch, revision, value, holder, root, rootEpoch, untilMs };
  }
}

/** Whether the root of a record has ended, or ran out long ago. */
function isOver(record: KvRecord, root: KvRecord | undefined, now: number): boolean {
  return root?.epoch !== record.rootEpoch || now > root.untilMs + FORGOTTEN_MS;
}

/** The epoch of a new claim. */
function sum(least: unknown, base: unknown, revision: number): number | undefined {
  return typeof least === 'number' && typeof base === 'number' ? Math.max(least, base + revision) : undefined;
}

function tableOf(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Whether a key can be asked for. */
function isKey(key: string): boolean {
  try {
    partsOfKey(key);
    return true;
  } catch {
    return false;
  }
}

/** How long after its end a root is forgotten that nobody came upon. */
const FORGOTTEN_MS = 600_000;
