/** Which stream, subject and consumer what is. Names of a bus are printable ASCII, tokens of a subject are less: each has one text. */
import { createHash } from 'node:crypto';
import { partsOfKey } from '../names.ts';

/**
 * A key as the last two tokens of a subject, `kind.name`: letters, digits, `_` and `-` stand for themselves, all else is `=` and two
 * hexadecimal digits. So nothing in a name is a wildcard or divides tokens, and what comes out are keys of a key-value bucket.
 */
export function encodeKey(key: string, what?: string): string {
  const { kind, name } = partsOfKey(key, what);
  return `${kind}.${name.replaceAll(/[^A-Za-z0-9_-]/g, hexOf)}`;
}

/** The key that has become the last two tokens of a subject; `undefined` for what no key becomes. */
export function decodeKey(subject: string): string | undefined {
  const [name, kind] = subject.split('.').reverse();
  if (kind === undefined || name === undefined) return undefined;
  const key = `${kind}/${name.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))}`;
  try {
    return subject.endsWith(`.${encodeKey(key)}`) ? key : undefined;
  } catch {
    return undefined;
  }
}

/** All names that a cluster has in NATS. */
export class Names {
  /** The stream of the bucket with the records: `nats kv` shows it as the bucket `prefix`. */
  readonly records: string;
  /** The stream of the inboxes. */
  readonly inboxes: string;
  /** The subjects of all inboxes. */
  readonly allInboxes: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.records = `KV_${prefix}`;
    this.inboxes = `${prefix}-inboxes`;
    this.allInboxes = `${prefix}.inbox.>`;
  }

  /** Under which subjects a bucket has its records. @param id which bucket: one that is made anew has others. */
  bucket(id: string): string {
    return `$KV.${this.#prefix}.${id}`;
  }

  /** The subject of an inbox. */
  inbox(name: string): string {
    return `${this.#prefix}.inbox.${encodeKey(name, 'inbox')}`;
  }

  /** The consumer of an inbox. A consumer's name is the name of a file, and at most 255 characters. */
  consumer(inbox: string): string {
    return createHash('sha256').update(inbox).digest('hex').slice(0, 32);
  }

  /** The subject of a topic. */
  topic(name: string): string {
    return `${this.#prefix}.topic.${encodeKey(name, 'topic')}`;
  }
}

function hexOf(char: string): string {
  return `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
