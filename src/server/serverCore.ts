/** A server behind the methods of ENetServer: its parts, its run of now, and the settings that outlive a run. */
import { DisconnectCause } from '../enet/index.ts';
import { CompressionMode, GodotError, type OperatorEvents, TLSOptions } from '../godot/index.ts';
import { findCompressor } from '../godot/internal.ts';
import type { Runtime, SecureCounters, Timer } from '../runtime/index.ts';
import { Authentication } from './authentication.ts';
import {
  type Admission,
  createAdmission,
  createServerOps,
  type ServerHostOptions,
  serverHostOptions,
} from './createOps.ts';
import { DispatchQueue } from './dispatchQueue.ts';
import type { EventTable } from './eventTable.ts';
import { Farewell } from './farewell.ts';
import { Journal } from './journal.ts';
import type { LinkRequest, Transport } from './link/link.ts';
import { checkTlsOptions, type ENetServerOptions, type ServerSettings } from './options.ts';
import { checkEncodeOptions, preparePacketReading } from './packets.ts';
import { PacketSender } from './sending.ts';
import { ServerDelivery } from './serverDelivery.ts';
import type { OpsSource, ServerCounters } from './serverOps.ts';
import type { EmitServerSignal, ServerParts } from './serverParts.ts';
import { ServerRun } from './serverRun.ts';
import type { ServerEventCallback } from './serverSignals.ts';
import { DEFAULT_POLL_RATE_MS, pollRateOf } from './settings.ts';
import type { ErrorReporter } from './signals.ts';

/** The application's side of a server. */
export interface ServerFront {
  /** The callbacks of events. */
  readonly events: EventTable<ServerEventCallback>;
  readonly counters: ServerCounters;
  /** Emits a signal at once. */
  readonly emit: EmitServerSignal;
  /** Takes what the application's code threw. */
  readonly report: ErrorReporter;
  /** See {@link OpsSource.observe}. */
  readonly observe: (events: OperatorEvents) => () => void;
}

/** See the head of this file. */
export class ServerCore implements OpsSource {
  readonly parts: ServerParts;
  readonly observe: OpsSource['observe'];
  readonly #options: ENetServerOptions;
  readonly #transport: Transport;
  readonly #events: EventTable<ServerEventCallback>;
  readonly #hostOptions: ServerHostOptions;
  readonly #admission: Admission | undefined;
  readonly #delivery: ServerDelivery;
  #run: ServerRun | undefined;
  #tls: TLSOptions | undefined;
  #compression: CompressionMode = CompressionMode.COMPRESS_NONE;
  #pollRateMs = DEFAULT_POLL_RATE_MS;

  /** @throws TypeError or RangeError for an option out of range that {@link checkServerOptions} leaves to others. */
  constructor(
    options: ENetServerOptions & { readonly runtime: Runtime },
    settings: ServerSettings,
    transport: Transport,
    front: ServerFront,
  ) {
    const { events, counters, emit, report, observe } = front;
    const { runtime } = options;
    transport.check(options);
    checkTlsOptions(options, true);
    const reading = preparePacketReading(options.decode);
    checkEncodeOptions(options.encode);
    const journal = new Journal(options, runtime, 'ENetServer', report);
    const ops = createServerOps(this, options, counters);
    const hostOptions = serverHostOptions(ops.limits, options, settings.maxPreLoginBytes);
    const sender = new PacketSender({ ...settings, encode: options.encode }, journal.trace, hostOptions);
    this.parts = {
      settings,
      runtime,
      journal,
      ops,
      authentication: new Authentication(),
      reading,
      sender,
      farewell: new Farewell(options.kickReasonEvent, sender),
      queue: new DispatchQueue((callback) => runtime.afterCall?.(callback)),
      emit,
    };
    this.#options = options;
    this.#transport = transport;
    this.#events = events;
    this.#hostOptions = hostOptions;
    this.#admission = createAdmission(options, ops, report);
    this.observe = observe;
    this.#delivery = new ServerDelivery(this.parts, events);
    this.#tls = options.tls;
  }

  /** The run of now; undefined while the server is not active. */
  get run(): ServerRun | undefined {
    return this.#run;
  }

  /** `ENetServer.createServer`. */
  start(port: number, maxPeers: number, maxChannels: number): GodotError {
    const { journal, queue, emit } = this.parts;
    if (this.#run !== undefined) {
      journal.trace('createServer: the server is active already (ERR_ALREADY_IN_USE)');
      return GodotError.ERR_ALREADY_IN_USE;
    }
    const run = new ServerRun(this.parts, this.#delivery, this.#pollRateMs, (error) => {
      this.#networkFailed(run, error);
    });
    const error = run.open(this.#transport, this.#request(port, maxPeers, maxChannels));
    if (error !== GodotError.OK) return error;
    this.#run = run;
    run.start();
    this.warnOfIdleAuthenticator();
    queue.push(() => emit('serverStarted', run.port));
    return GodotError.OK;
  }

