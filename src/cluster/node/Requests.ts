/** Questions from node to node, over inboxes: each has an id, a deadline and one answer. */
import { RoomError, RoomErrorCode } from '../../rooms/index.ts';
import type { Timer } from '../../runtime/index.ts';
import type { ClusterBus, Unsubscribe } from '../bus.ts';
import { BusError, BusErrorCode } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import { ClusterError, ClusterErrorCode } from './clusterErrors.ts';
import { type AnswerFrame, type ClusterPayload, readFrame, type SentError, writeFrame } from './frames.ts';

/** Answers a question. What it throws goes back: RoomError, ClusterError and BusError as they are, all else as FAILED. */
export type RequestHandler = (payload: unknown, from: string) => unknown;

/** A question without an answer yet. */
interface Pending {
  readonly inbox: string;
  readonly timer: Timer;
  resolve(payload: unknown): void;
  reject(error: unknown): void;
}

/** Where errors go. */
export interface RequestsOwner {
  /** Of handlers, and what is no message. */
  report(error: unknown, where: string): void;
  /** Of answers that do not arrive: who asked waits for its deadline. */
  strange(error: unknown, where: string): void;
}

/** The questions of one node. */
export class Requests {
  readonly #bus: ClusterBus;
  readonly #clock: Clock;
  readonly #owner: RequestsOwner;
  readonly #handlers = new Map<string, RequestHandler>();
  readonly #pending = new Map<string, Pending>();
  #inbox = '';
  #listening: { readonly inbox: string; readonly end: Unsubscribe } | undefined;
  #running = 0;
  #isListening = false;
  #isClosed = false;

