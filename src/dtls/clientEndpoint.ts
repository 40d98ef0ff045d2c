/**
 * The client's end of DTLS 1.2: one session with the address that is sent to first. godot-enet-classes 6 (it connects
 * lazily, and what is sent during the handshake is lost); RFC 6347.
 */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { type Address, isSameAddress } from '../enet/index.ts';
import { Counters } from './counters.ts';
import {
  type DtlsCounters,
  type DtlsEndpoint,
  type DtlsFailure,
  type DtlsSendResult,
  type DtlsSessionInfo,
  type DtlsWorld,
  MAX_PLAINTEXT_BYTES,
} from './endpoint.ts';
import { ClientHandshake } from './handshake/clientHandshake.ts';
import { MAX_REASSEMBLY_BYTES } from './handshake/reassembly.ts';
import type { IdentityCheck } from './identity/verifyChain.ts';
import {
  checkLimits,
  DTLS_CLIENT_LIMITS,
  type DtlsHandshakeLimits,
  type DtlsServerLimits,
} from './limits.ts';
import { checkSuites } from './record/cipherSuites.ts';
import { forEachRecord } from './record/datagram.ts';
import type { RecordView } from './record/record.ts';
import { Session } from './session.ts';

/** Settings of a {@link DtlsClientEndpoint}. */
export interface DtlsClientOptions {
  /** Clock, socket and receiver. */
  readonly world: DtlsWorld;
  /** Looks at the certificates of the server; see `createIdentityCheck`. Its signature is checked in any case. */
  readonly verifyServer: IdentityCheck;
  /** The host name that the server is told (RFC 6066). Literal addresses are left out, as it wants. */
  readonly serverName?: string | undefined;
  /** Limits; what is missing has its default, and those of a server are left out. */
  readonly limits?: Partial<DtlsServerLimits>;
  /** The cipher suites, the preferred first. Default {@link DTLS_SUITES}. */
  readonly suites?: readonly number[];
  /** The groups of the key exchange, the preferred first, e.g. 23 for P-256. Default: all. */
  readonly groups?: readonly number[];
}

/** Where a client stands. */
export type DtlsClientState = 'idle' | 'handshaking' | 'open' | 'closed';

/** The endpoint. */
export class DtlsClientEndpoint implements DtlsEndpoint {
  readonly #world: DtlsWorld;
  readonly #options: DtlsClientOptions;
  readonly #limits: DtlsHandshakeLimits;
  readonly #suites: readonly number[];
  readonly #counters = new Counters();
  #remote: Address | undefined;
  #session: Session | undefined;
  #state: DtlsClientState = 'idle';
  #failure: DtlsFailure | undefined;
  #info: DtlsSessionInfo | undefined;

  /** @throws RangeError for a limit, a suite or a name out of range. */
  constructor(options: DtlsClientOptions) {
    const { serverName } = options;
    if (serverName !== undefined && !isServerName(serverName)) {
      const given = JSON.stringify(serverName);
      throw new RangeError(`"serverName" expected a host name of 1..255 ASCII characters, got ${given}`);
    }
    this.#world = options.world;
    this.#options = options;
    this.#limits = checkLimits(DTLS_CLIENT_LIMITS, options.limits);
    this.#suites = checkSuites(options.suites);
  }

  get counters(): DtlsCounters {
    return this.#counters;
  }

  /** Where it stands. It never leaves `"closed"`. */
  get state(): DtlsClientState {
    return this.#state;
  }

  /** Why it is closed; undefined when either side said goodbye. */
  get failure(): DtlsFailure | undefined {
    return this.#failure;
  }

  /** What the session agreed on; undefined before and after. */
  get sessionInfo(): DtlsSessionInfo | undefined {
    return this.#info;
  }

  receive(datagram: Uint8Array, from: Address): void {
    const remote = this.#remote;
    if (this.#state === 'closed') return;
    if (remote === undefined || !isSameAddress(from, remote)) {
      this.#counters.drop('unknownPeer');
      return;
    }
    forEachRecord(datagram, this.#counters, (record) => this.#record(record));
  }

  /** Sends, or begins the handshake: the first datagram chooses the server, and is lost. */
  send(plaintext: Uint8Array, to: Address): DtlsSendResult {
    if (this.#state === 'idle') {
      this.#connect(to);
      return 'busy';
    }
    if (this.#remote === undefined || !isSameAddress(to, this.#remote)) return 'unknown';
    if (this.#state === 'handshaking') return 'busy';
    if (this.#session === undefined || plaintext.length > MAX_PLAINTEXT_BYTES) return 'failed';
    this.#session.send(plaintext);
    return 'sent';
  }

  service(): void {
    this.#session?.service();
  }

  nextWakeup(): number | undefined {
    return this.#session?.deadline;
  }

  close(): void {
    const wasOpen = this.#state === 'open';
    this.#session?.close(true);
    this.#forget();
    const address = this.#remote;
    if (wasOpen && address !== undefined) {
      this.#world.onEvent?.({ type: 'closed', address, reason: 'local', failure: undefined });
    }
  }

  #record(record: RecordView): void {
    const session = this.#session;
    if (session === undefined) return;
    if (record.epoch === 0) {
      session.receivePlain(record);
      return;
    }
    const refusal = session.receiveProtected(record);
    if (refusal !== undefined) this.#counters.drop(refusal);
  }

  #connect(to: Address): void {
    const address: Address = { ip: to.ip, port: to.port };
    this.#remote = address;
    this.#state = 'handshaking';
    this.#counters.handshakes = 1;
    const session = new Session(
      {
        now: () => this.#world.now(),
        randomBytes: (size) => this.#world.randomBytes?.(size) ?? randomBytes(size),
        transmit: (datagram) => this.#world.transmit(datagram, address),
        deliver: (plaintext) => this.#world.deliver(plaintext, address),
        opened: (info) => this.#opened(address, info),
        ended: (failure, wasOpen) => this.#ended(address, failure, wasOpen),
        dropped: (reason) => this.#counters.drop(reason),
        logKeys: this.#world.logKeys,
        retransmitted: () => {
          this.#counters.retransmissions += 1;
        },
      },
      { role: 'client', limits: this.#limits, maxReassemblyBytes: MAX_REASSEMBLY_BYTES },
    );
    const { serverName, verifyServer, groups } = this.#options;
    const handshake = new ClientHandshake(session, {
      suites: this.#suites,
      groups,
      serverName: serverName === undefined || isIP(serverName) !== 0 ? undefined : serverName,
      verifyServer,
    });
    session.begin(handshake);
    this.#session = session;
    handshake.start();
  }

  #opened(address: Address, info: DtlsSessionInfo): void {
    this.#state = 'open';
    this.#info = info;
    this.#counters.handshakes = 0;
    this.#counters.openSessions = 1;
    this.#counters.opened += 1;
    this.#world.onEvent?.({ type: 'open', address, info });
  }

  #ended(address: Address, failure: DtlsFailure | undefined, wasOpen: boolean): void {
    this.#failure = failure;
    this.#forget();
    if (wasOpen) {
      const reason = failure === undefined ? 'peer' : 'failed';
      this.#world.onEvent?.({ type: 'closed', address, reason, failure });
    } else if (failure !== undefined) {
      this.#counters.failed += 1;
      this.#world.onEvent?.({ type: 'failed', address, failure });
    }
  }

  #forget(): void {
    this.#state = 'closed';
    this.#session = undefined;
    this.#info = undefined;
    this.#counters.handshakes = 0;
    this.#counters.openSessions = 0;
  }
}

function isServerName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= 255 && /^[\x21-\x7e]+$/.test(name);
}
