/** An address that leads to a server: the one of now, none, or one that swallows everything. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #passed = { there: 0, back: 0, writes: 0 };
  #target: number;
  #isDeaf = false;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Bytes to the server and back, and in how many pieces those to the server came. */
  get passed(): { readonly there: number; readonly back: number; readonly writes: number } {
    return { ...this.#passed };
  }

  /** Leads new connections elsewhere; those that are there go on. */
  lead(target: number): void {
    this.#target = target;
  }

  /** Nothing passes any more, in connections that are there and new ones, and nobody is told. */
  swallow(): void {
    this.#isDeaf = true;
    for (const [client, server] of this.#pairs) {
      client.unpipe(server).resume();
      server.unpipe(client).resume();
    }
  }

  /** New connections pass again. Those that were swallowed stay as they are. */
  pass(): void {
    this.#isDeaf = false;
  }

  /** Ends all connections. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    client.on('data', ({ length }) => {
      this.#passed.there += length;
      this.#passed.writes++;
    });
    server.on('data', ({ length }) => {
      this.#passed.back += length;
    });
    for (const socket of pair) {
      // Whoever ends, ends both.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#pairs.delete(pair);
        for (const end of pair) end.destroy();
      });
    }
    if (!this.#isDeaf) client.pipe(server).pipe(client);
    else for (const socket of pair) socket.resume();
  }
}
