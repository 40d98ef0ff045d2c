/** What the console knows and says: servers, traffic, charts, and what each viewer is sent of them. It knows nothing of HTTP. */

import { createUnpacker } from '../dissect/internal.ts';
import { Answers, type ConsoleServer } from './Answers.ts';
import { Bans } from './actions.ts';
import { CHART_SECONDS, ChartHistory } from './charts/ChartHistory.ts';
import { ProcessMeter } from './charts/ProcessMeter.ts';
import { Parties } from './Parties.ts';
import type { HelloMessage, ServerInfo, StatusMessage, View } from './protocol.ts';
import type { Source } from './sources/Source.ts';
import { oneLine } from './sources/texts.ts';
import { DatagramReader } from './traffic/DatagramReader.ts';
import { TrafficRecorder } from './traffic/TrafficRecorder.ts';
import { FILTER_BYTES, MAX_FILTERS, TrafficStore } from './traffic/TrafficStore.ts';
import { type Viewer, Viewers } from './Viewers.ts';

/** See the head of this file. */
export class Console {
  readonly servers: Map<number, ConsoleServer> = new Map();
  readonly recorder: TrafficRecorder;
  readonly traffic: TrafficStore;
  readonly viewers: Viewers = new Viewers(() => this.#looksChanged());
  readonly #limits: HelloMessage['limits'];
  readonly #updateMs: number;
  #process: ProcessMeter | undefined;
  #lastId = 0;
  #second: NodeJS.Timeout | undefined;
  #quick: NodeJS.Timeout | undefined;
  #quickCount = 0;
  readonly parties: Parties = new Parties(this.servers);
  readonly #answers: Answers;
  #isUnpackerLoading = false;
  /** Whether a session still holds; for streams that a login has opened. */
  isSession: (session: string) => boolean = () => true;

  constructor(trafficBytes: number, trafficMs: number, updateMs: number) {
    this.#updateMs = updateMs;
    this.#limits = {
      trafficBytes,
      trafficMs,
      filterBytes: FILTER_BYTES,
      filters: MAX_FILTERS,
      chartSeconds: CHART_SECONDS,
    };
    this.recorder = new TrafficRecorder(trafficBytes, trafficMs, wallMs);
    const reader = new DatagramReader((ip, port) => this.parties.at(ip, port));
    this.traffic = new TrafficStore(this.recorder, reader, wallMs);
    this.#answers = new Answers(this.recorder, this.servers);
  }

