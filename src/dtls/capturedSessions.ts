/**
 * Opens captured records of DTLS 1.2 with the secrets of a key log. Takes no part in anything: it reads the hellos that were
 * captured (RFC 5246 7.4.1.2 and 7.4.1.3), and what is encrypted after them.
 */
import { ByteReader } from './handshake/byteReader.ts';
import { type Fragment, readFragments } from './handshake/handshakeMessages.ts';
import { type TrafficKeys, trafficKeysOf } from './handshake/keySchedule.ts';
import { ContentType, HandshakeError, HandshakeType } from './protocol.ts';
import { findSuite } from './record/cipherSuites.ts';
import { type RecordView, readRecord } from './record/record.ts';

/** What a record of a captured datagram is. */
export type CapturedRecord =
  /** What an application sent; bytes of their own. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** Of the session itself: a handshake, an alert. */
  | { readonly kind: 'session' }
  /** Encrypted, and not opened; why. */
  | { readonly kind: 'sealed'; readonly reason: string };

/** One session, from its hellos on. */
interface Captured {
  readonly client: string;
  readonly serverRandom: Uint8Array;
  readonly keys: TrafficKeys | undefined;
  /** Why there are no keys. */
  readonly reason: string;
}

/** What is known of two addresses. */
interface Flow {
  /** The latest hello of a client, and who sent it. */
  hello: { readonly client: string; readonly random: Uint8Array } | undefined;
  /** The latest first. */
  readonly sessions: Captured[];
}

/** Captured datagrams, in their order. */
export class CapturedSessions {
  readonly #secrets: ReadonlyMap<string, Uint8Array>;
  readonly #flows = new Map<string, Flow>();

  /** @param secrets - What `readKeyLog` gave. */
  constructor(secrets: ReadonlyMap<string, Uint8Array>) {
    this.#secrets = secrets;
  }

  /**
   * Takes the next datagram apart.
   *
   * @param from - Who sent it.
   * @param to - Who received it; empty: not known, and all datagrams are taken for those of two ends.
   * @returns `undefined` when it is no DTLS.
   */
  open(datagram: Uint8Array, from: string, to: string): readonly CapturedRecord[] | undefined {
    const records: RecordView[] = [];
    for (let at = 0; at < datagram.length; ) {
      const record = readRecord(datagram, at);
      if (record === undefined || !isDtls(record)) return undefined;
      records.push(record);
      at += record.whole.length;
    }
    if (records.length === 0) return undefined;
    const flow = this.#flowOf(from, to);
    return records.map((record) => this.#record(flow, record, from, to));
  }

  #record(flow: Flow, record: RecordView, from: string, to: string): CapturedRecord {
    if (record.epoch === 0) {
      if (record.type === ContentType.HANDSHAKE)
        for (const fragment of readFragments(record.payload) ?? []) this.#fragment(flow, fragment, from);
      return { kind: 'session' };
    }
    let reason = 'its handshake was not captured';
    for (const { client, keys, reason: why } of flow.sessions) {
      if (keys === undefined) {
        reason = why;
        continue;
      }
      // Without the address of the receiver it is not sure which end a name stands for.
      const ciphers = to === '' ? [keys.client, keys.server] : [from === client ? keys.client : keys.server];
      for (const cipher of ciphers) {
        const bytes = cipher.open(record.whole);
        if (bytes === undefined) continue;
        return record.type === ContentType.APPLICATION_DATA ? { kind: 'data', bytes } : { kind: 'session' };
      }
      reason = 'it was changed, or is of a session whose handshake was not captured';
    }
    return { kind: 'sealed', reason };
  }

  #fragment(flow: Flow, fragment: Fragment, from: string): void {
    // What is needed of a hello stands at its beginning; hellos in pieces are those with long extensions.
    if (fragment.offset > 0) return;
    if (fragment.type === HandshakeType.CLIENT_HELLO) {
      const random = beginOf(fragment)?.random;
      if (random !== undefined) flow.hello = { client: from, random };
    } else if (fragment.type === HandshakeType.SERVER_HELLO && flow.hello !== undefined) {
      const hello = beginOf(fragment);
      if (hello === undefined) return;
      // Flights are repeated.
      if (flow.sessions.some(({ serverRandom }) => Buffer.compare(serverRandom, hello.random) === 0)) return;
      flow.sessions.unshift(this.#session(flow.hello, hello));
      flow.sessions.splice(MAX_SESSIONS);
    }
  }

  #session({ client, random }: NonNullable<Flow['hello']>, hello: HelloBegin): Captured {
    const secret = this.#secrets.get(Buffer.from(random).toString('hex'));
    const suite = findSuite(hello.suite);
    const reason =
      suite === undefined
        ? `its cipher suite 0x${hello.suite.toString(16).padStart(4, '0')} cannot be read`
        : 'the key log has no key of its session';
    const keys =
      suite === undefined || secret === undefined
        ? undefined
        : trafficKeysOf({ suite, clientRandom: random, serverRandom: hello.random }, secret);
    return { client, serverRandom: hello.random, keys, reason };
  }

  #flowOf(from: string, to: string): Flow {
    const name = to === '' ? '' : from < to ? `${from} ${to}` : `${to} ${from}`;
    let flow = this.#flows.get(name);
    if (flow === undefined) {
      flow = { hello: undefined, sessions: [] };
      this.#flows.set(name, flow);
      // Those who sent hellos long ago and nothing since are forgotten first.
      const [oldest] = this.#flows.keys();
      if (this.#flows.size > MAX_FLOWS && oldest !== undefined) this.#flows.delete(oldest);
    }
    return flow;
  }
}

function isDtls({ type, version }: RecordView): boolean {
  return type >= ContentType.CHANGE_CIPHER_SPEC && type <= HIGHEST_TYPE && version >>> 8 === 0xfe;
}

/** What a hello begins with; owned by the caller. */
interface HelloBegin {
  readonly random: Uint8Array;
  /** A server's. */
  readonly suite: number;
}

/** The beginning of a hello of either side, unless it is damaged. */
function beginOf({ bytes, type }: Fragment): HelloBegin | undefined {
  const reader = new ByteReader(bytes);
  try {
    reader.u16();
    const random = Uint8Array.from(reader.take(32));
    reader.vector(1);
    return { random, suite: type === HandshakeType.SERVER_HELLO ? reader.u16() : 0 };
  } catch (error) {
    if (error instanceof HandshakeError) return undefined;
    throw error;
  }
}

/** Heartbeats of RFC 6520 and connection ids of RFC 9146 are known by their type. */
const HIGHEST_TYPE = 25;
/** Clients that begin anew from one port. */
const MAX_SESSIONS = 8;
/** What flows take is some hundred bytes each. */
const MAX_FLOWS = 100_000;
