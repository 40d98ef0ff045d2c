/** The streams of a cluster: made by whoever comes first, again when they were lost, and known by what they are. */

import { MAX_WAITING } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { askApi, JetStreamCode, lastOf, nanos, streamInfo, unless, write } from './jetStream.ts';
import type { CheckedOptions } from './options.ts';
import { ServerClock } from './ServerClock.ts';
import type { Names } from './subjects.ts';
import type { Way } from './Way.ts';

/** Which data the engine has, as of one look. */
export interface NatsData {
  readonly names: Names;
  /** Under which subjects the records are. No other bucket has or had them: what is written by who has not seen that it was lost goes nowhere. */
  readonly bucket: string;
  /** Another one after the server was started anew. */
  readonly dataId: string;
  /** Where epochs begin: when it was, in microseconds since 1970, that the server was started or the bucket made. They grow with its sequence. */
  readonly epochBase: number;
  /** Whether nobody may claim anything new. */
  readonly isWarming: () => boolean;
  readonly server: ServerClock;
}

/**
 * Looks for the streams, and makes those that are missing.
 *
 * @throws (as rejection) JetStreamError, BusError DOWN.
 */
export async function openData(
  way: Way,
  names: Names,
  options: CheckedOptions,
  clock: Clock,
): Promise<NatsData> {
  const { replicas, storage, leaseMs } = options;
  const common = { num_replicas: replicas, storage, discard: 'new', duplicate_window: nanos(1000) };
  const records = await ensure(way, names.records, () => ({
    ...common,
    subjects: [`${names.bucket(clock.newId())}.>`],
    ...{ max_msgs_per_subject: 1, allow_rollup_hdrs: true, deny_delete: true, allow_direct: false },
  }));
  await ensure(way, names.inboxes, () => ({
    ...common,
    subjects: [names.allInboxes],
    ...{ retention: 'workqueue', max_age: nanos(WAIT_MS) },
    ...{ max_msgs_per_subject: MAX_WAITING, discard_new_per_subject: true },
  }));
  const [subject] = records.subjects;
  if (typeof subject !== 'string' || !subject.startsWith(names.bucket('')))
    throw new TypeError(`the stream ${names.records} is none of godot-enet: give another "prefix"`);
  const bucket = subject.slice(0, -'.>'.length);
  const server = new ServerClock(clock);
  const run = await runOf(way, names, bucket);
  await askTime(way, names, bucket, server);
  const sinceMs = run?.sinceMs ?? Math.floor(records.createdUs / 1000);
  return {
    ...{ names, bucket, server, epochBase: sinceMs * 1000 },
    dataId: `${bucket} ${run?.id ?? ''}`,
    isWarming: () => server.now < sinceMs + leaseMs,
  };
}

/** Looks what time it is: writes something and reads when that was. */
export async function askTime(way: Way, names: Names, bucket: string, server: ServerClock): Promise<void> {
  await write(way, `${bucket}.time`, '');
  const seen = await lastOf(way, names.records, `${bucket}.time`);
  if (seen !== undefined) server.saw(seen.timeMs);
}

/**
 * Which run of a server it is that stands alone, and since when: when it was killed, or its disk is of yesterday, it may have lost what it
 * had said was written. Servers of a cluster watch each other: there is no run.
 */
async function runOf(
  way: Way,
  names: Names,
  bucket: string,
): Promise<{ readonly id: string; readonly sinceMs: number } | undefined> {
  const { info } = way.connection;
  if (info === undefined || info.cluster !== undefined) return undefined;
  const subject = `${bucket}.run`;
  for (;;) {
    const known = await lastOf(way, names.records, subject);
    if (known?.text === info.server_id) return { id: known.text, sinceMs: known.timeMs };
    // Another bus may have said it in the meantime.
    await unless(
      JetStreamCode.WRONG_LAST_SEQUENCE,
      write(way, subject, info.server_id, known?.sequence ?? 0),
    );
  }
}

async function ensure(way: Way, name: string, config: () => object) {
  const known = await streamInfo(way, name);
  if (known !== undefined) return known;
  const asked = askApi(way, `STREAM.CREATE.${name}`, { name, ...config() });
  // Another bus may have made it in the meantime.
  await unless(JetStreamCode.STREAM_NAME_IN_USE, asked);
  const made = await streamInfo(way, name);
  if (made === undefined) throw new Error(`the stream ${name} was made, and is gone`);
  return made;
}

/** How long messages wait in an inbox that nobody receives. */
const WAIT_MS = 120_000;
