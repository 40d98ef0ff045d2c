/** Processor time and memory of the server: over the run, in each stage, since the last sample. */
import type { ServerReport } from '../report/report.ts';
import type { ProcessUse, ServerProbe } from './probes.ts';

/** What a process used in a time. */
export interface Usage {
  /** Percent of one core. */
  readonly cpuPercent: number | null;
  /** The most resident memory, in bytes. */
  readonly memoryBytes: number | null;
}

interface Mark {
  readonly atMs: number;
  readonly cpuMs: number;
}

/** Watches the process of the server, when there is one. */
export class ServerWatch {
  readonly #probe: ServerProbe | undefined;
  readonly #notMeasured: string;
  #last: ProcessUse | undefined;
  #atMs = 0;
  #start: Mark | undefined;
  #stage: Mark | undefined;
  #recent: Mark | undefined;
  #mostBytes: number | null = null;
  #stageBytes: number | null = null;
  #lastStage: Usage = NOTHING;

  /** @param probe the process, or why it is not measured. */
  constructor(probe: ServerProbe | string) {
    this.#probe = typeof probe === 'string' ? undefined : probe;
    this.#notMeasured = typeof probe === 'string' ? probe : '';
  }

  /** Reads it. @param atMs since the start of the run. @returns whether the process has ended. */
  read(atMs: number): boolean {
    if (this.#probe === undefined) return false;
    const use = this.#probe.read();
    if (use === undefined) return true;
    this.#last = use;
    this.#atMs = atMs;
    this.#mostBytes = Math.max(this.#mostBytes ?? 0, use.memoryBytes);
    this.#stageBytes = Math.max(this.#stageBytes ?? 0, use.memoryBytes);
    const mark = { atMs, cpuMs: use.cpuMs };
    this.#start ??= mark;
    this.#stage ??= mark;
    this.#recent ??= mark;
    return false;
  }

  /** What it used since this was last asked. */
  sinceLast(): Usage {
    const percent = this.#percentSince(this.#recent);
    this.#recent = this.#mark();
    return { cpuPercent: percent, memoryBytes: this.#last?.memoryBytes ?? null };
  }

  /** What it used in the stage that ends now. */
  endStage(): Usage {
    this.#lastStage = { cpuPercent: this.#percentSince(this.#stage), memoryBytes: this.#stageBytes };
    this.#stage = this.#mark();
    this.#stageBytes = null;
    return this.#lastStage;
  }

  /** All of it, after the last stage has ended. */
  report(): ServerReport {
    return {
      pid: this.#probe?.pid ?? null,
      notMeasured: this.#notMeasured,
      cpuPercent: this.#percentSince(this.#start),
      lastStageCpuPercent: this.#lastStage.cpuPercent,
      mostMemoryBytes: this.#mostBytes,
    };
  }

  #mark(): Mark | undefined {
    return this.#last && { atMs: this.#atMs, cpuMs: this.#last.cpuMs };
  }

  #percentSince(mark: Mark | undefined): number | null {
    if (mark === undefined || this.#last === undefined || this.#atMs <= mark.atMs) return null;
    return (100 * (this.#last.cpuMs - mark.cpuMs)) / (this.#atMs - mark.atMs);
  }
}

const NOTHING: Usage = { cpuPercent: null, memoryBytes: null };
