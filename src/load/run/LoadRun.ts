/** A run of the load tester: lets players join by its plan, looks at them each second, and tells what was. */
import { CompressionMode, type TLSOptions } from '../../godot/index.ts';
import type { Project } from '../../project/index.ts';
import type { Runtime, Timer } from '../../runtime/index.ts';
import { Prng } from '../../testing/internal.ts';
import type { LoadContext, MakeBot } from '../bot.ts';
import type { LinkEvents, LinkParts, PlayerLink } from '../players/link.ts';
import { SceneLink } from '../players/sceneLink.ts';
import { ServerLink } from '../players/serverLink.ts';
import type { LoadOutcome, LoadReport, LoadSample, PlayerCounts } from '../report/report.ts';
import { judge, type LoadThresholds } from '../report/thresholds.ts';
import { Ramp, type RampSpec } from '../statistics/ramp.ts';
import type { LoadTarget } from '../target.ts';
import { BotDriver } from './BotDriver.ts';
import type { GeneratorProbe, ServerProbe } from './probes.ts';
import { Recorder } from './Recorder.ts';
import { RunLog } from './RunLog.ts';
import { LEAVE_MS, RunPlayer } from './RunPlayer.ts';

/** What a run is told. */
export interface LoadRunOptions extends RampSpec {
  readonly target: LoadTarget;
  readonly protocol: 'scene' | 'enet-server';
  /** The bot script: its name, and what makes its bots. Default: players idle. */
  readonly script?: { readonly name: string; readonly make: MakeBot } | undefined;
  /** The Godot project of both sides; with the protocol `scene`. */
  readonly project?: Project | undefined;
  /** With DTLS or TLS. */
  readonly tls?: TLSOptions | undefined;
  /** Of ENet's datagrams. Default: none. */
  readonly compression?: CompressionMode | undefined;
  readonly seed: number;
  /** Ticks of a player per second. */
  readonly tickHz: number;
  /** How long a player may take to join. */
  readonly joinTimeoutMs: number;
  readonly thresholds: LoadThresholds;
  /** The process of the server, or why it is not measured. */
  readonly server: ServerProbe | string;
  readonly generator: GeneratorProbe;
  readonly runtime: Runtime;
  /** Milliseconds of a clock that does not wrap, as exact as there are. */
  readonly nowMs: () => number;
  /** When it begins, in ISO 8601. */
  readonly startedAt: string;
  /** What makes the numbers say less than they seem to, known before. */
  readonly warnings?: readonly string[] | undefined;
  /** Ends it before its time when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of each second. */
  readonly onSample?:
    | ((sample: LoadSample, rttSoFar: { p50: number; p99: number } | undefined) => void)
    | undefined;
  /** Hears of the first problem of each kind. */
  readonly onProblem?: ((what: 'failed' | 'lost' | 'script', message: string) => void) | undefined;
}

/** Takes what a script throws where nobody else can catch it, as in its own timers. */
export type ThrownReporter = (where: string, error: unknown) => void;

/** One run. */
export class LoadRun {
  readonly #options: LoadRunOptions;
  readonly #ramp: Ramp;
  readonly #recorder: Recorder;
  readonly #log: RunLog;
  readonly #context: LoadContext;
  readonly #players: RunPlayer[] = [];
  readonly #timers = new Set<Timer>();
  readonly #startMs: number;
  #silentSamples = 0;
  #lateSamples = 0;
  #finish: (report: LoadReport | Promise<never>) => void = () => undefined;
  #isEnding = false;

