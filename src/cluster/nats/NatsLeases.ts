/** Leases over the records of a bucket. Each step is a compare-and-set; who finds that another was faster looks again. */
import type { BusRecord } from '../bus.ts';
import { BusError, lost } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import { Lease } from '../Lease.ts';
import type { NatsData } from './data.ts';
import type { Records as Bucket, Draft, KvRecord } from './records.ts';

/** What leases need of a bucket. */
export interface Records
  extends Pick<Bucket, 'find' | 'now' | 'rootOf' | 'put' | 'epochOf' | 'end' | 'list'> {
  readonly data: Pick<NatsData, 'dataId' | 'epochBase' | 'isWarming'>;
}

/** What one bus claims. Its calls for one key come one after the other. */
export class NatsLeases {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  /** Who this bus is: what it wrote is known by it, also when the answer was lost. */
  readonly #holder: string;
  readonly #rootEnded: () => void;

  /** @param rootEnded is called when this bus has ended a root: there may be records that nobody sees any more. */
  constructor(clock: Clock, leaseMs: number, rootEnded: () => void) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#rootEnded = rootEnded;
    this.#holder = clock.newId();
  }

  claim(records: Records, key: string, value: string, under?: Lease, from?: number): Promise<Lease> {
    const sentMs = this.#clock.now();
    return untilDone(key, async () => {
      const [found, root] = await Promise.all([records.find(key), under && records.find(under.key)]);
      if (under !== undefined && root?.record?.epoch !== under.epoch) throw lost(under);
      const { record, revision } = found;
      const isOwn =
        record?.holder === this.#holder &&
        record.root === (under?.key ?? key) &&
        record.rootEpoch === (under?.epoch ?? record.epoch);
      if (record !== undefined && !isOwn && record.epoch !== from && !(await this.#fence(records, record)))
        return undefined;
      // Also for what is this bus's own: should the data be old, somebody may have had it since.
      if (records.data.isWarming()) throw warming();
      const isSame = isOwn && record.epoch >= records.data.epochBase;
      const epoch = isSame ? record.epoch : undefined;
      const draft = { ...this.#draft(value, under), epoch, least: (record?.epoch ?? 0) + 1 };
      const written = await records.put(key, draft, revision);
      if (written === undefined) return undefined;
      const lease = this.#lease(key, value, epoch ?? records.epochOf(draft, written), under, records);
      if (under === undefined) lease.renewed(sentMs, this.#leaseMs, records.data.dataId);
      return lease;
    });
  }

  renew(records: Records, root: Lease): Promise<'held' | 'restored'> {
    const sentMs = this.#clock.now();
    const { key, value, epoch } = root;
    return untilDone(key, async () => {
      const { record, revision } = await records.find(key);
      const isEnded = record === undefined ? root.dataId === records.data.dataId : record.epoch > epoch;
      if (root.isOver || isEnded) {
        root.end();
        throw lost(root);
      }
      const written = await records.put(key, { ...this.#draft(value), epoch }, revision);
      return written === undefined ? undefined : root.renewed(sentMs, this.#leaseMs, records.data.dataId);
    });
  }

  async update(records: Records, lease: Lease, value: string): Promise<void> {
    const { key, epoch, under } = lease;
    await untilDone(key, async () => {
      const [{ record, revision }, root] = await Promise.all([
        records.find(key),
        under && records.find(under.key),
      ]);
      if (record?.epoch !== epoch || root?.record?.epoch !== under?.epoch) throw lost(lease);
      const untilMs = under === undefined ? record.untilMs : undefined;
      return await records.put(key, { ...this.#draft(value, under), epoch, untilMs }, revision);
    });
    lease.value = value;
  }

  async restore(records: Records, root: Lease, leases: readonly Lease[]): Promise<Lease[]> {
    const isWarming = records.data.isWarming();
    const { record } = await records.find(root.key);
    if (root.isOver || record?.epoch !== root.epoch) throw lost(root);
    const gone: Lease[] = [];
    for (let at = 0; at < leases.length; at += AT_ONCE) {
      const some = leases.slice(at, at + AT_ONCE);
      const isThere = await Promise.all(some.map((lease) => this.#putBack(records, lease)));
      gone.push(...some.filter((_, i) => isThere[i] === false));
    }
    root.restored(isWarming);
    return gone;
  }

  async release(records: Records, lease: Lease): Promise<void> {
    const { key, epoch, under } = lease;
    await untilDone(key, async () => {
      const { record, revision } = await records.find(key);
      return record?.epoch !== epoch || (await records.end(key, revision)) || undefined;
    });
    if (under === undefined) this.#rootEnded();
  }

  async find(records: Records, key: string): Promise<BusRecord | undefined> {
    const { record } = await records.find(key);
    if (record === undefined) return undefined;
    const now = await records.now();
    const root = await records.rootOf(record);
    return root !== undefined && now < root.untilMs ? publicRecord(record) : undefined;
  }

  async list(records: Records, kind: string): Promise<BusRecord[]> {
    return (await records.list(kind)).map(publicRecord);
  }

  /**
   * Sees to it that nobody holds what another bus had claimed: its root is ended for good, when that has run out. A renewal that comes later
   * finds other than what it knew, and fails.
   *
   * @returns whether that is so; `false`: somebody was faster.
   * @throws (as rejection) BusError TAKEN, WARMING.
   */
  async #fence(records: Records, record: KvRecord): Promise<boolean> {
    const now = await records.now();
    const root = await records.rootOf(record);
    if (root !== undefined && now < root.untilMs)
      throw new BusError('TAKEN', `${record.key} is held by ${record.root}`, {
        record: publicRecord(record),
      });
    if (records.data.isWarming()) throw warming();
    // A root that is claimed anew is ended by that.
    if (root === undefined || root.key === record.key) return true;
    const isEnded = await records.end(root.key, root.revision);
    if (isEnded) this.#rootEnded();
    return isEnded;
  }

  /** @returns whether it is held. */
  async #putBack(records: Records, lease: Lease): Promise<boolean> {
    const { key, value, epoch, under } = lease;
    return await untilDone(key, async () => {
      const { record, revision } = await records.find(key);
      const known = record?.epoch ?? 0;
      if (lease.isOver || known > epoch) {
        lease.end();
        return false;
      }
      if (known === epoch) return true;
      const written = await records.put(key, { ...this.#draft(value, under), epoch }, revision);
      return written === undefined ? undefined : true;
    });
  }

  #draft(value: string, under?: Lease): Draft {
    return { value, holder: this.#holder, root: under?.key, rootEpoch: under?.epoch };
  }

  #lease(key: string, value: string, epoch: number, under: Lease | undefined, records: Records): Lease {
    return new Lease(key, value, epoch, under, records.data.dataId, this.#clock.now);
  }
}

/** Does it again until it says how it ended. Who is overtaken that often does not get through. */
async function untilDone<T>(key: string, step: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < MOST_STEPS; i++) {
    const done = await step();
    if (done !== undefined) return done;
  }
  throw new BusError('DOWN', `${key} was changed by others ${MOST_STEPS} times in a row`);
}

function warming(): BusError {
  return new BusError('WARMING', 'the server was started anew, and waits for those who hold something');
}

function publicRecord({ key, value, epoch, root, rootEpoch }: KvRecord): BusRecord {
  return { key, value, epoch, root, rootEpoch };
}

/** How many keys are looked at in one go. */
const AT_ONCE = 64;
const MOST_STEPS = 20;
