/**
 * A sidecar of Agones for tests: its REST on a free port of 127.0.0.1, with the states, the refusals and the JSON of the real one. What the
 * cluster does (a Ready after its request, an allocation, a deletion) a test does by methods. It can be slow, absent, broken.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A game server as the JSON has it. */
interface State {
  state: string;
  isDeleted: boolean;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  counters: Record<string, { count: number; capacity: number }>;
  lists: Record<string, { values: string[]; capacity: number }>;
}

/** A refusal as grpc-gateway writes it: most errors of the sidecar have no code of their own, so they are 500 and 2. */
class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  constructor(message: string, status = 500, code = 2) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The sidecar. */
export class FakeSidecar {
  readonly gameServer: State = {
    state: 'Scheduled',
    isDeleted: false,
    labels: { 'agones.dev/fleet': 'game' },
    annotations: {},
    counters: { players: { count: 0, capacity: 4 }, rooms: { count: 0, capacity: 10 } },
    lists: { players: { values: [], capacity: 3 } },
  };
  health = { disabled: false, period_seconds: 4, failure_threshold: 3, initial_delay_seconds: 5 };
  /** What was asked, without the pings: `POST /ready`, `PATCH /v1beta1/counters/players {"count":"1"}`. */
  readonly requests: string[] = [];
  /** Signs of life. */
  pings = 0;
  /** While it is there every request is answered with it. */
  failure: { readonly status: number; readonly body: string } | undefined;
  /** Requests wait for this. */
  gate: Promise<void> = Promise.resolve();
  #server: Server | undefined;
  #port = 0;
  readonly #streams = new Set<ServerResponse>();
  readonly #waiting = new Set<() => void>();

  /** One that listens. */
  static async open(): Promise<FakeSidecar> {
    const sidecar = new FakeSidecar();
    await sidecar.open();
    return sidecar;
  }

  /** One that does not yet: its port is known. */
  static async absent(): Promise<FakeSidecar> {
    const sidecar = await FakeSidecar.open();
    await sidecar.close();
    return sidecar;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  get streams(): number {
    return this.#streams.size;
  }

  async open(): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  /** Requests wait until the function that is returned is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** Ends every stream in the middle of a line. */
  dropStreams(): void {
    for (const stream of this.#streams) {
      stream.write('{"resu');
      stream.socket?.destroy();
    }
  }

  /** The cluster changes the game server. */
  change(change: Partial<State>): void {
    Object.assign(this.gameServer, change);
    this.tellStreams(`${JSON.stringify({ result: this.#json() })}\n`);
  }

  /** Writes something to all streams. */
  tellStreams(text: string): void {
    for (const stream of this.#streams) stream.write(text);
    this.#wake();
  }

  /** Resolves when something is so; looked at whenever something happens here. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { method = '', url = '' } = request;
    const isPing = url === '/health';
    if (isPing) this.pings++;
    else this.requests.push(`${method} ${url}${text === '' || text === '{}' ? '' : ` ${text}`}`);
    this.#wake();
    await this.gate;
    response.setHeader('content-type', 'application/json');
    if (this.failure !== undefined) {
      response.writeHead(this.failure.status).end(this.failure.body);
      return;
    }
    if (url === '/watch/gameserver') {
      this.#streams.add(response);
      response.on('close', () => {
        this.#streams.delete(response);
        this.#wake();
      });
      response.write(`${JSON.stringify({ result: this.#json() })}\n`);
      this.#wake();
      return;
    }
    try {
      response.end(JSON.stringify(this.#do(method, url, text)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message } = error;
      response.writeHead(status).end(JSON.stringify({ code, message, details: [] }));
    }
    this.#wake();
  }

  #do(method: string, url: string, text: string): unknown {
    const route = `${method} ${url}`;
    if (method !== 'GET' && request(text) === undefined) throw new Refusal('invalid JSON', 400, 3);
    const body = request(text) ?? {};
    const state = STATES[route];
    if (state !== undefined) {
      if (route === 'POST /reserve' && !/^\d+$/.test(String(body['seconds'])))
        throw new Refusal('invalid seconds', 400, 3);
      this.#enter(state);
      return {};
    }
    if (route === 'GET /gameserver') return this.#json();
    if (route === 'POST /health') return {};
    const [, kind] = /^PUT \/metadata\/(label|annotation)$/.exec(route) ?? [];
    if (kind !== undefined) {
      const { key, value } = body;
      if (typeof key !== 'string' || !/^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(key))
        throw new Refusal(`invalid ${kind} key ${JSON.stringify(key)}`, 400, 3);
      const those = kind === 'label' ? this.gameServer.labels : this.gameServer.annotations;
      those[`agones.dev/sdk-${key}`] = String(value ?? '');
      this.change({});
      return {};
    }
    const [, of, encoded = '', action = ''] =
      /^\/v1beta1\/(counters|lists)\/([^:/]+)(?::(addValue|removeValue))?$/.exec(url) ?? [];
    const name = decodeURIComponent(encoded);
    if (of === 'counters' && action === '') return this.#counter(method, name, body);
    if (of === 'lists') return this.#list(`${method} ${action}`, name, body);
    throw new Refusal('Not Found', 404, 5);
  }

  /** As the real one: nothing leads out of a deletion, and unhealthy stays unhealthy. */
  #enter(state: string): void {
    const { isDeleted, state: now } = this.gameServer;
    if (isDeleted || now === 'Unhealthy' || now === 'Shutdown') return;
    this.change({ state, ...(state === 'Shutdown' ? { isDeleted: true } : {}) });
    // The controller of the cluster answers a request.
    if (state === 'RequestReady') this.change({ state: 'Ready' });
  }

  #counter(method: string, name: string, body: Record<string, unknown>): unknown {
    const counter = own(this.gameServer.counters, name);
    if (counter === undefined) throw new Refusal(`counter not found: ${name}`);
    if (method === 'PATCH') {
      const int = (key: string, otherwise: number): number => Number(body[key] ?? otherwise);
      const capacity = int('capacity', counter.capacity);
      const count = int('count', counter.count) + int('countDiff', 0);
      if (count < 0 || count > capacity)
        throw new Refusal(
          `out of range. Count must be within range [0,Capacity]. Found Count: ${count}, Capacity: ${capacity}`,
        );
      Object.assign(counter, { count, capacity });
      this.change({});
    }
    return { name, count: String(counter.count), capacity: String(counter.capacity) };
  }