  constructor(bus: ClusterBus, clock: Clock, owner: RequestsOwner) {
    this.#bus = bus;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Questions without an answer yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Questions that are being answered. */
  get running(): number {
    return this.#running;
  }

  /** Sets who answers what has a name, in place of an earlier one. */
  handle(name: string, handler: RequestHandler): void {
    this.#handlers.set(name, handler);
  }

  /** From now on the inbox is another one. What waits in the one before is for one that is no more. */
  async listen(inbox: string): Promise<void> {
    this.#inbox = inbox;
    await this.ensure();
  }

  /** Listens if it does not. @throws BusError (as rejection) */
  async ensure(): Promise<void> {
    const inbox = this.#inbox;
    if (inbox === '' || this.#isListening || this.#listening?.inbox === inbox) return;
    this.#isListening = true;
    try {
      const end = await this.#bus.receive(inbox, (bytes) => this.#received(bytes));
      if (this.#isClosed) return end();
      this.#listening?.end();
      this.#listening = { inbox, end };
    } finally {
      this.#isListening = false;
    }
    if (this.#inbox !== inbox) await this.ensure();
  }

  /**
   * Asks a node.
   *
   * @throws (as rejection) what the handler has thrown; ClusterError TIMEOUT, NODE_GONE, BUSY, UNHANDLED, FAILED; BusError FULL, TOO_LARGE,
   * DOWN: the question may have been handed over.
   */
  async ask(inbox: string, name: string, payload: ClusterPayload, timeoutMs: number): Promise<unknown> {
    if (this.#pending.size >= MOST_PENDING)
      throw new ClusterError('BUSY', `${MOST_PENDING} requests have no answer yet`);
    const id = this.#clock.newId();
    const bytes = writeFrame({ type: 'request', id, from: this.#inbox, name, payload });
    const answer = new Promise<unknown>((resolve, reject) => {
      const timer = this.#clock.runtime.startTimer(timeoutMs, () => {
        this.#pending.delete(id);
        reject(new ClusterError('TIMEOUT', `${inbox} did not answer ${name} in ${timeoutMs} ms`));
      });
      this.#pending.set(id, { inbox, timer, resolve, reject });
    });
    // It may be over before the bus has taken the question.
    answer.catch(() => undefined);
    try {
      await this.#bus.send(inbox, bytes);
    } catch (error) {
      this.#settle(id)?.reject(error);
    }
    return answer;
  }

  /** A node is gone: it answers nothing any more. */
  gone(inbox: string): void {
    for (const [id, pending] of this.#pending)
      if (pending.inbox === inbox)
        this.#settle(id)?.reject(new ClusterError('NODE_GONE', `${inbox} is gone`));
  }

  /** Nothing is answered any more. */
  close(): void {
    this.#isClosed = true;
    this.#listening?.end();
    this.#listening = undefined;
    this.#inbox = '';
    for (const id of [...this.#pending.keys()])
      this.#settle(id)?.reject(new ClusterError('NOT_RUNNING', 'the node was closed'));
  }

  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.cancel();
    return pending;
  }

  /** Not waited for: what one question takes is not what the next one waits. */
  #received(bytes: Uint8Array): void {
    const frame = readFrame(bytes);
    if (frame === undefined) {
      this.#owner.report(
        new TypeError(`what has arrived is no message of a node (${bytes.length} bytes)`),
        'inbox',
      );
      return;
    }
    if (frame.type === 'answer') {
      const pending = this.#settle(frame.id);
      if (frame.error === undefined) pending?.resolve(frame.payload);
      else pending?.reject(received(frame.error));
      return;
    }
    const { id, from, name, payload } = frame;
    void this.#answer(name, payload, from).then((answer) => this.#reply(from, id, name, answer));
  }

  /** Never rejects. What cannot travel is told in place of it: who asked need not wait for its deadline. */
  async #reply(to: string, id: string, name: string, answer: Answer): Promise<void> {
    try {
      await this.#bus.send(to, writeFrame({ type: 'answer', id, ...answer }));
    } catch (error) {
      this.#owner.strange(error, `answer to ${name}`);
      const mayPass = error instanceof BusError && error.code !== 'TOO_LARGE';
      if (answer.error === undefined && !mayPass) await this.#reply(to, id, name, failure(sendable(error)));
    }
  }

  async #answer(name: string, payload: unknown, from: string): Promise<Answer> {
    const handler = this.#handlers.get(name);
    if (handler === undefined)
      return failure({ kind: 'cluster', code: 'UNHANDLED', message: `nobody answers ${name.slice(0, 100)}` });
    if (this.#running >= MOST_RUNNING)
      return failure({
        kind: 'cluster',
        code: 'BUSY',
        message: `${MOST_RUNNING} requests are being answered`,
      });
    this.#running++;
    try {
      return { payload: (await handler(payload, from)) ?? null, error: undefined };
    } catch (error) {
      const sent = sendable(error);
      if (sent.kind === 'other') this.#owner.report(error, `request ${name}`);
      return failure(sent);
    } finally {
      this.#running--;
    }
  }
}

/** What is answered. */
type Answer = Pick<AnswerFrame, 'payload' | 'error'>;

function failure(error: SentError): Answer {
  return { payload: null, error };
}

function sendable(error: unknown): SentError {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MOST_MESSAGE);
  if (error instanceof RoomError) return { kind: 'room', code: error.code, message };
  if (error instanceof ClusterError) return { kind: 'cluster', code: error.code, message };
  if (error instanceof BusError) return { kind: 'bus', code: error.code, message };
  return { kind: 'other', code: 'FAILED', message };
}

function received({ kind, code, message }: SentError): Error {
  if (kind === 'room' && isIn(RoomErrorCode, code)) return new RoomError(code, message);
  if (kind === 'bus' && isIn(BusErrorCode, code)) return new BusError(code, message);
  return new ClusterError(kind === 'cluster' && isIn(ClusterErrorCode, code) ? code : 'FAILED', message);
}

function isIn<Code extends string>(codes: Readonly<Record<string, Code>>, code: string): code is Code {
  return Object.hasOwn(codes, code);
}

/** Characters of what an error says on its way. */
const MOST_MESSAGE = 2000;
/** Questions of one node without an answer. */
const MOST_PENDING = 1000;
/** Questions that one node answers at once. */
const MOST_RUNNING = 256;
