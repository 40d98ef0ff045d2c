/** What of a run is told: samples, stages, and all of it in the end. */
import {
  type LoadReport,
  type LoadSample,
  type Loss,
  mergeSamples,
  type PlayerCounts,
  type StageReport,
} from '../report/report.ts';
import { Timeline } from '../statistics/timeline.ts';
import type { GeneratorProbe, ProcessUse, ServerProbe } from './probes.ts';
import type { Recorder } from './Recorder.ts';
import type { RunPlayer } from './RunPlayer.ts';
import { ServerWatch } from './ServerWatch.ts';

/** The sums over all meters. */
interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly reliableSent: number;
  readonly resent: number;
  readonly heardAtMs: number;
}

/** What {@link RunLog.report} gives. */
export type RunFacts = Pick<
  LoadReport,
  | 'durationMs'
  | 'joining'
  | 'failures'
  | 'losses'
  | 'roundTrips'
  | 'loss'
  | 'traffic'
  | 'measures'
  | 'counts'
  | 'scriptErrors'
  | 'server'
  | 'generator'
  | 'stages'
  | 'timeline'
  | 'warnings'
>;

/** Keeps it. Times are milliseconds since the start of the run. */
export class RunLog {
  readonly #players: readonly RunPlayer[];
  readonly #recorder: Recorder;
  readonly #server: ServerWatch;
  readonly #timeline = new Timeline<LoadSample>(MAX_SAMPLES, mergeSamples);
  readonly #stages: StageReport[] = [];
  #generator: ProcessUse | undefined;
  #atMs = 0;
  #last: Traffic = NOTHING;
  #stageFrom: Traffic & { readonly atMs: number; readonly failed: number } = {
    ...NOTHING,
    atMs: 0,
    failed: 0,
  };
  #most = 0;

  constructor(players: readonly RunPlayer[], recorder: Recorder, server: ServerProbe | string) {
    this.#players = players;
    this.#recorder = recorder;
    this.#server = new ServerWatch(server);
  }

  /** The run begins. */
  begin(generator: ProcessUse): void {
    this.#generator = generator;
    this.#server.read(0);
  }

  /** How many stages have ended. */
  get endedStages(): number {
    return this.#stages.length;
  }

  /** Looks at all players now. */
  sample(atMs: number): { sample: LoadSample; hasServerEnded: boolean; heardAtMs: number } {
    const hasServerEnded = this.#server.read(atMs);
    const { recentRoundTrips, failures, losses } = this.#recorder;
    const times = recentRoundTrips.summary();
    recentRoundTrips.clear();
    const now = this.#traffic();
    const before = this.#last;
    const spanMs = Math.max(1, atMs - this.#atMs);
    const usage = this.#server.sinceLast();
    const sample: LoadSample = {
      atMs,
      spanMs,
      playing: this.#count('playing'),
      joining: this.#count('joining'),
      failed: failures.count + losses.count,
      rttP50: times?.p50 ?? null,
      rttP99: times?.p99 ?? null,
      lossPercent: lossOf(before, now)?.percent ?? null,
      cpuPercent: usage.cpuPercent,
      memoryBytes: usage.memoryBytes,
      sentPerSec: ((now.sentBytes - before.sentBytes) * 1000) / spanMs,
      receivedPerSec: ((now.receivedBytes - before.receivedBytes) * 1000) / spanMs,
    };
    this.#atMs = atMs;
    this.#last = now;
    this.#most = Math.max(this.#most, sample.playing);
    this.#timeline.add(sample);
    return { sample, hasServerEnded, heardAtMs: now.heardAtMs };
  }

  /** A stage with so many players ends now. */
  endStage(atMs: number, players: number): void {
    this.#server.read(atMs);
    const now = this.#traffic();
    const from = this.#stageFrom;
    const failed = this.#recorder.failures.count + this.#recorder.losses.count;
    const usage = this.#server.endStage();
    const playing = this.#count('playing');
    this.#most = Math.max(this.#most, playing);
    this.#stages.push({
      players,
      fromMs: from.atMs,
      toMs: atMs,
      playing,
      failed: failed - from.failed,
      roundTrips: this.#recorder.stageRoundTrips.summary() ?? null,
      lossPercent: lossOf(from, now)?.percent ?? null,
      cpuPercent: usage.cpuPercent,
      memoryBytes: usage.memoryBytes,
    });
    this.#recorder.stageRoundTrips.clear();
    this.#stageFrom = { ...now, atMs, failed };
  }

  /** Who plays and played, of so many that there should be. */
  counts(wanted: number): PlayerCounts {
    const { joining, failures, losses } = this.#recorder;
    return {
      wanted,
      begun: this.#players.length,
      joined: joining.count,
      failed: failures.count,
      lost: losses.count,
      left: this.#count('left'),
      most: this.#most,
    };
  }

  /** All of it. @param hanging how many players had hooks that did not end. */
  report(atMs: number, probe: GeneratorProbe, hanging: number, known: readonly string[]): RunFacts {
    const recorder = this.#recorder;
    const traffic = this.#traffic();
    const use = probe.read();
    const cpuMs = use.cpuMs - (this.#generator?.cpuMs ?? use.cpuMs);
    const generator = {
      cpuPercent: atMs > 0 ? (100 * cpuMs) / atMs : 0,
      lagP99Ms: probe.lagP99Ms(),
      memoryBytes: use.memoryBytes,
    };
    return {
      durationMs: atMs,
      joining: recorder.joining.summary() ?? null,
      failures: recorder.failures.list(),
      losses: recorder.losses.list(),
      roundTrips: recorder.roundTrips.summary() ?? null,
      loss: lossOf(NOTHING, traffic),
      traffic: { sentBytes: traffic.sentBytes, receivedBytes: traffic.receivedBytes },
      measures: recorder.measures.measures(),
      counts: recorder.measures.counters(),
      scriptErrors: recorder.scriptErrors.list(),
      server: this.#server.report(),
      generator,
      stages: this.#stages,
      timeline: this.#timeline.samples(),
      warnings: [...known, ...warningsOf(generator, hanging)],
    };
  }

  #count(state: RunPlayer['state']): number {
    return this.#players.reduce((count, player) => count + (player.state === state ? 1 : 0), 0);
  }

  #traffic(): Traffic {
    let { sentBytes, receivedBytes, reliableSent, resent, heardAtMs } = NOTHING;
    for (const { meter } of this.#players) {
      if (meter === undefined) continue;
      sentBytes += meter.sentBytes;
      receivedBytes += meter.receivedBytes;
      reliableSent += meter.reliableSent;
      resent += meter.resent;
      heardAtMs = Math.max(heardAtMs, meter.heardAtMs);
    }
    return { sentBytes, receivedBytes, reliableSent, resent, heardAtMs };
  }
}

