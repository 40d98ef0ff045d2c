/** Requests to Agones' sidecar: one try of each, bounded in time and bytes. */
import { AgonesError, AgonesErrorCode } from './AgonesError.ts';
import type { FleetClock } from './clock.ts';

/** One request. */
export interface SidecarRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Begins with a slash. */
  readonly path: string;
  /** Sent as JSON. Default: nothing is sent. */
  readonly body?: unknown;
  /** Whether it makes a difference how often it is done. Default: no. */
  readonly isOnce?: boolean;
}

/** The other end: where it is, and how long it may take. */
export class Sidecar {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly #timeoutMs: number;
  readonly #clock: FleetClock;
  readonly #pending = new Set<AbortController>();
  #isClosed = false;

  constructor(url: string, timeoutMs: number, clock: FleetClock) {
    this.url = url;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /**
   * A connection that was kept may have ended meanwhile, which shows when it is used: what may be done twice is asked once more.
   *
   * @returns the answer's JSON.
   * @throws AgonesError (as rejection)
   */
  async ask(request: SidecarRequest): Promise<unknown> {
    try {
      return await this.#ask(request);
    } catch (error) {
      const isLost = error instanceof AgonesError && error.code === AgonesErrorCode.LOST;
      if (!isLost || request.isOnce === true || this.#isClosed) throw error;
      return await this.#ask(request);
    }
  }

  /**
   * Reads an answer that has a line for each piece of news, until it ends or `signal` is aborted.
   *
   * @throws AgonesError (as rejection) for every end, also a regular one.
   */
  async follow(path: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
    const request: SidecarRequest = { method: 'GET', path };
    const place = this.#place(request);
    await this.#send(
      request,
      true,
      async (response, ended) => {
        if (!response.ok) await wholeText(response, place, ended);
        let rest = '';
        // What one line has is bounded, not the whole.
        for await (const part of decoded(response, Number.POSITIVE_INFINITY, place, ended)) {
          const lines = (rest + part).split('\n');
          rest = lines.pop() ?? '';
          if (rest.length > MOST_BYTES) throw tooLong(place);
          for (const line of lines) if (line.trim() !== '' && !signal.aborted) onLine(line);
        }
      },
      signal,
    );
    throw new AgonesError(AgonesErrorCode.LOST, `${place}: the sidecar ended the stream`);
  }

  /** Ends every request with CLOSED; later ones end at once. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#pending) controller.abort();
  }

  async #ask(request: SidecarRequest): Promise<unknown> {
    const place = this.#place(request);
    let text = '';
    await this.#send(request, false, async (response, ended) => {
      text = await wholeText(response, place, ended);
    });
    try {
      return JSON.parse(text === '' ? '{}' : text);
    } catch (cause) {
      throw new AgonesError(AgonesErrorCode.BAD_ANSWER, `${place} answered with no JSON`, 200, { cause });
    }
  }

  #place({ method, path }: SidecarRequest): string {
    return `${method} ${this.url}${path}`;
  }

  /**
   * @param isEndless whether the time is for the beginning of the answer only.
   * @param read is given what says that it is too late, or called off.
   */
  async #send(
    request: SidecarRequest,
    isEndless: boolean,
    read: (response: Response, ended: AbortSignal) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { method, path, body } = request;
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    let isLate = false;
    const timer = this.#clock.startTimer(this.#timeoutMs, () => {
      isLate = true;
      abort();
    });
    this.#pending.add(controller);
    signal?.addEventListener('abort', abort);
    if (this.#isClosed || signal?.aborted === true) abort();
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        redirect: 'error',
        signal: controller.signal,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (isEndless) timer.cancel();
      await read(response, controller.signal);
    } catch (cause) {
      if (cause instanceof AgonesError) throw cause;
      throw this.#explained(request, cause, isLate, controller.signal.aborted);
    } finally {
      timer.cancel();
      this.#pending.delete(controller);
      signal?.removeEventListener('abort', abort);
    }
  }

  #explained(request: SidecarRequest, cause: unknown, isLate: boolean, isAborted: boolean): AgonesError {
    const place = this.#place(request);
    const options = { cause };
    if (isLate)
      return new AgonesError(
        AgonesErrorCode.TIMEOUT,
        `${place}: no answer within ${this.#timeoutMs} ms`,
        0,
        options,
      );
    if (isAborted) return new AgonesError(AgonesErrorCode.CLOSED, `${place}: it was called off`, 0, options);
    const why = causeOf(cause);
    if (NOBODY.has(why))
      return new AgonesError(
        AgonesErrorCode.UNREACHABLE,
        `${place}: nobody listens there (${why})`,
        0,
        options,
      );
    if (BROKEN.has(why))
      return new AgonesError(AgonesErrorCode.LOST, `${place}: the connection broke (${why})`, 0, options);
    return new AgonesError(
      AgonesErrorCode.BAD_ANSWER,
      `${place} did not answer as HTTP (${why})`,
      0,
      options,
    );
  }
}

/** The text of an answer. @throws AgonesError for one that refuses, or is too long. */
async function wholeText(response: Response, place: string, ended: AbortSignal): Promise<string> {
  let text = '';
  for await (const part of decoded(response, MOST_BYTES, place, ended)) text += part;
  if (response.ok) return text;
  throw new AgonesError(
    AgonesErrorCode.REFUSED,
    `${place}: ${response.status}, ${messageOf(text)}`,
    response.status,
  );
}

/**
 * The text of an answer as it comes.
 *
 * `fetch` holds its signal weakly: once the answer has begun, and memory was collected, it does not hear of an end any more, and the
 * connection holds the process for ever. So it is ended here.
 *
 * @throws AgonesError when it has more than `mostBytes`; the reason of `ended`.
 */
async function* decoded(
  response: Response,
  mostBytes: number,
  place: string,
  ended: AbortSignal,
): AsyncGenerator<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  // It has ended already, or is ended by this.
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  ended.addEventListener('abort', cancel);
  try {
    const decoder = new TextDecoder();
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      ended.throwIfAborted();
      if (done) return;
      bytes += value.length;
      if (bytes > mostBytes) throw tooLong(place);
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    ended.removeEventListener('abort', cancel);
    cancel();
  }
}

function tooLong(place: string): AgonesError {
  return new AgonesError(AgonesErrorCode.BAD_ANSWER, `${place} answered with more than ${MOST_BYTES} bytes`);
}

/** What the sidecar says of a request that it refuses: JSON with `message`. */
function messageOf(text: string): string {
  try {
    const { message }: { message?: unknown } = Object(JSON.parse(text));
    if (typeof message === 'string') return message.slice(0, MOST_MESSAGE);
  } catch {
    // Not of the sidecar; its own words say most.
  }
  return JSON.stringify(text.trim().slice(0, MOST_MESSAGE));
}

/** `fetch` wraps what really happened. */
function causeOf(error: unknown): string {
  const { cause, code, message }: { cause?: unknown; code?: unknown; message?: unknown } = Object(error);
  if (typeof code === 'string') return code;
  return cause === undefined ? String(message) : causeOf(cause);
}

const NOBODY: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const MOST_BYTES = 1_048_576;
const MOST_MESSAGE = 300;
