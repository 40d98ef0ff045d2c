/** The players of `consolePage.ts`: connections of one host, each of which sends events at a rate. */
import { Vector2, varToBytes } from '../codec/index.ts';
import { EventType, Host, Packet, PacketFlag, type Peer } from '../src/enet/index.ts';
import { createNodeRuntime } from '../src/node/nodeRuntime.ts';

/** Connections that are opened at a time. */
const AT_ONCE = 50;
const CONNECT_MS = 60_000;
const STEP_MS = 20;

/** See the head of this file. */
export class ConsolePlayers {
  readonly #host: Host;
  readonly #port: number;
  readonly #count: number;
  readonly #peers: Peer[] = [];
  #attached: { requestWake(): void; close(): void };
  #timer: NodeJS.Timeout | undefined;

  constructor(port: number, count: number) {
    const runtime = createNodeRuntime({});
    this.#port = port;
    this.#count = count;
    this.#host = new Host({ peerCount: count, random32: () => runtime.random32() });
    const attached = runtime.attach(this.#host, { ip: '127.0.0.1' });
    if ('code' in attached) throw new Error(attached.message);
    attached.setWakeListener(() => {
      for (let event = attached.service(); event !== undefined; event = attached.service()) {
        if (event.type === EventType.CONNECT) this.#peers.push(event.peer);
      }
    });
    this.#attached = attached;
  }

  /** Datagrams so far, in both directions. */
  get datagrams(): number {
    const { totalReceivedPackets, totalSentPackets } = this.#host.statistics;
    return totalReceivedPackets + totalSentPackets;
  }

  /** Connects all. @throws Error after a minute for each 50 of them. */
  async connect(): Promise<void> {
    for (let begun = 0; begun < this.#count; ) {
      for (let i = 0; i < AT_ONCE && begun < this.#count; i++, begun++) {
        if (this.#host.connect({ ip: '127.0.0.1', port: this.#port }, 2, 0) === undefined)
          throw new Error('no slot');
      }
      this.#attached.requestWake();
      const end = performance.now() + CONNECT_MS;
      while (this.#peers.length < begun) {
        if (performance.now() > end) throw new Error(`${this.#peers.length} of ${begun} are connected`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Lets each send so many events per second. */
  start(rate: number): void {
    let due = 0;
    let next = 0;
    this.#timer = setInterval(() => {
      due += (this.#peers.length * rate * STEP_MS) / 1000;
      for (; due >= 1; due--) {
        const bytes = varToBytes({ _event: 'move', at: new Vector2(next, 3), speed: (next % 90) / 10 });
        this.#peers[next++ % this.#peers.length]?.send(0, new Packet(bytes, PacketFlag.UNSEQUENCED));
      }
      this.#attached.requestWake();
    }, STEP_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#attached.close();
  }
}
