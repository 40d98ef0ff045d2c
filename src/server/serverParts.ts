/** The objects that the parts of one server share. Each owns its matter and lives as long as the server. */
import type { Runtime } from '../runtime/index.ts';
import type { Authentication } from './authentication.ts';
import type { DispatchQueue } from './dispatchQueue.ts';
import type { Farewell } from './farewell.ts';
import type { Journal } from './journal.ts';
import type { ServerSettings } from './options.ts';
import type { PacketReading } from './packets.ts';
import type { PacketSender } from './sending.ts';
import type { ServerOps } from './serverOps.ts';
import type { ENetServerSignals } from './serverSignals.ts';

/** See the head of this file. */
export interface ServerParts {
  /** The options with a default, complete. */
  readonly settings: ServerSettings;
  /** Clock, timers, sockets. */
  readonly runtime: Runtime;
  /** What is told to humans, and what the application's code threw. */
  readonly journal: Journal;
  /** Limits, counters, refusals, the door. */
  readonly ops: ServerOps;
  /** What new connections have to do. */
  readonly authentication: Authentication;
  /** How packets are read. */
  readonly reading: PacketReading;
  /** How packets are made and sent. */
  readonly sender: PacketSender;
  /** What is told to whoever is disconnected. */
  readonly farewell: Farewell;
  /** Signals that wait for the current call to return. */
  readonly queue: DispatchQueue;
  /** Emits a signal of the server at once. */
  readonly emit: EmitServerSignal;
}

/** See {@link ServerParts.emit}. */
export type EmitServerSignal = <Name extends keyof ENetServerSignals>(
  name: Name,
  ...args: ENetServerSignals[Name]
) => void;
