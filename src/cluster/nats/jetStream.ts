/**
 * JetStream as its API on the wire has it: questions and answers in JSON. It needs no package beside the client, takes a time for each
 * question, and asks for nothing that a server of 2.9 does not know.
 */
import { BusError } from '../busErrors.ts';
import type { NatsMessage } from './natsModule.ts';
import type { Way } from './Way.ts';

/** The server answered with an error. */
export class JetStreamError extends Error {
  /** One of {@link JetStreamCode}, or another. */
  readonly code: number;
  /** Whether it is one of a moment: servers choose a leader, or have not heard of each other yet. */
  readonly isPassing: boolean;

  constructor(verb: string, code: number, description: string, isPassing: boolean) {
    super(`${verb}: ${description} (${code})`);
    this.name = 'JetStreamError';
    this.code = code;
    this.isPassing = isPassing;
  }
}

/** Errors that mean something to a bus. */
export const JetStreamCode = {
  CONSUMER_EXISTS: 10_013,
  CONSUMER_NOT_FOUND: 10_014,
  NO_MESSAGE: 10_037,
  STREAM_NAME_IN_USE: 10_058,
  STREAM_NOT_FOUND: 10_059,
  WRONG_LAST_SEQUENCE: 10_071,
  SUBJECT_FULL: 10_077,
  CONSUMER_NOT_UNIQUE: 10_100,
  CONSUMER_ALREADY_EXISTS: 10_105,
} as const;

/** Members of an answer, of any kind. */
export type Answer = Readonly<Record<string, unknown>>;

/** @throws (as rejection) JetStreamError, BusError DOWN. */
export async function askApi(way: Way, verb: string, body?: object): Promise<Answer> {
  const answer = await way.ask(`$JS.API.${verb}`, body === undefined ? '' : JSON.stringify(body));
  return read(verb, answer);
}

/** Whether it is as no answer: the same may be asked again. */
export function isPassing(error: unknown): boolean {
  return error instanceof JetStreamError ? error.isPassing : error instanceof BusError;
}

/** Does something, where one error of the server is an answer as well: `undefined`. */
export async function unless<T>(code: number, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof JetStreamError && error.code === code) return undefined;
    throw error;
  }
}

/**
 * Writes a message.
 *
 * @param last the sequence that the last message of the subject has, 0 for none; written only then.
 * @returns its sequence.
 * @throws (as rejection) JetStreamError, BusError DOWN: it may have been written.
 */
export async function write(
  way: Way,
  subject: string,
  payload: Uint8Array | string,
  last?: number,
  head: Readonly<Record<string, string>> = {},
): Promise<number> {
  const expected =
    last === undefined ? head : { ...head, 'Nats-Expected-Last-Subject-Sequence': String(last) };
  const answer = await way.ask(subject, payload, Object.keys(expected).length > 0 ? expected : undefined);
  return numberIn(read(`write ${subject}`, answer), 'seq');
}

/** A message in a stream. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  /** When it was written, by the clock of the server. */
  readonly timeMs: number;
  readonly text: string;
}

/** The last message of a subject. */
export async function lastOf(way: Way, stream: string, subject: string): Promise<StoredMessage | undefined> {
  const asked = askApi(way, `STREAM.MSG.GET.${stream}`, { last_by_subj: subject });
  const answer = await unless(JetStreamCode.NO_MESSAGE, asked);
  if (answer === undefined) return undefined;
  const message = tableIn(answer, 'message');
  return {
    subject: textIn(message, 'subject'),
    sequence: numberIn(message, 'seq'),
    timeMs: Math.floor(microsOf(textIn(message, 'time')) / 1000),
    text:
      message['data'] === undefined ? '' : Buffer.from(textIn(message, 'data'), 'base64').toString('utf8'),
  };
}

/** What a server tells of a stream. */
export interface StreamInfo {
  /** When it was made, by the clock of the server, in microseconds since 1970. */
  readonly createdUs: number;
  readonly subjects: readonly unknown[];
  /** The sequence of its newest message. */
  readonly last: number;
  /** How many messages each subject has that was asked for. */
  readonly counts: Answer;
}

/** @param counted of which subjects messages are counted. @returns `undefined` when there is no such stream. */
export async function streamInfo(
  way: Way,
  stream: string,
  counted?: string,
): Promise<StreamInfo | undefined> {
  const body = counted === undefined ? undefined : { subjects_filter: counted };
  const answer = await unless(JetStreamCode.STREAM_NOT_FOUND, askApi(way, `STREAM.INFO.${stream}`, body));
  if (answer === undefined) return undefined;
  const { subjects } = tableIn(answer, 'config');
  const state = tableIn(answer, 'state');
  return {
    createdUs: microsOf(textIn(answer, 'created')),
    subjects: Array.isArray(subjects) ? subjects : [],
    last: numberIn(state, 'last_seq'),
    counts: state['subjects'] === undefined ? {} : tableIn(state, 'subjects'),
  };
}

/** Where a message is in its stream and for its consumer, out of the subject to which it is acknowledged. */
export interface Delivery {
  readonly sequence: number;
  /** Which one it is that the consumer has sent. */
  readonly order: number;
  readonly timeMs: number;
  /** How many are still to come, as of its sending. */
  readonly pending: number;
}

/** @returns `undefined` for a message that no consumer has sent. */
export function deliveryOf({ reply = '' }: Pick<NatsMessage, 'reply'>): Delivery | undefined {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined;
  // Newer servers put a domain and an account before the stream.
  const [sequence = '', order = '', time = '', pending = ''] = tokens.slice(tokens.length < 11 ? 5 : 7);
  return {
    sequence: Number(sequence),
    order: Number(order),
    timeMs: Math.floor(Number(time) / 1e6),
    pending: Number(pending),
  };
}

/** A time as the server writes it, in microseconds since 1970. */
export function microsOf(time: string): number {
  const [, seconds = '', fraction = '', zone = ''] =
    /^([^.Z+]*?)(?:[.](\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) throw new TypeError(`the server tells a time that is none: ${time}`);
  return ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** Milliseconds as the server wants to be told them. */
export const nanos = (ms: number): number => ms * 1_000_000;

function read(verb: string, message: NatsMessage): Answer {
  const answer: unknown = JSON.parse(message.string());
  if (!isTable(answer)) throw new TypeError(`${verb}: the server answers ${message.string().slice(0, 80)}`);
  const { error } = answer;
  if (!isTable(error)) return answer;
  const { err_code: code = 0, code: kind, description } = error;
  throw new JetStreamError(verb, Number(code), String(description), kind === 503);
}

/** @throws TypeError naming it. */
export function numberIn(table: Answer, name: string): number {
  const value = table[name];
  if (typeof value !== 'number') throw new TypeError(`the server tells no "${name}"`);
  return value;
}

/** @throws TypeError naming it. */
export function textIn(table: Answer, name: string): string {
  const value = table[name];
  if (typeof value !== 'string') throw new TypeError(`the server tells no "${name}"`);
  return value;
}

function tableIn(table: Answer, name: string): Answer {
  const value = table[name];
  if (!isTable(value)) throw new TypeError(`the server tells no "${name}"`);
  return value;
}

/** Whether it is an object of any members. */
export function isTable(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
