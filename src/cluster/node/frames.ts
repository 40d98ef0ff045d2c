/** What nodes send each other: requests and answers, as bytes. A line of JSON, and behind it bytes when the payload is some. */
import { isTable, readObject } from './nodeFacts.ts';

/** What is sent: plain JSON, or bytes, a Variant say. */
export type ClusterPayload = JsonValue | Uint8Array;

/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A question. */
export interface RequestFrame {
  readonly type: 'request';
  readonly id: string;
  /** The inbox that waits for the answer. */
  readonly from: string;
  readonly name: string;
  readonly payload: unknown;
}

/** What an error is called on the way. */
export interface SentError {
  /** Whose codes it has. */
  readonly kind: 'room' | 'cluster' | 'bus' | 'other';
  readonly code: string;
  readonly message: string;
}

/** An answer. */
export interface AnswerFrame {
  readonly type: 'answer';
  readonly id: string;
  readonly payload: unknown;
  readonly error: SentError | undefined;
}

/** @throws TypeError for what is no JSON. */
export function writeFrame(frame: RequestFrame | AnswerFrame): Uint8Array {
  const { payload, ...rest } = frame;
  if (!(payload instanceof Uint8Array)) return encoder.encode(JSON.stringify({ ...rest, payload }));
  const head = encoder.encode(`${JSON.stringify({ ...rest, hasBytes: true })}\n`);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** @returns `undefined` for what is no frame. */
export function readFrame(bytes: Uint8Array): RequestFrame | AnswerFrame | undefined {
  // A text in JSON has no bare end of line.
  const end = bytes.indexOf(NEW_LINE);
  const read = readObject(decoder.decode(end < 0 ? bytes : bytes.subarray(0, end)));
  const { type, id, from, name, error } = read ?? {};
  if (read === undefined || typeof id !== 'string') return undefined;
  const payload = read['hasBytes'] === true && end >= 0 ? bytes.slice(end + 1) : read['payload'];
  if (type === 'request' && typeof from === 'string' && INBOX.test(from) && typeof name === 'string')
    return { type, id, from, name, payload };
  if (type === 'answer') return { type, id, payload, error: readError(error) };
  return undefined;
}

function readError(value: unknown): SentError | undefined {
  if (!isTable(value)) return undefined;
  const { kind, code, message } = value;
  const known = kind === 'room' || kind === 'cluster' || kind === 'bus' ? kind : 'other';
  return { kind: known, code: String(code), message: String(message) };
}

const NEW_LINE = 10;
const INBOX = /^inbox\/[\x21-\x7e]{1,160}$/;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
