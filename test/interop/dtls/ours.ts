/** Our two ends for the live tests: DTLS over a real UDP socket, with echoes instead of ENet above it. */

import { DtlsSocket } from '../../../src/dtls/dtlsSocket.ts';
import type { Address } from '../../../src/enet/address.ts';
import { openDgramSocket } from '../../../src/io/dgramSocket.ts';
import { isAttachError, type Scheduler } from '../../../src/runtime/datagramSocket.ts';
import type { SecureCounters, SecureLimits, SecureOptions } from '../../../src/runtime/index.ts';

const scheduler: Scheduler = {
  now: () => (performance.now() + 1000) >>> 0,
  time: () => performance.now() + 1000,
  startTimer: (delayMs, callback) => {
    const handle = setTimeout(callback, Math.ceil(delayMs));
    return { cancel: () => clearTimeout(handle) };
  },
  defer: (callback) => {
    const handle = setImmediate(callback);
    return { cancel: () => clearImmediate(handle) };
  },
};

class Driven {
  readonly port: number;
  protected readonly socket: DtlsSocket;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #waiting: { readonly isTrue: () => boolean; readonly resolve: () => void }[] = [];

  constructor(options: SecureOptions) {
    const plain = openDgramSocket({ ip: '127.0.0.1' }, { receiveBufferBytes: 0 }, () => {
      setImmediate(() => this.pass());
    });
    if (isAttachError(plain)) throw new Error(plain.message);
    const socket = DtlsSocket.over(plain, options, scheduler, 32);
    if (isAttachError(socket)) throw new Error(`${socket.code} ${socket.message}`);
    this.socket = socket;
    this.port = socket.localAddress.port;
  }

  get counters(): SecureCounters {
    return this.socket.counters();
  }

  /** The code of the failure that ended a client, or of the only handshake that failed at a server. */
  get failureCode(): string | undefined {
    const { failure } = this.socket;
    return failure !== undefined && 'code' in failure ? String(failure.code) : undefined;
  }

  /** Waits until something is so, looking after everything that happens. */
  until(what: string, isTrue: () => boolean, timeoutMs = 15_000): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const { drops, failures, ...rest } = this.counters;
        const seen = [...drops, ...failures].filter(([, count]) => count > 0);
        reject(new Error(`${what}: not within ${timeoutMs} ms; ${JSON.stringify({ ...rest, seen })}`));
      }, timeoutMs);
      this.#waiting.push({
        isTrue,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.socket.close();
  }

  protected received(_bytes: Uint8Array, _from: Address): void {}

  protected pass(): void {
    if (this.#isClosed) return;
    this.socket.service();
    this.socket.receive(256, { receive: (bytes, from) => this.received(bytes, from) });
    clearTimeout(this.#timer);
    const delay = this.socket.nextWakeup();
    if (delay !== undefined) this.#timer = setTimeout(() => this.pass(), Math.min(delay, 1000));
    for (const one of this.#waiting.splice(0)) {
      if (one.isTrue()) one.resolve();
      else this.#waiting.push(one);
    }
  }
}

/** Sends back what comes. */
export class OurServer extends Driven {
  echoed = 0;

  constructor(credentials: { readonly key: string; readonly certificate: string }, limits?: SecureLimits) {
    super({ role: 'server', ...credentials, ...(limits === undefined ? {} : { limits }) });
  }

  protected override received(bytes: Uint8Array, from: Address): void {
    this.echoed += 1;
    this.socket.send([{ bytes, to: from }]);
  }
}

/** Sends datagrams and expects them back. */
export class OurClient extends Driven {
  readonly #to: Address;
  readonly #inbox: Uint8Array[] = [];

  constructor(port: number, trust: { readonly pem: string } | 'system' | 'anybody', name?: string) {
    super({ role: 'client', name, trust });
    this.#to = { ip: '127.0.0.1', port };
  }

  /** Shakes hands. What begins it, a byte 0, follows it; its echo is not looked at. */
  async open(): Promise<void> {
    this.send(Uint8Array.of(0));
    this.pass();
    await this.until(
      'the handshake',
      () => this.counters.sessions === 1 || this.socket.failure !== undefined,
    );
    if (this.socket.failure !== undefined) throw this.socket.failure;
  }

  send(bytes: Uint8Array): void {
    this.socket.send([{ bytes, to: this.#to }]);
  }

  /** Sends datagrams from 1 byte to the largest that ENet makes, one after the other. */
  async echoAll(count = 20, largest = 1390): Promise<number> {
    for (let index = 0; index < count; index += 1) {
      const bytes = Buffer.alloc(1 + Math.floor(((largest - 1) * index) / (count - 1)), index + 65);
      this.send(bytes);
      await this.until(`echo ${index}`, () => this.#inbox.length > 0);
      const back = this.#inbox.shift();
      if (back === undefined || !bytes.equals(back)) throw new Error(`echo ${index} is another datagram`);
    }
    return count;
  }

  async next(): Promise<string> {
    await this.until('a datagram', () => this.#inbox.length > 0);
    return Buffer.from(this.#inbox.shift() ?? []).toString();
  }

  protected override received(bytes: Uint8Array): void {
    if (bytes.length !== 1 || bytes[0] !== 0) this.#inbox.push(new Uint8Array(bytes));
  }
}