  /** `ENetServer.stopServer`. */
  stop(): void {
    if (this.#run !== undefined) this.#stop(this.#run, 'Server stopped', DisconnectCause.SHUTDOWN);
  }

  /** `ENetServer.setCompressionMode`. */
  setCompression(mode: CompressionMode): void {
    const found = findCompressor(mode, this.#options.createCompressor);
    if (typeof found === 'string') {
      this.parts.journal.trace(`setCompressionMode: ${found}; ignored`);
      return;
    }
    this.#compression = mode;
    this.#run?.link?.compress(mode);
  }

  /** `ENetServer.getPollRate`. */
  get pollRateMs(): number {
    return this.#pollRateMs;
  }
  /** `ENetServer.setPollRate`. */
  set pollRateMs(rateMs: number) {
    this.#pollRateMs = pollRateOf(rateMs);
    this.#run?.loop.setPollRate(this.#pollRateMs);
  }

  /** What new connections have to do has changed: the network may watch over their time. */
  tellLoginTimeout(): void {
    this.#run?.link?.setLoginTimeout(this.parts.authentication.threadTimeoutMs());
  }

  /** Says so when there is an authenticator that nobody asks. */
  warnOfIdleAuthenticator(): void {
    const { authentication, journal, runtime } = this.parts;
    if (this.#run === undefined || !authentication.isAuthenticatorIdle) return;
    const message = `ENetServer: the authenticator is never asked, because the authentication mode is ${authentication.mode}: call setAuthenticationMode(ENetServer.AUTH_CUSTOM)`;
    journal.trace(message);
    runtime.warn?.('GODOT_ENET_IDLE_AUTHENTICATOR', message);
  }

  // --- What the operator's side asks --------------------------------------------------------------------------

  isActive(): boolean {
    return this.#run !== undefined;
  }

  peers(): number {
    return this.#run?.size ?? 0;
  }

  authenticatedPeers(): number {
    let count = 0;
    for (const session of this.#run?.sessions() ?? []) if (session.canDeliver) count++;
    return count;
  }

  now(): number {
    return this.parts.runtime.now();
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    return this.parts.runtime.startTimer(delayMs, callback);
  }

  dtls(): SecureCounters | undefined {
    return this.#run?.link?.getDtlsCounters();
  }

  reloadCertificate(tls: TLSOptions): GodotError {
    const { trace } = this.parts.journal;
    if (this.#tls === undefined) {
      trace('reloadCertificate: the server was made without "tls" (ERR_UNCONFIGURED)');
      return GodotError.ERR_UNCONFIGURED;
    }
    if (!(tls instanceof TLSOptions && tls.isServer())) {
      trace('reloadCertificate: expected server options (ERR_INVALID_PARAMETER)');
      return GodotError.ERR_INVALID_PARAMETER;
    }
    const error = this.#run?.link?.reloadCertificate(tls) ?? GodotError.OK;
    if (error === GodotError.OK) this.#tls = tls;
    return error;
  }

  // --- Inside -------------------------------------------------------------------------------------------------

  #request(port: number, maxPeers: number, maxChannels: number): LinkRequest {
    const { settings, runtime, ops, journal, authentication, farewell } = this.parts;
    return {
      options: this.#tls === undefined ? this.#options : { ...this.#options, tls: this.#tls },
      runtime,
      hostOptions: this.#hostOptions,
      ops,
      admission: this.#admission,
      report: journal.report,
      trace: journal.trace,
      bindAddress: settings.bindAddress,
      port,
      maxPeers,
      maxChannels,
      compression: this.#compression,
      loginTimeoutMs: authentication.threadTimeoutMs(),
      loginTimeoutPacket: farewell.loginTimeoutPacket(),
    };
  }

  #stop(run: ServerRun, reason: string, cause: DisconnectCause): void {
    const { settings, authentication, queue, emit } = this.parts;
    this.#run = undefined;
    run.stop(reason, cause);
    if (!settings.keepSettingsOnStop) {
      authentication.reset();
      this.#events.clear();
      this.#compression = CompressionMode.COMPRESS_NONE;
    }
    queue.push(() => emit('serverStopped'));
  }

  /** The network has died: nobody can be told any more. */
  #networkFailed(run: ServerRun, error: Error): void {
    if (this.#run !== run) return;
    const { journal } = this.parts;
    journal.trace(`the network thread failed: ${error.message}`);
    journal.report(error, 'network thread');
    this.#stop(run, 'Network thread failed', DisconnectCause.FAILURE);
  }
}
