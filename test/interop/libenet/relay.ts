/** A bad network between two real programs: a UDP relay that loses, doubles, delays and damages datagrams. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { PatternRandom } from './pattern.ts';

/** How bad the network is. Shares are of 0..1; each datagram throws its own dice. */
export interface RelayOptions {
  readonly seed: number;
  /** Share that vanishes. */
  readonly loss?: number;
  /** Share that arrives twice. */
  readonly duplicates?: number;
  /** Share with one flipped bit. */
  readonly damage?: number;
  /** Each datagram is late by 0..this many milliseconds, so that they overtake each other. */
  readonly jitterMs?: number;
}

/** A running relay. Clients send to its port and get answers from it. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #random: PatternRandom;
  readonly #front: Socket = createSocket('udp4');
  /** The socket that speaks with the server for each client, so that the server can tell clients apart. */
  readonly #backs = new Map<number, Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #serverPort: number;
  /** How often each thing was done. */
  readonly counts = { passed: 0, lost: 0, doubled: 0, damaged: 0 };

  /** Binds a relay to a free port of 127.0.0.1, in front of a server there. */
  static async start(serverPort: number, options: RelayOptions): Promise<Relay> {
    const relay = new Relay(serverPort, options);
    relay.#front.bind(0, LOOPBACK);
    await once(relay.#front, 'listening');
    return relay;
  }

  private constructor(serverPort: number, options: RelayOptions) {
    this.#serverPort = serverPort;
    this.#options = options;
    this.#random = new PatternRandom(options.seed);
    this.#front.on('message', (bytes, from) => {
      const back = this.#back(from.port);
      this.#pass(bytes, (copy) => back.send(copy, this.#serverPort, LOOPBACK));
    });
  }

  /** The port that clients connect to. */
  get port(): number {
    return this.#front.address().port;
  }

  /** Stops relaying; what is still delayed is lost. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#front.close();
    for (const back of this.#backs.values()) back.close();
  }

  #back(clientPort: number): Socket {
    const known = this.#backs.get(clientPort);
    if (known !== undefined) return known;
    const back = createSocket('udp4');
    back.on('message', (bytes) => {
      this.#pass(bytes, (copy) => this.#front.send(copy, clientPort, LOOPBACK));
    });
    this.#backs.set(clientPort, back);
    return back;
  }

  #pass(bytes: Uint8Array, send: (copy: Uint8Array) => void): void {
    const { loss = 0, duplicates = 0, damage = 0, jitterMs = 0 } = this.#options;
    if (this.#dice() < loss) {
      this.counts.lost++;
      return;
    }
    const isDoubled = this.#dice() < duplicates;
    if (isDoubled) this.counts.doubled++;
    for (let i = 0; i < (isDoubled ? 2 : 1); i++) {
      const copy = Uint8Array.from(bytes);
      if (this.#dice() < damage) {
        const bit = this.#random.next() % (copy.length * 8);
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        this.counts.damaged++;
      }
      this.counts.passed++;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        send(copy);
      }, this.#dice() * jitterMs);
      this.#timers.add(timer);
    }
  }

  #dice(): number {
    return this.#random.next() / 2 ** 32;
  }
}

const LOOPBACK = '127.0.0.1';
