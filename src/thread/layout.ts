/** What the two threads agree on: shared words, records, statistics. docs/decisions/0004-network-thread.md. */

import type { MessagePort } from 'node:worker_threads';
import type { Diagnosis } from '../doctor/index.ts';
import { ConnectRefusal, DisconnectCause, DropReason } from '../enet/index.ts';
import type { RemoteHostOptions, SecureCounters } from '../runtime/index.ts';

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
  /** Positions in the ring of traces, and what found no room in it. */
  TRACE_HEAD: 20,
  TRACE_TAIL: 21,
  DROPPED_TRACES: 22,
  /** The counters of `Host.statistics`. */
  SENT_BYTES: 23,
  SENT_DATAGRAMS: 24,
  RECEIVED_BYTES: 25,
  RECEIVED_DATAGRAMS: 26,
  TRACKED_ADDRESSES: 27,
  REPEATS: 28,
  LATE_ACKNOWLEDGEMENTS: 29,
  COUNT: 30,
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
  /** The number of the question, and 1 for yes. */
  ADMISSION: 9,
  /** 1 opens the door, 0 closes it. */
  OPEN: 10,
} as const;

/** First word of a record of an event, besides those of `RemoteEventType`: the bytes come through the bulk port. */
export const RECEIVE_BULK = 5;

/** The causes of a DISCONNECT: the place in this list stands in its word of the channel. */
export const DISCONNECT_CAUSES: readonly DisconnectCause[] = Object.values(DisconnectCause);

/** Control words after those of {@link Word}: how often the host dropped something, in the order of this list. */
export const DROP_REASONS: readonly DropReason[] = Object.values(DropReason);
/** And then: how often the rules refused a connection. */
export const CONNECT_REFUSALS: readonly ConnectRefusal[] = Object.values(ConnectRefusal);
/** Where the first of each is. */
export const FIRST_DROP: number = Word.COUNT;
/** See {@link CONNECT_REFUSALS}. */
export const FIRST_REFUSAL: number = FIRST_DROP + DROP_REASONS.length;
/** How many control words there are in all. */
export const CONTROL_WORDS: number = FIRST_REFUSAL + CONNECT_REFUSALS.length;

/** Words of an event before its bytes: type, slot, generation, data, channel (of an end: its cause) and flags (bits 8 up), length. */
export const EVENT_HEADER_WORDS = 6;
/** Words of a SEND before its targets (slot and generation each) and its bytes: type, channel, flags, targets, length. */
export const SEND_HEADER_WORDS = 5;

/** Words per peer in the shared statistics: the generation, Godot's 14 statistics, what waits and what was taken. */
export const STATISTICS_WORDS = 18;
/** How many statistics there are. */
export const STATISTIC_COUNT = 14;
/** Where the bytes are that wait to be sent. */
export const OUTGOING_BYTES = 15;
/** Where the received bytes are that the host holds back. */
export const WAITING_BYTES = 16;
/** Where the sum of the charges of all packets is that the host has been given for the peer, modulo 2^32. */
export const TAKEN_BYTES = 17;

/** What both sides share. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
  readonly commands: SharedArrayBuffer;
  readonly statistics: SharedArrayBuffer;
  /** Observations for a trace; empty when nobody wants any. */
  readonly traces: SharedArrayBuffer;
}

/** Large packets, which cross beside the rings in the order of their records. */
export interface BulkPort {
  /** Sends a copy. It is there when a record that is published afterwards is read. */
  post(bytes: Uint8Array): void;
  /** Takes the next one. */
  take(): unknown;
}

/** What a host in a thread works with. */
export interface HostData extends SharedMemory {
  readonly options: RemoteHostOptions & { readonly maxQueuedBytes: number };
}

/** What the worker is started with. */
export interface ThreadData extends HostData {
  /** The port of the {@link BulkPort}; and why the start failed. */
  readonly bulk: MessagePort;
  readonly runtime: {
    readonly receiveBufferBytes: number;
    readonly clockStartMs: number;
    readonly gatherMs?: number;
    readonly transport?: 'auto' | 'dgram' | 'mmsg';
  };
}

/**
 * What the worker says when it is no wake: an error or a diagnosis that goes to the application, or the numbers of DTLS.
 */
export type ThreadMessage =
  | { readonly message: string }
  | { readonly diagnosis: Diagnosis }
  | { readonly secure: SecureCounters };

/** What the worker is told when it is no wake: another key and certificate for DTLS. */
export interface CredentialsMessage {
  readonly key: string;
  readonly certificate: string;
}

/** Packets above this share of a ring go beside it. */
export const BULK_DIVISOR = 8;
