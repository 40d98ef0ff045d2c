/** The streams of those who look, each with what it looks at. Nothing is worked out that nobody looks at. */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { HelloMessage, StreamMessage, View } from './protocol.ts';

/** One stream. */
export class Viewer {
  /** A secret of the stream. */
  readonly id: string = randomBytes(18).toString('base64url');
  /** Whose login it needs; `undefined` where none is needed. */
  readonly session: string | undefined;
  readonly #response: ServerResponse;
  #view: View;
  /** What was last sent of a section, for those that are sent when they have changed. */
  #sent = '';
  /** Whether the view is another since something was sent of it. */
  isFresh = true;
  /** The lines of the charts that it knows: server and revision. */
  chartLines = '';

  constructor(
    response: ServerResponse,
    view: View,
    session: string | undefined,
    hello: Omit<HelloMessage, 'viewer'>,
  ) {
    this.#response = response;
    this.#view = view;
    this.session = session;
    this.send({ ...hello, viewer: this.id });
  }

  /** What it looks at. */
  get view(): View {
    return this.#view;
  }

  set view(view: View) {
    this.#view = view;
    this.isFresh = true;
    this.#sent = '';
    this.chartLines = '';
  }

  /** Whether it has not read what it was sent: it misses updates instead of filling the memory. */
  get isSlow(): boolean {
    return this.#response.writableNeedDrain;
  }

  send(message: StreamMessage): void {
    this.#response.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  /** Sends what is not what was sent last. */
  sendChanged(message: StreamMessage): void {
    const text = JSON.stringify(message);
    if (text === this.#sent) return;
    this.#sent = text;
    this.#response.write(`data: ${text}\n\n`);
  }

  end(): void {
    this.#response.end();
  }
}

/** All of them. */
export class Viewers {
  readonly #all = new Map<string, Viewer>();
  readonly #changed: () => void;

  /** @param changed somebody came, went, or looks at something else. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Those who are there. */
  all(): Viewer[] {
    return [...this.#all.values()];
  }

  add(viewer: Viewer): void {
    this.#all.set(viewer.id, viewer);
    this.#changed();
  }

  remove(viewer: Viewer): void {
    if (this.#all.delete(viewer.id)) this.#changed();
  }

  /** Another view of one. @returns the viewer; `undefined` for none. */
  look(id: string, view: View): Viewer | undefined {
    const viewer = this.#all.get(id);
    if (viewer === undefined) return undefined;
    viewer.view = view;
    this.#changed();
    return viewer;
  }

  /** Ends streams whose login has ended; all without a function. */
  end(isOver: (viewer: Viewer) => boolean = () => true): void {
    for (const viewer of this.all()) {
      if (!isOver(viewer)) continue;
      viewer.end();
      this.#all.delete(viewer.id);
    }
    this.#changed();
  }
}

/** Streams at once. */
export const MAX_VIEWERS = 16;
