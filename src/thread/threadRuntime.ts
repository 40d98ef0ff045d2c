/** What the host in a network thread has around it. docs/decisions/0004-network-thread.md. */
import type { Diagnosis } from '../doctor/index.ts';
import type { Host } from '../enet/index.ts';
import type { AttachedHost, HostLike } from '../io/internal.ts';
import type { AttachError, BindOptions, SecureCounters, Timer } from '../runtime/index.ts';
import type { BulkPort, HostData } from './layout.ts';
import type { TraceWriter } from './traceRing.ts';

/** How the network thread speaks to the other one. */
export interface ThreadVoice {
  /** Wakes the application's thread. */
  ping(): void;
  /** Tells it of an error. */
  complain(message: string): void;
  /** Tells it what the connection doctor found. */
  diagnose(diagnosis: Diagnosis): void;
  /** Tells it the numbers of DTLS. */
  tellSecure(counters: SecureCounters): void;
}

/** What a network thread has of its own. */
export interface ThreadRuntime {
  /** Host time in ms, a u32 that wraps. */
  now(): number;
  /** A strong random u32. */
  random32(): number;
  /** Calls back once. */
  startTimer(delayMs: number, callback: () => void): Timer;
  /** Opens a socket for a host. */
  attach(host: HostLike, bind: BindOptions): AttachedHost | AttachError;
}

/** What a host thread is made of. */
export interface ThreadParts {
  readonly data: HostData;
  readonly runtime: ThreadRuntime;
  readonly bulk: BulkPort;
  readonly voice: ThreadVoice;
  readonly host: Host;
  readonly port: AttachedHost;
  readonly traces: TraceWriter | undefined;
}
