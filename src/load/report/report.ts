/** What a run of the load tester tells, as `--json` writes it. Times are milliseconds, null is "not measured". */
import type { TimeSummary } from '../statistics/histogram.ts';
import type { MeasureReport } from '../statistics/measures.ts';
import type { Problem } from '../statistics/problems.ts';
import type { Judgement } from './judgement.ts';

/** How a run ended. */
export type LoadOutcome =
  /** As planned. */
  | 'done'
  /** It was stopped before. */
  | 'interrupted'
  /** The server stopped answering, or all players were lost. */
  | 'server-gone'
  /** The process of the players could not keep up. */
  | 'overloaded'
  /** No player could join. */
  | 'nobody-joined';

/** The whole report. */
export interface LoadReport {
  /** The version of this form. */
  readonly format: 1;
  /** The server, as it was given. */
  readonly target: string;
  /** What the players speak. */
  readonly protocol: 'scene' | 'enet-server';
  /** The bot script; null for none. */
  readonly script: string | null;
  /** What the random numbers of the players hang on. */
  readonly seed: number;
  /** When it began, in ISO 8601. */
  readonly startedAt: string;
  /** How long it took. */
  readonly durationMs: number;
  /** How it ended. */
  readonly outcome: LoadOutcome;
  /** Why it ended, in words; empty when as planned. */
  readonly reason: string;
  /** Who played. */
  readonly players: PlayerCounts;
  /** From the beginning of an attempt to the admission of the player; null when nobody joined. */
  readonly joining: TimeSummary | null;
  /** Players that did not join, by reason. */
  readonly failures: readonly Problem[];
  /** Players whose connection ended before they left, by reason. */
  readonly losses: readonly Problem[];
  /** Round trips of the transport. */
  readonly roundTrips: TimeSummary | null;
  /** What of the transport was measured, in words. */
  readonly roundTripsOf: string;
  /** Reliable commands of ENet that were sent again; null over WebSocket. */
  readonly loss: Loss | null;
  /** What went over the network, seen from the players. */
  readonly traffic: TrafficReport;
  /** Round trips that the script measured. */
  readonly measures: readonly MeasureReport[];
  /** What the script counted. */
  readonly counts: Readonly<Record<string, number>>;
  /** What the script threw. */
  readonly scriptErrors: readonly Problem[];
  /** The process of the server. */
  readonly server: ServerReport;
  /** This process: whether it was itself the bottleneck. */
  readonly generator: GeneratorReport;
  /** Each number of players that the load rose to. */
  readonly stages: readonly StageReport[];
  /** What happened when; at most 600 entries. */
  readonly timeline: readonly LoadSample[];
  /** The limits, and whether they were kept. */
  readonly thresholds: readonly Judgement[];
  /** What makes these numbers say less than they seem to. */
  readonly warnings: readonly string[];
}

/** Counts of players. */
export interface PlayerCounts {
  /** How many there should be in the end. */
  readonly wanted: number;
  /** How many began to join. */
  readonly begun: number;
  /** How many joined. */
  readonly joined: number;
  /** How many did not join. */
  readonly failed: number;
  /** How many joined and lost their connection. */
  readonly lost: number;
  /** How many the script let leave before the end. */
  readonly left: number;
  /** The most that played at once. */
  readonly most: number;
}

/** What was lost on the way. */
export interface Loss {
  /** Reliable commands that were sent, each once. */
  readonly sent: number;
  /** How often one had to be sent again. */
  readonly resent: number;
  /** `resent` in percent of all sendings. */
  readonly percent: number;
}

/** Bytes of datagrams (ENet), or of packets (WebSocket). */
export interface TrafficReport {
  /** To the server. */
  readonly sentBytes: number;
  /** From the server. */
  readonly receivedBytes: number;
}

/** The process of the server. */
export interface ServerReport {
  /** Its number; null when it was not found. */
  readonly pid: number | null;
  /** Why it was not measured; empty when it was. */
  readonly notMeasured: string;
  /** Processor time over the whole run, in percent of one core. */
  readonly cpuPercent: number | null;
  /** The same for the last stage. */
  readonly lastStageCpuPercent: number | null;
  /** The most resident memory. */
  readonly mostMemoryBytes: number | null;
}

/** This process. */
export interface GeneratorReport {
  /** Processor time over the whole run, in percent of one core. */
  readonly cpuPercent: number;
  /** By how much timers were late in 99 of 100 cases. */
  readonly lagP99Ms: number;
  /** Its resident memory at the end. */
  readonly memoryBytes: number;
}

/** One number of players that the load rose to. */
export interface StageReport {
  /** That number. */
  readonly players: number;
  /** When it began, since the start of the run. */
  readonly fromMs: number;
  /** When it ended. */
  readonly toMs: number;
  /** How many played at its end. */
  readonly playing: number;
  /** Players that failed or were lost in it. */
  readonly failed: number;
  /** Round trips of the transport in it. */
  readonly roundTrips: TimeSummary | null;
  /** Loss in it, in percent. */
  readonly lossPercent: number | null;
  /** Processor time of the server in it, in percent of one core. */
  readonly cpuPercent: number | null;
  /** The most resident memory of the server in it. */
  readonly memoryBytes: number | null;
}

/** What happened in a second, or in several that were put together. */
export interface LoadSample {
  /** Its end, since the start of the run. */
  readonly atMs: number;
  /** How long it is. */
  readonly spanMs: number;
  /** Players now. */
  readonly playing: number;
  /** Players that are joining now. */
  readonly joining: number;
  /** Players that failed or were lost so far. */
  readonly failed: number;
  /** Half of the round trips took no longer; of several the highest. */
  readonly rttP50: number | null;
  /** 99 of 100 round trips took no longer; of several the highest. */
  readonly rttP99: number | null;
  /** Loss in percent; of several the highest. */
  readonly lossPercent: number | null;
  /** Processor time of the server in percent of one core. */
  readonly cpuPercent: number | null;
  /** Resident memory of the server. */
  readonly memoryBytes: number | null;
  /** Bytes per second to the server. */
  readonly sentPerSec: number;
  /** Bytes per second from the server. */
  readonly receivedPerSec: number;
}

/** Makes one of two neighbours. */
export function mergeSamples(earlier: LoadSample, later: LoadSample): LoadSample {
  const spanMs = earlier.spanMs + later.spanMs;
  const mean = (a: number, b: number): number => (a * earlier.spanMs + b * later.spanMs) / spanMs;
  const most = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? (a ?? b) : Math.max(a, b);
  const meanOf = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? (a ?? b) : mean(a, b);
  return {
    ...later,
    spanMs,
    rttP50: most(earlier.rttP50, later.rttP50),
    rttP99: most(earlier.rttP99, later.rttP99),
    lossPercent: most(earlier.lossPercent, later.lossPercent),
    cpuPercent: meanOf(earlier.cpuPercent, later.cpuPercent),
    memoryBytes: most(earlier.memoryBytes, later.memoryBytes),
    sentPerSec: mean(earlier.sentPerSec, later.sentPerSec),
    receivedPerSec: mean(earlier.receivedPerSec, later.receivedPerSec),
  };
}
