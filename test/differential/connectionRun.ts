/** One connection through the bad network: both sides send their seeded traffic, and everything is measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Args, TrafficEvent } from '../interop/libenet/actor.ts';
import { numberOf } from '../interop/libenet/numberOf.ts';
import type { End, Pair } from '../interop/libenet/pairing.ts';
import { TrafficChecker, TrafficSender } from '../interop/libenet/traffic.ts';
import type { CommandCounts } from './commandLog.ts';
import { LossyRelay } from './lossyRelay.ts';
import type { Direction, PathOptions } from './path.ts';

/** What all runs of a comparison have in common. */
export interface Conditions {
  readonly path: PathOptions;
  readonly hasChecksum: boolean;
  readonly hasRangeCoder: boolean;
  readonly channels: number;
  /** Packets per second in each direction; must divide 1000. */
  readonly rate: number;
  /** How long packets are sent, in milliseconds. */
  readonly sendingMs: number;
}

/** What became of one direction of one run: the state is that of the sender. */
export interface WayResult {
  readonly report: TrafficEvent;
  readonly counts: CommandCounts;
  /**
   * Medians over the time of sending, from one sample each {@link SAMPLE_MS}: a pause of a busy machine that is
   * shorter than half of that does not move them.
   */
  readonly rttMs: number;
  readonly rttVarianceMs: number;
  readonly throttle: number;
  /** The packet loss statistic at the end, of 65536. */
  readonly packetLoss: number;
}

/** Both directions. */
export type RunResult = Readonly<Record<Direction, WayResult>>;

/**
 * Connects, sends, waits until everything reliable has arrived both ways, and reports.
 *
 * @throws Error when that takes too long.
 */
export async function runConnection(pair: Pair, conditions: Conditions, seed: number): Promise<RunResult> {
  const { server, client } = pair;
  const { channels, hasChecksum, hasRangeCoder, sendingMs } = conditions;
  const host = { peers: 1, mtu: MTU, checksum: Number(hasChecksum), range: Number(hasRangeCoder) };
  const bound = await server.run('host', { ...host, bind: 1 });
  const serverHost = numberOf(bound, 'host');
  const relay = await LossyRelay.start({
    serverPort: numberOf(bound, 'port'),
    path: conditions.path,
    seed,
    hasChecksum,
    lifeMs: CONNECT_LIMIT_MS + sendingMs + ARRIVAL_LIMIT_MS + 10_000,
  });
  try {
    const clientHost = numberOf(await client.run('host', host), 'host');
    await client.run('connect', { host: clientHost, port: relay.port, channels });
    await Promise.all([
      server.inbox.wait('connect', { host: serverHost }, CONNECT_LIMIT_MS),
      client.inbox.wait('connect', { host: clientHost }, CONNECT_LIMIT_MS),
    ]);
    const ends: readonly HostEnd[] = [
      { actor: client, peer: 0, host: clientHost },
      { actor: server, peer: 0, host: serverHost },
    ];
    const done = Promise.all(
      ends.map(({ actor, host: id }) =>
        actor.inbox.wait('traffic', { host: id }, sendingMs + ARRIVAL_LIMIT_MS),
      ),
    );
    // Whoever fails first is reported; the other one's failure is then known.
    done.catch(() => undefined);
    for (const { actor, host: id } of ends) {
      await actor.run('expect', { host: id, channels });
      // A packet that is lost six times in a row would end a connection with the usual settings.
      await actor.run('timeout', { host: id, limit: 65_536, min: 30_000, max: 60_000 });
    }
    for (const [index, { actor, host: id }] of ends.entries()) {
      const { rate } = conditions;
      await actor.run('traffic', {
        host: id,
        ...SIZES,
        channels,
        rate,
        ms: sendingMs,
        seed: seedOf(seed, index),
      });
    }
    const samples = await sample(ends, sendingMs);
    const [atClient, atServer] = await done;
    if (atClient === undefined || atServer === undefined) throw new Error('a report is missing');
    const results = await Promise.all(ends.map((end) => end.actor.run('info', { host: end.host, peer: 0 })));
    const way = (direction: Direction, from: 0 | 1, report: TrafficEvent): WayResult => ({
      report,
      counts: relay.counts(direction),
      rttMs: median(samples[from], 'rtt'),
      rttVarianceMs: median(samples[from], 'rttVariance'),
      throttle: median(samples[from], 'throttle'),
      packetLoss: numberOf(results[from] ?? {}, 'packetLoss'),
    });
    return { toServer: way('toServer', 0, atServer), toClient: way('toClient', 1, atClient) };
  } finally {
    relay.close();
  }
}

/** What the receiver of a direction reports when nothing at all is lost: the plan itself. */
export function plannedReport(conditions: Conditions, seed: number, direction: Direction): TrafficEvent {
  const reports: TrafficEvent[] = [];
  const checker = new TrafficChecker(0, 0, conditions.channels, (event) => {
    if (event.ev === 'traffic') reports.push(event);
    else throw new Error(`the plan contradicts itself: ${JSON.stringify(event)}`);
  });
  const fragmentSize = MTU - (conditions.hasChecksum ? 32 : 28);
  const sender = new TrafficSender(
    {
      ...SIZES,
      channels: conditions.channels,
      seed: seedOf(seed, direction === 'toServer' ? 0 : 1),
      rate: conditions.rate,
      ms: conditions.sendingMs,
      isCorrupt: false,
      fragmentSize,
    },
    0,
    (channel, bytes, flags) => {
      const isLarge = bytes.length > fragmentSize;
      checker.check(
        channel,
        bytes,
        isLarge ? ((flags & 9) === 8 ? 8 : 1) : (flags & 3) === 2 ? 2 : flags & 1,
      );
      return true;
    },
  );
  sender.advance(conditions.sendingMs);
  const report = reports[0];
  if (report === undefined) throw new Error('the plan has no end');
  return report;
}

/** How often the state of both ends is sampled, in milliseconds. */
export const SAMPLE_MS = 250;

interface HostEnd extends End {
  readonly host: number;
}

/** Samples the state of both ends while they send. */
async function sample(ends: readonly HostEnd[], sendingMs: number): Promise<readonly [Args[], Args[]]> {
  const samples: readonly [Args[], Args[]] = [[], []];
  const deadline = performance.now() + sendingMs;
  while (performance.now() < deadline) {
    await sleep(SAMPLE_MS);
    const infos = await Promise.all(ends.map((end) => end.actor.run('info', { host: end.host, peer: 0 })));
    for (const [index, info] of infos.entries()) samples[index]?.push(info);
  }
  return samples;
}

function median(samples: readonly Args[], key: string): number {
  const values = samples.map((one) => numberOf(one, key)).sort((a, b) => a - b);
  const upper = values.length >> 1;
  return ((values[upper] ?? Number.NaN) + (values[(values.length - 1) >> 1] ?? Number.NaN)) / 2;
}

function seedOf(seed: number, index: number): number {
  return seed * 2 + index;
}

/** The same on both sides, so that packets are cut alike: libenet 1.3.17 has another default. */
const MTU = 1392;
/** Without empty packets: those crash the range coder of libenet (enet-protocol W1). */
const SIZES = { minSize: 1, maxSize: 4_000 };
const CONNECT_LIMIT_MS = 15_000;
const ARRIVAL_LIMIT_MS = 30_000;
