/** Endpoints on the virtual network, in virtual time. */

import { DtlsClientEndpoint, type DtlsClientOptions } from '../../src/dtls/clientEndpoint.ts';
import type { DtlsEndpoint, DtlsEvent, DtlsWorld } from '../../src/dtls/endpoint.ts';
import { readCredentials, type ServerCredentials } from '../../src/dtls/identity/credentials.ts';
import { DtlsServerEndpoint, type DtlsServerOptions } from '../../src/dtls/serverEndpoint.ts';
import type { Address } from '../../src/enet/address.ts';
import { isAttachError } from '../../src/runtime/datagramSocket.ts';
import type { Timer } from '../../src/runtime/index.ts';
import type { SimNetwork } from '../../src/testing/SimNetwork.ts';
import type { SimSocket } from '../../src/testing/SimSocket.ts';
import { issue } from '../support/certificates.ts';

export const SERVER: Address = { ip: '10.0.0.1', port: 4433 };

/** Credentials for tests. */
export async function makeCredentials(
  key: 'P-256' | 'P-384' | 'P-521' | 'RSA-2048' = 'P-256',
): Promise<ServerCredentials> {
  const issued = await issue({ name: 'game.example', key });
  return readCredentials(issued.key, issued.certificate);
}

/** An endpoint with a socket and a timer. */
export class Node<Endpoint extends DtlsEndpoint> {
  readonly endpoint: Endpoint;
  readonly received: { text: string; from: Address }[] = [];
  /** The same as bytes. */
  readonly contents: Uint8Array[] = [];
  readonly events: DtlsEvent[] = [];
  /** Every datagram that it sent. */
  readonly sent: { bytes: Uint8Array; to: Address }[] = [];
  readonly #network: SimNetwork;
  readonly #socket: SimSocket;
  readonly #startTimer: (delayMs: number, callback: () => void) => Timer;
  #timer: Timer | undefined;

  constructor(network: SimNetwork, at: Address, make: (world: DtlsWorld) => Endpoint) {
    this.#network = network;
    const runtime = network.createRuntime(at.ip);
    this.#startTimer = (delayMs, callback) => runtime.startTimer(delayMs, callback);
    const socket = network.bind(at.ip, { port: at.port }, () => {
      this.#socket.receive(1000, { receive: (bytes, from) => this.endpoint.receive(bytes, from) });
      this.#arm();
    });
    if (isAttachError(socket)) throw new Error(socket.message);
    this.#socket = socket;
    this.endpoint = make({
      now: () => network.time,
      randomBytes: (size) => Uint8Array.from({ length: size }, () => runtime.random32() & 0xff),
      transmit: (bytes, to) => {
        this.sent.push({ bytes: Uint8Array.from(bytes), to });
        this.#socket.send([{ bytes, to }]);
      },
      deliver: (plaintext, from) => {
        this.received.push({ text: Buffer.from(plaintext).toString(), from });
        this.contents.push(plaintext);
      },
      onEvent: (event) => this.events.push(event),
    });
  }

  get address(): Address {
    return this.#socket.outside;
  }

  send(text: string, to: Address): string {
    const result = this.endpoint.send(Buffer.from(text), to);
    this.#arm();
    return result;
  }

  /** What arrived, without the addresses. */
  get texts(): string[] {
    return this.received.map(({ text }) => text);
  }

  /** Puts bytes on the wire past the endpoint. */
  inject(bytes: Uint8Array, to: Address): void {
    this.#socket.send([{ bytes, to }]);
  }

  /** Ends the endpoint without a word. */
  vanish(): void {
    this.#timer?.cancel();
    this.#socket.close();
  }

  #arm(): void {
    this.#timer?.cancel();
    const at = this.endpoint.nextWakeup();
    if (at === undefined) return;
    this.#timer = this.#startTimer(at - this.#network.time, () => {
      this.endpoint.service();
      this.#arm();
    });
  }
}

export function startServer(
  network: SimNetwork,
  credentials: ServerCredentials,
  options: Omit<DtlsServerOptions, 'world' | 'credentials'> = {},
): Node<DtlsServerEndpoint> {
  return new Node(network, SERVER, (world) => new DtlsServerEndpoint({ ...options, world, credentials }));
}

export function startClient(
  network: SimNetwork,
  at: Address,
  options: Partial<Omit<DtlsClientOptions, 'world'>> = {},
): Node<DtlsClientEndpoint> {
  const verifyServer = (): undefined => undefined;
  return new Node(network, at, (world) => new DtlsClientEndpoint({ verifyServer, ...options, world }));
}

/** Begins the handshake and lets it end well. */
export function connect(network: SimNetwork, client: Node<DtlsClientEndpoint>, limitMs = 10_000): void {
  client.send('', SERVER);
  network.runUntil(() => client.endpoint.state !== 'handshaking', limitMs, 'the handshake');
  const { failure } = client.endpoint;
  if (failure !== undefined) throw new Error(`${failure.code}: ${failure.message}`);
}
