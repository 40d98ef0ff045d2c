/** What the two threads agree on: shared words, records, statistics. docs/decisions/0004-network-thread.md. */
import type { MessagePort } from 'node:worker_threads';
import type { RemoteHostOptions } from '../../enet/remoteHost.ts';
import type { SecureCounters } from '../../enet/secureTransport.ts';

/** Indices of the shared control words. */
export const Word = {
  /** One of {@link ThreadState}. */
  STATE: 0,
  /** The bound port. */
  PORT: 1,
  /** Positions in the ring of events. */
  EVENT_HEAD: 2,
  EVENT_TAIL: 3,
  /** Positions in the ring of commands. */
  COMMAND_HEAD: 4,
  COMMAND_TAIL: 5,
  /** 1 while a thread has to be woken by a message before it looks at its ring. */
  MAIN_SLEEPS: 6,
  WORKER_SLEEPS: 7,
  /** 1 when the writer of a ring waits for room in it. */
  EVENT_ROOM_WANTED: 8,
  COMMAND_ROOM_WANTED: 9,
  /** Bytes of large packets that are under way beside the rings. */
  EVENT_BULK: 10,
  COMMAND_BULK: 11,
  /** 1 asks the worker to end. */
  STOP: 12,
  /** The counters of `ThreadCounters`. */
  HOLDS: 13,
  IS_HOLDING: 14,
  DROPPED_WAITING: 15,
  REFUSED_CONNECTS: 16,
  FAILED_PACKETS: 17,
  FAILED_SENDS: 18,
  WAKES: 19,
  COUNT: 20,
} as const;

/** Values of `Word.STATE`. */
export const ThreadState = {
  STARTING: 0,
  RUNNING: 1,
  FAILED: 2,
  CLOSED: 3,
} as const;

/** First word of a record of a command. */
export const CommandType = {
  SEND: 1,
  SEND_BULK: 2,
  DISCONNECT_LATER: 3,
  DISCONNECT_NOW: 4,
  LOGIN_TIMEOUT: 5,
  EXPECT_LOGIN: 6,
  LOGIN_DONE: 7,
  COMPRESS: 8,
} as const;

/** First word of a record of an event, besides those of `RemoteEventType`: the bytes come through the bulk port. */
export const RECEIVE_BULK = 5;

/** Words of an event before its bytes: type, slot, generation, data, channel and flags (bits 8 up), length. */
export const EVENT_HEADER_WORDS = 6;
/** Words of a SEND before its targets (slot and generation each) and its bytes: type, channel, flags, targets, length. */
export const SEND_HEADER_WORDS = 5;

/** Words per peer in the shared statistics: the generation, Godot's 14 statistics, what waits in both directions. */
export const STATISTICS_WORDS = 17;
/** How many statistics there are. */
export const STATISTIC_COUNT = 14;
/** Where the bytes are that wait to be sent. */
export const OUTGOING_BYTES = 15;
/** Where the received bytes are that the host holds back. */
export const WAITING_BYTES = 16;

/** What the worker is started with. */
export interface ThreadData {
  readonly control: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
  readonly commands: SharedArrayBuffer;
  readonly statistics: SharedArrayBuffer;
  /** Large packets, in the order of their records; and why the start failed. */
  readonly bulk: MessagePort;
  readonly options: RemoteHostOptions & { readonly maxQueuedBytes: number };
  readonly runtime: {
    readonly receiveBufferBytes: number;
    readonly clockStartMs: number;
    readonly transport?: 'auto' | 'dgram' | 'mmsg';
  };
}

/** What the worker says when it is no wake: an error that goes to the application. */
export interface ThreadComplaint {
  readonly message: string;
}

/** What the worker says of DTLS now and then, when its numbers have changed. */
export interface SecureReport {
  readonly secure: SecureCounters;
}

/** What the worker is told when it is no wake: another key and certificate for DTLS. */
export interface CredentialsMessage {
  readonly key: string;
  readonly certificate: string;
}

/** Packets above this share of a ring go beside it. */
export const BULK_DIVISOR = 8;
