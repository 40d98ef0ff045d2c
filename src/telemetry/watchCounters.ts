/**
 * What is counted where it happens, and may happen thousands of times a second when somebody attacks, as at most one event per second and
 * reason: refusals, DTLS handshakes that fail, ticks that are skipped.
 */
import type { OperatedServer } from '../ops/internal.ts';
import type { Timer } from '../runtime/index.ts';
import { DiagnosticsChannel as Channel } from './events.ts';
import { roomsOf } from './roomsOf.ts';
import type { EventSink } from './sink.ts';

/** Looks once a second while the server runs. @returns a function that ends it. */
export function watchCounters(server: OperatedServer, sink: EventSink): () => void {
  const { ops } = server;
  let timer: Timer | undefined;
  let last = isWanted(sink) ? readCounts(server) : undefined;
  const look = (): void => {
    // Who asks later hears of what is later.
    if (!isWanted(sink)) last = undefined;
    else {
      const now = readCounts(server);
      if (last !== undefined) tellDifference(server, last, now, sink);
      last = now;
    }
  };
  const next = (): void => {
    timer = ops.startTimer(LOOK_EACH_MS, () => {
      look();
      next();
    });
  };
  const end = (): void => timer?.cancel();
  const endObserving = ops.observe({
    started: () => {
      end();
      look();
      next();
    },
    stopped: () => {
      end();
      look();
    },
  });
  if (ops.metrics().isActive) next();
  return () => {
    endObserving();
    end();
  };
}

interface Counts {
  readonly refusals: ReadonlyMap<string, number>;
  readonly failures: ReadonlyMap<string, number>;
  readonly skippedTicks: number;
  readonly lateP99Ms: number;
}

function readCounts(server: OperatedServer): Counts {
  const metrics = server.ops.metrics();
  const { skippedTicks, lateP99Ms } = roomsOf(server)?.ops.metrics() ?? NO_TICKS;
  const failures = ('dtls' in metrics ? metrics.dtls?.failures : undefined) ?? NONE;
  return { refusals: metrics.refusals, failures, skippedTicks, lateP99Ms };
}

function tellDifference(server: OperatedServer, before: Counts, now: Counts, sink: EventSink): void {
  for (const [name, counts] of [
    [Channel.SERVER_REFUSED, 'refusals'],
    [Channel.DTLS_FAILED, 'failures'],
  ] as const) {
    if (!sink.wants(name)) continue;
    for (const [reason, count] of now[counts]) {
      // What is counted per run begins again.
      const last = before[counts].get(reason) ?? 0;
      const more = count >= last ? count - last : count;
      if (more > 0) sink.tell(name, { server, reason, count: more });
    }
  }
  const skipped = now.skippedTicks - before.skippedTicks;
  if (skipped > 0 && sink.wants(Channel.ROOM_TICKS_SKIPPED))
    sink.tell(Channel.ROOM_TICKS_SKIPPED, { server, count: skipped, lateP99Ms: now.lateP99Ms });
}

function isWanted(sink: EventSink): boolean {
  return COUNTED.some((name) => sink.wants(name));
}

const COUNTED = [Channel.SERVER_REFUSED, Channel.DTLS_FAILED, Channel.ROOM_TICKS_SKIPPED] as const;
const LOOK_EACH_MS = 1000;
const NONE: ReadonlyMap<string, number> = new Map();
const NO_TICKS = { skippedTicks: 0, lateP99Ms: 0 };
