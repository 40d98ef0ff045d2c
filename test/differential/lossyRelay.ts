/**
 * The bad network between two programs on this machine: a UDP relay in front of one server, for one client. Each
 * datagram's fate is that of `path.ts`; what each side sends is counted before anything is lost.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type CommandCounts, CommandLog } from './commandLog.ts';
import { type Direction, fateOf, type PathOptions } from './path.ts';

/** What a {@link LossyRelay} needs to know. */
export interface LossyRelayOptions {
  readonly serverPort: number;
  readonly path: PathOptions;
  readonly seed: number;
  readonly hasChecksum: boolean;
  /** It stops by itself after this time, whatever happens to its owner. */
  readonly lifeMs: number;
}

/** A running relay. The client connects to its port. */
export class LossyRelay {
  readonly #options: LossyRelayOptions;
  readonly #front: Socket = createSocket('udp4');
  readonly #back: Socket = createSocket('udp4');
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #logs: Record<Direction, CommandLog>;
  readonly #life: NodeJS.Timeout;
  readonly #counts = { lost: 0, doubled: 0 };
  #clientPort = 0;
  #isClosed = false;

  /** Binds both its sockets to free ports of 127.0.0.1. */
  static async start(options: LossyRelayOptions): Promise<LossyRelay> {
    const relay = new LossyRelay(options);
    for (const socket of [relay.#front, relay.#back]) {
      socket.bind(0, LOOPBACK);
      await once(socket, 'listening');
    }
    return relay;
  }

  private constructor(options: LossyRelayOptions) {
    this.#options = options;
    this.#logs = {
      toServer: new CommandLog(options.hasChecksum),
      toClient: new CommandLog(options.hasChecksum),
    };
    this.#life = setTimeout(() => this.close(), options.lifeMs);
    this.#front.on('message', (bytes, from) => {
      this.#clientPort = from.port;
      this.#pass('toServer', bytes);
    });
    this.#back.on('message', (bytes) => this.#pass('toClient', bytes));
  }

  /** The port that the client connects to. */
  get port(): number {
    return this.#front.address().port;
  }

  /** How many datagrams were lost and doubled. */
  get fates(): Readonly<{ lost: number; doubled: number }> {
    return { ...this.#counts };
  }

  /** What was sent in a direction. */
  counts(direction: Direction): CommandCounts {
    return this.#logs[direction].counts;
  }

  /** Stops relaying; what is still under way is lost. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#life);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#front.close();
    this.#back.close();
  }

  #pass(direction: Direction, bytes: Uint8Array): void {
    const log = this.#logs[direction];
    const fate = fateOf(this.#options.path, this.#options.seed, direction, log.counts.datagrams);
    log.add(bytes);
    if (fate.length === 0) this.#counts.lost++;
    if (fate.length > 1) this.#counts.doubled++;
    for (const delayMs of fate) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (direction === 'toServer') this.#back.send(bytes, this.#options.serverPort, LOOPBACK);
        else this.#front.send(bytes, this.#clientPort, LOOPBACK);
      }, delayMs);
      this.#timers.add(timer);
    }
  }
}

const LOOPBACK = '127.0.0.1';
