/** One attempt of an ENetClient to connect, and the connection that came of it. enet-server-module section 5. */
import { given } from '../../options/internal.ts';
import {
  CompressionMode,
  ENetConnection,
  type ENetConnectionOptions,
  type ENetPacketPeer,
  GodotError,
} from '../godot/index.ts';
import { describe, toInteger } from '../godot/internal.ts';
import type { Timer } from '../runtime/index.ts';
import type { Journal } from './journal.ts';
import { InlinePeer } from './link/inlinePeer.ts';
import { connectionOptions, type ENetClientOptions } from './options.ts';
import type { Recipient } from './sending.ts';
import type { ServiceLoop } from './serviceLoop.ts';

/** A connection that has begun. */
export interface BegunConnection {
  readonly connection: ENetConnection;
  /** The server. */
  readonly peer: ENetPacketPeer;
}

/** See the head of this file. */
export class ClientRun implements BegunConnection, Recipient {
  readonly connection: ENetConnection;
  readonly peer: ENetPacketPeer;
  readonly link: InlinePeer;
  readonly channels: number = MAX_CHANNELS;
  /** The application has left; what it sent before is still under way. */
  lingerTimer: Timer | undefined;
  readonly #loop: ServiceLoop<ENetPacketPeer>;
  readonly #waiting: Waiter[] = [];

  constructor({ connection, peer }: BegunConnection, loop: ServiceLoop<ENetPacketPeer>) {
    this.connection = connection;
    this.peer = peer;
    this.link = new InlinePeer(peer);
    this.#loop = loop;
  }

  /** Begins to take events. */
  start(): void {
    this.#loop.start(this.connection);
  }

  /** See `ENetClient.setPollRate`. */
  setPollRate(pollRateMs: number): void {
    this.#loop.setPollRate(pollRateMs);
  }

  /** Takes no more events and closes the socket. */
  close(): void {
    this.lingerTimer?.cancel();
    this.#loop.stop();
    this.connection.destroy();
  }

  /** Waits for the outcome of the attempt. */
  outcome(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Tells those who wait; `error` when nothing came of it. */
  conclude(error?: Error): void {
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }

  /** That there is no room, the client learns from the refusal. */
  queueIsFull(): void {}
}

/** Opens a socket and begins to connect. @returns Godot's error number, after a trace line, when that cannot be. */
export function beginConnection(
  options: ENetClientOptions,
  journal: Journal,
  onWake: () => void,
  compression: CompressionMode,
  [address, port, channels]: readonly [address: string, port: number, channels: number],
): BegunConnection | GodotError {
  const connection = new ENetConnection({
    ...connectionOptions(options, onWake, journal.report, journal.trace),
    ...given({ connectTimeoutMs: options.connectTimeoutMs }),
    detectsClosedPort: options.detectsClosedPort ?? true,
  } as ENetConnectionOptions);
  const error = connection.createHost(1, channels);
  if (error !== GodotError.OK) return error;
  const { tls } = options;
  if (tls !== undefined && connection.dtlsClientSetup(address, tls) !== GodotError.OK) {
    // Never in the clear when it was to be encrypted.
    connection.destroy();
    return GodotError.ERR_CANT_CONNECT;
  }
  if (compression !== CompressionMode.COMPRESS_NONE) connection.compress(compression);
  const peer = connection.connectToHost(address, port, toInteger(channels));
  if (peer !== null) return { connection, peer };
  connection.destroy();
  journal.trace(
    `connectToServer: cannot connect to ${describe(address)} port ${describe(port)} (ERR_CANT_CONNECT)`,
  );
  return GodotError.ERR_CANT_CONNECT;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** ENet's most, where the number agreed on is forgotten. */
const MAX_CHANNELS = 255;
