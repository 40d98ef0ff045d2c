/** Clients that connect to one server and do nothing more. */
import { EventType, Host } from '../src/enet/index.ts';
import { createNodeRuntime } from '../src/node/nodeRuntime.ts';

/** Connections that are opened at a time. */
const AT_ONCE = 50;
const CONNECT_MS = 60_000;
/** Pings have gone, and their objects, too. */
const SETTLE_MS = 3_000;

/** The clients of one server: one host for all. */
export class IdleClients {
  readonly #connectOne: () => void;
  readonly #closers: (() => void)[] = [];
  #begun = 0;
  #connected = 0;

  /** @param count the most. */
  constructor(port: number, count: number) {
    this.#connectOne = this.#openHost(port, count);
  }

  /** Connects until so many are, and lets them rest. @throws Error after a minute for each 50 of them. */
  async connectUpTo(count: number): Promise<void> {
    while (this.#begun < count) {
      for (let i = 0; i < AT_ONCE && this.#begun < count; i++, this.#begun++) this.#connectOne();
      const end = performance.now() + CONNECT_MS;
      while (this.#connected < this.#begun) {
        if (performance.now() > end) throw new Error(`${this.#connected} of ${this.#begun} are connected`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  /** Ends all of them without a word. */
  close(): void {
    for (const close of this.#closers) close();
  }

  #openHost(port: number, peerCount: number): () => void {
    const runtime = createNodeRuntime({});
    const host = new Host({ peerCount, random32: () => runtime.random32() });
    const attached = runtime.attach(host, { ip: '127.0.0.1' });
    if ('code' in attached) throw new Error(attached.message);
    attached.setWakeListener(() => {
      for (let event = attached.service(); event !== undefined; event = attached.service()) {
        if (event.type === EventType.CONNECT) this.#connected++;
      }
    });
    this.#closers.push(() => attached.close());
    return () => {
      if (host.connect({ ip: '127.0.0.1', port }, 1, 0) === undefined) throw new Error('no slot');
      attached.requestWake();
    };
  }
}