/** What was lost between two looks; null when nothing was sent that could be. */
function lossOf(before: Traffic, now: Traffic): Loss | null {
  const sent = now.reliableSent - before.reliableSent;
  const resent = now.resent - before.resent;
  return sent + resent === 0 ? null : { sent, resent, percent: (100 * resent) / (sent + resent) };
}

function warningsOf({ cpuPercent, lagP99Ms }: LoadReport['generator'], hanging: number): string[] {
  const warnings: string[] = [];
  if (lagP99Ms > LATE_MS || cpuPercent > BUSY_PERCENT) {
    warnings.push(
      `The players themselves were slow, or this machine has other work: this process used ${cpuPercent.toFixed(0)} % of a core, and its ` +
        `timers were up to ${lagP99Ms.toFixed(0)} ms late (p99). Round trips have that in them. Take fewer players, several processes, or ` +
        'another machine.',
    );
  }
  if (hanging > 0) {
    warnings.push(`The hooks of ${hanging} players had not ended two seconds after these had left.`);
  }
  return warnings;
}

const NOTHING: Traffic = { sentBytes: 0, receivedBytes: 0, reliableSent: 0, resent: 0, heardAtMs: 0 };
const MAX_SAMPLES = 600;
const LATE_MS = 20;
const BUSY_PERCENT = 85;