  /** What a stream begins with. */
  get hello(): Omit<HelloMessage, 'viewer'> {
    return { type: 'hello', limits: this.#limits };
  }

  /** Looks at a server from now on. */
  add(source: Source, name: string | undefined): void {
    const id = ++this.#lastId;
    this.servers.set(id, {
      id,
      name: name ?? `${source.className} ${id}`,
      source,
      bans: new Bans(source),
      charts: new ChartHistory(source),
    });
    this.start();
    this.#looksChanged();
  }

  /** Looks at it no more. What the console has banned may connect again. */
  remove(source: Source): void {
    for (const [id, server] of this.servers) if (server.source === source) this.servers.delete(id);
    source.setBanned(new Set());
    source.close();
    this.#looksChanged();
  }

  /** Numbers are taken once per second from now on, until {@link Console.stop}. It keeps no process alive. */
  start(): void {
    if (this.#second !== undefined) return;
    this.#process ??= new ProcessMeter();
    this.#second = setInterval(() => this.#eachSecond(), 1000).unref();
  }

  /** Ends everything that runs; what is known stays. */
  stop(): void {
    this.viewers.end();
    clearInterval(this.#second);
    this.#second = undefined;
    this.#process?.close();
    this.#process = undefined;
  }

  /** Sends a viewer what it looks at now; one that does not read what it was sent gets it with the next update. */
  show(viewer: Viewer): void {
    if (viewer.isSlow) return;
    viewer.send(this.#status());
    this.#send(viewer);
  }

  #eachSecond(): void {
    const now = wallMs();
    this.parties.refresh();
    this.#answers.refresh();
    this.#process?.measure();
    const process = this.#processInfo();
    const totals = this.recorder.totals;
    for (const { source, bans, charts } of this.servers.values()) {
      bans.expire(now);
      try {
        // One server alone has all datagrams.
        charts.add(now, process, totals.hasTrace && this.servers.size === 1 ? totals : undefined);
      } catch {
        // A server of the application's own: who looks at it is told what it throws.
      }
      source.calls?.refresh();
    }
    this.traffic.advance();
    this.recorder.meter.sweep();
    if (this.viewers.size === 0) return;
    this.viewers.end(({ session }) => session !== undefined && !this.isSession(session));
    const status = this.#status();
    for (const viewer of this.viewers.all()) {
      if (viewer.isSlow) continue;
      viewer.send(status);
      this.#send(viewer);
    }
    this.#answers.refresh();
  }

  /** A few times per second, for those who follow what goes by. */
  #eachQuick(): void {
    this.traffic.advance();
    const isSceneTurn = this.#quickCount++ % 2 === 0;
    for (const viewer of this.viewers.all()) {
      const { view } = viewer;
      const isFollowing = 'position' in view ? view.position === 'end' : true;
      const isTurn =
        ((view.section === 'traffic' || view.section === 'calls') && isFollowing) ||
        (view.section === 'scene' && isSceneTurn);
      if (isTurn && !viewer.isSlow) this.#send(viewer);
    }
  }

  #looksChanged(): void {
    const isWatched = this.viewers.size > 0;
    this.traffic.isRecording = isWatched;
    if (isWatched) {
      this.start();
      this.#loadUnpacker();
      this.#quick ??= setInterval(() => this.#eachQuick(), this.#updateMs);
    } else {
      clearInterval(this.#quick);
      this.#quick = undefined;
    }
    const called = new Set<Source | undefined>();
    for (const { view } of this.viewers.all())
      if (view.section === 'calls') called.add(this.#serverOf(view)?.source);
    for (const { source } of this.servers.values())
      if (source.calls !== undefined) source.calls.isWatched = called.has(source);
  }

  /** Compressors may have to be loaded. */
  #loadUnpacker(): void {
    if (this.#isUnpackerLoading) return;
    this.#isUnpackerLoading = true;
    createUnpacker('auto').then(
      (unpacker) => {
        this.traffic.reader.unpacker = unpacker;
      },
      () => {
        // The next viewer tries again; until then compressed datagrams are shown as such.
        this.#isUnpackerLoading = false;
      },
    );
  }

  #status(): StatusMessage {
    return {
      type: 'status',
      nowMs: Date.now(),
      servers: [...this.servers.values()].map(serverInfo),
      process: this.#processInfo(),
      traffic: this.recorder.totals,
    };
  }

  #processInfo(): StatusMessage['process'] {
    this.#process ??= new ProcessMeter();
    return this.#process.info;
  }

  #serverOf(view: View): ConsoleServer | undefined {
    const wanted = 'server' in view ? view.server : undefined;
    if (wanted !== undefined) return this.servers.get(wanted);
    return (
      [...this.servers.values()].find(
        ({ source }) => view.section === 'traffic' || source.sections.includes(view.section),
      ) ?? this.servers.values().next().value
    );
  }

  /** Whatever an application has put somewhere: what cannot be shown must not end its process, in whose timer this runs. */
  #send(viewer: Viewer): void {
    try {
      this.#sendView(viewer);
    } catch (error) {
      const text = `This cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
      viewer.sendChanged({ type: 'problem', section: viewer.view.section, text: oneLine(text) });
    }
  }

  #sendView(viewer: Viewer): void {
    const { view } = viewer;
    const isAgain = !viewer.isFresh;
    viewer.isFresh = false;
    if (view.section === 'traffic') {
      const isSame = isAgain && (view.position ?? 'end') !== 'end';
      let missed = 0;
      for (const { source } of this.servers.values()) missed += source.missed?.() ?? 0;
      viewer.send(this.traffic.take(view, isSame, missed));
      return;
    }
    const server = this.#serverOf(view);
    const message = server === undefined ? undefined : this.#answers.to(viewer, server, view, isAgain);
    if (message === 'nothing') return;
    if (message !== undefined) {
      if (view.section === 'scene') viewer.sendChanged(message);
      else viewer.send(message);
      return;
    }
    const text = server === undefined ? 'There is no such server.' : 'This server has nothing to show here.';
    viewer.sendChanged({ type: 'problem', section: view.section, text });
  }
}

function serverInfo({ id, name, source }: ConsoleServer): ServerInfo {
  const { kind, className, sections, actions } = source;
  return { id, name, kind, class: className, ...statusOf(source), sections, actions };
}

function statusOf(source: Source): ReturnType<Source['status']> {
  try {
    return source.status();
  } catch {
    // What it throws is told where it is looked at.
    return { isActive: false, peers: 0 };
  }
}

/** With fractions of a millisecond. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