  #list(what: string, name: string, body: Record<string, unknown>): unknown {
    const list = own(this.gameServer.lists, name);
    if (list === undefined) throw new Refusal(`list not found: ${name}`);
    const value = String(body['value']);
    if (what === 'PATCH ') {
      // The real one answers this alone with an empty list.
      if (Array.isArray(body['values'])) list.values = body['values'].map(String);
      list.capacity = Number(body['capacity'] ?? list.capacity);
      this.change({});
      return { name: '', capacity: '0', values: [] };
    }
    if (what === 'POST addValue') {
      if (list.values.length >= list.capacity) throw new Refusal('out of range. No available capacity.');
      if (list.values.includes(value))
        throw new Refusal(`already exists. Value: ${value} already in List: ${name}`);
      list.values.push(value);
      this.change({});
    } else if (what === 'POST removeValue') {
      if (!list.values.includes(value)) throw new Refusal(`not found: value ${value} not in list ${name}`);
      list.values = list.values.filter((one) => one !== value);
      this.change({});
    }
    return { name, capacity: String(list.capacity), values: list.values };
  }

  #json(): unknown {
    const { state, isDeleted, labels, annotations, counters, lists } = this.gameServer;
    const texts = (numbers: Record<string, number>): unknown =>
      Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)]));
    return {
      object_meta: {
        name: 'game-x7k2p',
        namespace: 'default',
        uid: '1234',
        generation: '1',
        deletion_timestamp: isDeleted ? '1780000000' : '0',
        annotations,
        labels,
      },
      spec: { health: this.health },
      status: {
        state,
        address: '203.0.113.7',
        ports: [{ name: 'enet', port: 7009 }],
        players: null,
        counters: Object.fromEntries(
          Object.entries(counters).map(([key, value]) => [key, texts({ ...value })]),
        ),
        lists: Object.fromEntries(
          Object.entries(lists).map(([key, { values, capacity }]) => [
            key,
            { values, ...Object(texts({ capacity })) },
          ]),
        ),
      },
    };
  }
}

const STATES: Readonly<Record<string, string>> = {
  'POST /ready': 'RequestReady',
  'POST /allocate': 'Allocated',
  'POST /reserve': 'Reserved',
  'POST /shutdown': 'Shutdown',
};

function request(text: string): Record<string, unknown> | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function own<Value>(table: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