  /** @throws RangeError for a plan that is none. */
  constructor(options: LoadRunOptions) {
    this.#options = options;
    this.#ramp = new Ramp(options);
    this.#startMs = options.nowMs();
    this.#recorder = new Recorder((what, message) => options.onProblem?.(what, message));
    this.#log = new RunLog(this.#players, this.#recorder, options.server);
    this.#context = {
      target: options.target.url,
      players: this.#ramp.players,
      seed: options.seed,
      durationMs: this.#ramp.durationMs,
    };
  }

  /** Takes what the script throws where nobody else can catch it. */
  readonly threw: ThrownReporter = (where, error) => this.#recorder.threw(where, error);

  /** Runs it. What goes wrong with servers and scripts is in the report. Once for each object. */
  run(): Promise<LoadReport> {
    const { signal } = this.#options;
    const stop = (): void => this.#end('interrupted', 'it was stopped');
    return new Promise((resolve) => {
      this.#finish = (report) => {
        signal?.removeEventListener('abort', stop);
        resolve(report);
      };
      signal?.addEventListener('abort', stop);
      this.#log.begin(this.#options.generator.read());
      this.#joinNext();
      this.#sampleLater(1);
      const { stages, durationMs } = this.#ramp;
      for (let stage = 1; stage < stages.length; stage++) {
        this.#at((durationMs / stages.length) * stage, () =>
          this.#log.endStage(this.#elapsed(), stages[stage - 1] ?? 0),
        );
      }
      this.#at(durationMs, () => this.#end('done', ''));
      if (signal?.aborted === true) stop();
    });
  }

  #elapsed(): number {
    return this.#options.nowMs() - this.#startMs;
  }

  /** Calls a function at a time of the run, unless that ends before. */
  #at(ms: number, callback: () => void): void {
    const timer = this.#options.runtime.startTimer(Math.max(0, ms - this.#elapsed()), () => {
      this.#timers.delete(timer);
      if (!this.#isEnding) callback();
    });
    this.#timers.add(timer);
  }

  /** Players join when their time has come, a few in a turn of the event loop: a crowd must not block those who play. */
  #joinNext(): void {
    const next = this.#players.length + 1;
    if (next > this.#ramp.players) return;
    this.#at(this.#ramp.joinMs(next), () => {
      for (let id = next; id < next + MOST_IN_A_TURN && id <= this.#ramp.players; id++) {
        if (this.#ramp.joinMs(id) <= this.#elapsed()) this.#join(id);
      }
      this.#joinNext();
    });
  }

  #join(id: number): void {
    const { runtime, nowMs, joinTimeoutMs, script } = this.#options;
    const player = new RunPlayer(id, {
      recorder: this.#recorder,
      bot: new BotDriver(script?.make ?? IDLE, this.#context, this.threw),
      nowMs,
      startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
      joinTimeoutMs,
      createLink: (self, bot, events) => this.#createLink(self, bot, events),
    });
    this.#players.push(player);
    player.begin();
  }

  #createLink(player: RunPlayer, bot: BotDriver, events: LinkEvents): PlayerLink {
    const { protocol, target, runtime, tls, compression, tickHz, nowMs, project, seed } = this.#options;
    const random = Prng.labelled(seed, `player ${player.id}`);
    const parts: LinkParts = {
      target,
      runtime,
      tls,
      compression: compression ?? CompressionMode.COMPRESS_NONE,
      tickHz,
      player: {
        id: player.id,
        random: () => random.unit(),
        signal: player.signal,
        runtime,
        nowMs,
        measures: this.#recorder.measures,
        leave: () => player.leaveEarly(),
      },
      meter: { nowMs, roundTrip: (ms) => this.#recorder.roundTrip(ms) },
      events,
      setUp: (face) => bot.setUp(face),
    };
    return protocol === 'scene' ? new SceneLink({ ...parts, project }) : new ServerLink(parts);
  }

  #sampleLater(number: number): void {
    this.#at(number * SAMPLE_MS, () => {
      const lateMs = this.#elapsed() - number * SAMPLE_MS;
      this.#lateSamples = lateMs > HOPELESSLY_LATE_MS ? this.#lateSamples + 1 : 0;
      this.#sample();
      if (this.#lateSamples > 1) this.#end('overloaded', OVERLOADED);
      if (!this.#isEnding) this.#sampleLater(Math.max(number + 1, Math.ceil(this.#elapsed() / SAMPLE_MS)));
    });
  }

  #sample(): void {
    const { sample, hasServerEnded, heardAtMs } = this.#log.sample(this.#elapsed());
    const so = this.#recorder.roundTrips.summary();
    this.#options.onSample?.(sample, so && { p50: so.p50, p99: so.p99 });
    const isSilent = sample.playing > 0 && this.#options.nowMs() - heardAtMs > SILENT_MS;
    // Once may be this process, which was busy itself.
    this.#silentSamples = isSilent ? this.#silentSamples + 1 : 0;
    if (hasServerEnded) this.#end('server-gone', 'the process of the server has ended');
    else if (this.#silentSamples > 1) {
      this.#end('server-gone', `no player has heard of the server for ${SILENT_MS / 1000} s`);
    } else if (sample.playing + sample.joining === 0) this.#endWithoutPlayers();
  }

  #endWithoutPlayers(): void {
    const { joined, failed, lost, begun, wanted } = this.#log.counts(this.#ramp.players);
    if (joined === 0 && failed >= Math.min(wanted, HOPELESS)) {
      this.#end('nobody-joined', `none of ${failed} players could join`);
    } else if (lost > 0 && (begun === wanted || failed > 0 || lost >= HOPELESS)) {
      this.#end('server-gone', 'all players were lost');
    } else if (begun === wanted && failed + lost < wanted) this.#end('done', 'all players have left');
  }

  #end(outcome: LoadOutcome, reason: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const timer of this.#timers) timer.cancel();
    const atMs = this.#elapsed();
    this.#log.sample(atMs);
    this.#log.endStage(atMs, this.#ramp.stages[this.#log.endedStages] ?? 0);
    const counts = this.#log.counts(this.#ramp.players);
    const ending = outcome === 'done' ? endingOf(counts, reason) : { outcome, reason };
    for (const player of this.#players) player.leave();
    this.#untilHooksEnd().then(
      (hanging) => this.#finish(this.#report(atMs, hanging, counts, ending)),
      // It would be a mistake of ours: whoever waits for the report has to hear of it.
      (error: unknown) => this.#finish(Promise.reject(error)),
    );
  }

  #report(
    atMs: number,
    hanging: number,
    players: PlayerCounts,
    ending: Pick<LoadReport, 'outcome' | 'reason'>,
  ): LoadReport {
    for (const player of this.#players) player.close();
    const { target, protocol, script, seed, startedAt, generator, warnings, thresholds } = this.#options;
    const facts = this.#log.report(atMs, generator, hanging, warnings ?? []);
    const report = {
      format: 1 as const,
      target: target.url,
      protocol,
      script: script?.name ?? null,
      seed,
      startedAt,
      ...ending,
      roundTripsOf: ROUND_TRIPS_OF[target.transport],
      ...facts,
      loss: target.transport === 'enet' ? facts.loss : null,
      players,
    };
    return { ...report, thresholds: judge(thresholds, report) };
  }

  /** @returns how many players had hooks that did not end in time. */
  async #untilHooksEnd(): Promise<number> {
    const pending = this.#players.flatMap((player) => [...player.pending]);
    let timer: Timer | undefined;
    const time = new Promise<void>((resolve) => {
      timer = this.#options.runtime.startTimer(LEAVE_MS, resolve);
    });
    await Promise.race([Promise.all(pending), time]);
    timer?.cancel();
    return this.#players.filter((player) => player.pending.size > 0).length;
  }
}

/** How a run has ended that came to its end. */
function endingOf(
  { joined, begun, wanted }: PlayerCounts,
  reason: string,
): Pick<LoadReport, 'outcome' | 'reason'> {
  if (joined === 0) return { outcome: 'nobody-joined', reason: 'no player has joined' };
  if (begun === wanted) return { outcome: 'done', reason };
  return { outcome: 'overloaded', reason: `${OVERLOADED}: ${begun} of ${wanted} had begun to join` };
}

const IDLE: MakeBot = () => ({});
const SAMPLE_MS = 1000;
const MOST_IN_A_TURN = 4;
/** ENet and the pings over WebSocket are answered twice a second. */
const SILENT_MS = 5000;
/** Twice in a row: what is measured then is this process, or a machine that has too much to do. */
const HOPELESSLY_LATE_MS = 3000;
const OVERLOADED = 'this process was seconds late: it cannot move so many players on this machine';
/** So many players that could not join, and none that could. */
const HOPELESS = 20;
const ROUND_TRIPS_OF = {
  enet: 'from each reliable command of ENet (each player has one at least every 500 ms) to its acknowledgement',
  websocket: 'from a ping of the WebSocket, every 500 ms for each player, to its pong',
} as const;
