/** The sidecar over REST: what is sent, what is read, and what happens when it is late, broken, silent or not there. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type AgonesError,
  type AgonesGameServer,
  AgonesSdk,
  type AgonesSdkOptions,
} from '../../src/fleet.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { collect } from '../support/heap.ts';
import { FakeSidecar } from './fakeSidecar.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  vi.unstubAllEnvs();
});

async function open(options: AgonesSdkOptions = {}): Promise<{ sidecar: FakeSidecar; sdk: AgonesSdk }> {
  const sidecar = await FakeSidecar.open();
  return { sidecar, sdk: sdkOf(sidecar, options) };
}

function sdkOf(sidecar: FakeSidecar, options: AgonesSdkOptions = {}): AgonesSdk {
  const sdk = new AgonesSdk({ url: sidecar.url, ...options });
  closers.push(
    () => sidecar.close(),
    () => sdk.close(),
  );
  return sdk;
}

/** Time that a test moves, and how many timers there are. */
function virtualClock(): {
  clock: AgonesSdkOptions['clock'] & object;
  timers: () => number;
  advance(ms: number): void;
} {
  const network = new SimNetwork();
  const runtime = network.createRuntime('10.0.0.1');
  let timers = 0;
  const clock = {
    now: () => runtime.now(),
    startTimer(delayMs: number, callback: () => void) {
      timers++;
      let isOver = false;
      const over = (): void => {
        if (!isOver) timers--;
        isOver = true;
      };
      const timer = runtime.startTimer(delayMs, () => {
        over();
        callback();
      });
      return {
        cancel() {
          over();
          timer.cancel();
        },
      };
    },
  };
  return { clock, timers: () => timers, advance: (ms) => network.advance(ms) };
}

const errorOf = (promise: Promise<unknown>): Promise<AgonesError> =>
  promise.then(
    () => expect.unreachable('it was expected to fail'),
    (error: AgonesError) => error,
  );

describe('what is asked', () => {
  test('states, labels and annotations', async () => {
    const { sidecar, sdk } = await open();
    await sdk.ready();
    expect(sidecar.gameServer.state).toBe('Ready');
    await sdk.reserve(30);
    expect(sidecar.gameServer.state).toBe('Reserved');
    await sdk.allocate();
    expect(sidecar.gameServer.state).toBe('Allocated');
    await sdk.health();
    await sdk.setLabel('map', 'island');
    await sdk.setAnnotation('mode', '');
    await sdk.shutdown();
    expect(sidecar.gameServer.state).toBe('Shutdown');
    expect(sidecar.pings).toBe(1);
    expect(sidecar.requests).toEqual([
      'POST /ready',
      'POST /reserve {"seconds":"30"}',
      'POST /allocate',
      'PUT /metadata/label {"key":"map","value":"island"}',
      'PUT /metadata/annotation {"key":"mode","value":""}',
      'POST /shutdown',
    ]);
  });

  test('the game server', async () => {
    const { sidecar, sdk } = await open();
    sidecar.gameServer.counters['players'] = { count: 2, capacity: 4 };
    await sdk.setLabel('map', 'island');
    const gameServer = await sdk.gameServer();
    expect(gameServer).toMatchObject({ name: 'game-x7k2p', namespace: 'default', state: 'Scheduled' });
    expect(gameServer.address).toBe('203.0.113.7');
    expect(gameServer.ports.get('enet')).toBe(7009);
    expect(gameServer.labels.get('agones.dev/sdk-map')).toBe('island');
    expect(gameServer.counters.get('players')).toEqual({ count: 2, capacity: 4 });
    expect(gameServer.lists.get('players')).toEqual({ values: [], capacity: 3 });
    expect(gameServer.isDeleted).toBe(false);
    expect(gameServer.health).toEqual({
      isDisabled: false,
      periodSeconds: 4,
      failureThreshold: 3,
      initialDelaySeconds: 5,
    });
  });

  test('names in camelCase, and what is left out, are read as well', async () => {
    const { sidecar, sdk } = await open();
    sidecar.failure = {
      status: 200,
      body: '{"objectMeta":{"name":"a"},"spec":{"health":{"periodSeconds":7}},"status":{"state":"Ready"}}',
    };
    const gameServer = await sdk.gameServer();
    expect(gameServer).toMatchObject({ name: 'a', state: 'Ready', health: { periodSeconds: 7 } });
    expect(gameServer.ports.size + gameServer.counters.size + gameServer.lists.size).toBe(0);
  });

  test('counters', async () => {
    const { sidecar, sdk } = await open();
    expect(await sdk.counter('players')).toEqual({ count: 0, capacity: 4 });
    expect(await sdk.updateCounter('players', { count: 3, capacity: 8 })).toEqual({ count: 3, capacity: 8 });
    expect(await sdk.updateCounter('players', { by: -1 })).toEqual({ count: 2, capacity: 8 });
    expect(sidecar.requests.slice(1)).toEqual([
      'PATCH /v1beta1/counters/players {"count":"3","capacity":"8"}',
      'PATCH /v1beta1/counters/players {"countDiff":"-1"}',
    ]);
    const error = await errorOf(sdk.updateCounter('players', { by: 7 }));
    expect(error.code).toBe('REFUSED');
    expect(error.message).toContain(
      '500, out of range. Count must be within range [0,Capacity]. Found Count: 9',
    );
  });

  test('lists', async () => {
    const { sdk } = await open();
    await sdk.addListValue('players', 'ada');
    await sdk.addListValue('players', 'bob');
    expect((await errorOf(sdk.addListValue('players', 'ada'))).message).toContain('already exists');
    await sdk.removeListValue('players', 'ada');
    expect((await errorOf(sdk.removeListValue('players', 'ada'))).message).toContain('not found');
    expect(await sdk.list('players')).toEqual({ values: ['bob'], capacity: 3 });
    await sdk.updateList('players', { values: [], capacity: 12 });
    expect(await sdk.list('players')).toEqual({ values: [], capacity: 12 });
    expect((await errorOf(sdk.list('nobody'))).message).toContain('list not found: nobody');
  });

  test('a name cannot leave its place in the path', async () => {
    const { sidecar, sdk } = await open();
    await errorOf(sdk.counter('../gameserver?a'));
    expect(sidecar.requests).toEqual(['GET /v1beta1/counters/..%2Fgameserver%3Fa']);
  });
});

describe('arguments', () => {
  test.each<[string, (sdk: AgonesSdk) => Promise<unknown>]>([
    ['"seconds" expected integer 0..', (sdk) => sdk.reserve(-1)],
    ['"seconds" expected integer 0..', (sdk) => sdk.reserve(1.5)],
    ['"key" expected a string that is not empty', (sdk) => sdk.setLabel('', 'a')],
    ['"name" expected a string that is not empty', (sdk) => sdk.counter('')],
    ['"value" expected a string that is not empty', (sdk) => sdk.addListValue('a', '')],
    ['"change.count" expected integer 0..', (sdk) => sdk.updateCounter('a', { count: -1 })],
    ['"change" expected count or by, or a capacity', (sdk) => sdk.updateCounter('a', {})],
    [
      '"change" expected count or by, or a capacity',
      (sdk) => sdk.updateCounter('a', { count: 1, by: 1, capacity: 1 }),
    ],
    ['"change.capacity" expected integer 0..1000', (sdk) => sdk.updateList('a', { capacity: 1001 })],
    ['"change" expected values or a capacity', (sdk) => sdk.updateList('a', {})],
  ])('%s', async (message, call) => {
    const { sidecar, sdk } = await open();
    expect((await errorOf(call(sdk))).message).toContain(message);
    expect(sidecar.requests).toEqual([]);
  });

  test('the port is that of the environment, unless a URL is given', () => {
    vi.stubEnv('AGONES_SDK_HTTP_PORT', '1234');
    expect(new AgonesSdk().url).toBe('http://127.0.0.1:1234');
    expect(new AgonesSdk({ url: 'http://localhost:5/' }).url).toBe('http://localhost:5');
    vi.stubEnv('AGONES_SDK_HTTP_PORT', '');
    expect(new AgonesSdk({ url: undefined }).url).toBe('http://127.0.0.1:9358');
    vi.stubEnv('AGONES_SDK_HTTP_PORT', 'many');
    expect(() => new AgonesSdk()).toThrow('"AGONES_SDK_HTTP_PORT" expected http://HOST:PORT');
    expect(() => new AgonesSdk({ url: 'ftp://a' })).toThrow('"url" expected http://HOST:PORT');
  });
});

describe('a sidecar that is not as it should be', () => {
  test('it starts later: the call waits for it', async () => {
    const { clock, timers, advance } = virtualClock();
    const sidecar = await FakeSidecar.absent();
    const sdk = sdkOf(sidecar, { clock });
    const ready = sdk.ready();
    // A try and its time, then a wait.
    for (let tries = 0; tries < 3; tries++) {
      await vi.waitUntil(() => timers() === 1 && !sidecar.requests.length);
      advance(1000);
    }
    await sidecar.open();
    await vi.waitUntil(() => {
      advance(500);
      return sidecar.requests.length > 0;
    });
    await ready;
    expect(sidecar.gameServer.state).toBe('Ready');
    expect(timers()).toBe(0);
  });

  test('it never comes', async () => {
    const sdk = sdkOf(await FakeSidecar.absent(), { waitMs: 0 });
    const error = await errorOf(sdk.ready());
    expect(error).toMatchObject({ name: 'AgonesError', code: 'UNREACHABLE', status: 0 });
    expect(error.message).toMatch(
      /^POST http:\/\/127\.0\.0\.1:\d+\/ready: nobody listens there \(ECONNREFUSED\)$/,
    );
    expect(await sdk.diagnose()).toMatch(
      /nobody listens there .*kubectl describe gameserver.*sdk-server --local/,
    );
  });

  test('503 is waited for, other refusals are not', async () => {
    const { clock, advance } = virtualClock();
    const { sidecar, sdk } = await open({ clock });
    sidecar.failure = { status: 503, body: '{"code":14,"message":"not ready"}' };
    const ready = sdk.ready();
    await sidecar.until(() => sidecar.requests.length === 1);
    sidecar.failure = undefined;
    await vi.waitUntil(() => {
      advance(100);
      return sidecar.requests.length === 2;
    });
    await ready;
    sidecar.failure = { status: 500, body: 'out of order\n' };
    const error = await errorOf(sdk.ready());
    expect(error).toMatchObject({ code: 'REFUSED', status: 500 });
    expect(error.message).toContain('500, "out of order"');
    expect(await sdk.diagnose()).toContain('kubectl logs POD -c agones-gameserver-sidecar');
    expect(sidecar.requests.length).toBe(4);
  });

  test('a sign of life is tried once', async () => {
    const { sidecar, sdk } = await open();
    sidecar.failure = { status: 503, body: '' };
    expect((await errorOf(sdk.health())).code).toBe('REFUSED');
    expect(sidecar.pings).toBe(1);
  });

  test('it takes too long', async () => {
    const { clock, timers, advance } = virtualClock();
    const { sidecar, sdk } = await open({ clock, timeoutMs: 400 });
    const release = sidecar.hold();
    const error = errorOf(sdk.gameServer());
    await sidecar.until(() => sidecar.requests.length === 1);
    advance(399);
    expect(timers()).toBe(1);
    advance(1);
    expect(await error).toMatchObject({ code: 'TIMEOUT' });
    expect((await error).message).toContain('no answer within 400 ms');
    expect(timers()).toBe(0);
    release();
  });

  test.each([
    ['no JSON', 'hello', 'answered with no JSON'],
    ['another JSON', '[1]', 'a game server with object_meta and status, got [1]'],
    [
      'a number that is none',
      '{"object_meta":{"deletion_timestamp":"soon"},"status":{}}',
      'an integer as deletion_timestamp',
    ],
    ['an answer without an end', `"${'x'.repeat(1_100_000)}"`, 'answered with more than 1048576 bytes'],
  ])('%s', async (_what, body, message) => {
    const { sidecar, sdk } = await open();
    sidecar.failure = { status: 200, body };
    const error = await errorOf(sdk.gameServer());
    expect(error.code).toBe('BAD_ANSWER');
    expect(error.message).toContain(message);
  });

  test('somebody else listens there, or hangs up', async () => {
    const other = createServer((socket) => socket.once('data', () => socket.end(reply)));
    let reply = 'SSH-2.0-x\r\n';
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const sdk = new AgonesSdk({ url: `http://127.0.0.1:${port}` });
    closers.push(
      () => other.close(),
      () => sdk.close(),
    );
    expect((await errorOf(sdk.ready())).code).toBe('BAD_ANSWER');
    expect(await sdk.diagnose()).toContain('Somebody else listens on that port');
    reply = '';
    expect((await errorOf(sdk.ready())).code).toBe('LOST');
  });

  test('a connection that was kept has ended: what may be done twice is asked again', async () => {
    const lines: string[] = [];
    const other = createServer((socket) =>
      socket.once('data', (data) => {
        lines.push(String(data).split(' HTTP')[0] ?? '');
        // Each first one is hung up on.
        socket.end(
          lines.length % 2 === 1 ? '' : 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}',
        );
      }),
    );
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const sdk = new AgonesSdk({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` });
    closers.push(
      () => other.close(),
      () => sdk.close(),
    );
    await sdk.shutdown();
    await sdk.health();
    await sdk.updateCounter('rooms', { count: 1 });
    expect(lines).toEqual(
      ['POST /shutdown', 'POST /health', 'PATCH /v1beta1/counters/rooms'].flatMap((line) => [line, line]),
    );
    for (const call of [
      () => sdk.updateCounter('rooms', { by: 1 }),
      () => sdk.addListValue('players', 'ada'),
      () => sdk.removeListValue('players', 'ada'),
    ]) {
      lines.length = 0;
      expect((await errorOf(call())).code).toBe('LOST');
      expect(lines).toHaveLength(1);
    }
  });

  test('all is well', async () => {
    const { sdk } = await open();
    expect(await sdk.diagnose()).toMatch(
      /^Agones' sidecar at http:.*: game server default\/game-x7k2p is Scheduled; it wants a sign of life every 4 s, and gives up after 3 without\.$/,
    );
  });
});

describe('watch', () => {
  test('news come, also after the stream has broken', async () => {
    const { clock, timers, advance } = virtualClock();
    const { sidecar, sdk } = await open({ clock });
    const states: string[] = [];
    const errors: unknown[] = [];
    const end = sdk.watch(
      ({ state }: AgonesGameServer) => states.push(state),
      (error) => errors.push(error),
    );
    await vi.waitUntil(() => states.length === 1);
    await sdk.ready();
    await vi.waitUntil(() => states.length === 3);
    expect(states).toEqual(['Scheduled', 'RequestReady', 'Ready']);
    // An answer that goes on for ever has no time of its own.
    advance(3_600_000);
    expect(errors).toEqual([]);
    sidecar.dropStreams();
    await vi.waitUntil(() => errors.length === 1);
    expect(errors).toMatchObject([{ code: 'LOST' }]);
    sidecar.change({ state: 'Allocated' });
    await vi.waitUntil(() => {
      advance(50);
      return states.length === 4;
    });
    expect(states.at(-1)).toBe('Allocated');
    end();
    await sidecar.until(() => sidecar.streams === 0);
    expect([errors.length, timers()]).toEqual([1, 0]);
  });

  test('ends its connection, also when memory was collected since the answer began', async () => {
    const { sidecar, sdk } = await open();
    const states: string[] = [];
    const end = sdk.watch(({ state }: AgonesGameServer) => states.push(state));
    await vi.waitUntil(() => states.length === 1);
    // What fetch holds weakly goes with it.
    for (let i = 0; i < 5; i++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sidecar.streams).toBe(1);
    end();
    await vi.waitUntil(() => sidecar.streams === 0);
  });

  test('lines that are none, errors, and listeners that throw do not end it', async () => {
    const { sidecar, sdk } = await open();
    const errors: string[] = [];
    let calls = 0;
    sdk.watch(
      () => {
        calls++;
        if (calls === 1) throw new Error('the listener');
      },
      (error) => errors.push(String(error)),
    );
    await vi.waitUntil(() => errors.length === 1);
    sidecar.tellStreams('nonsense\n\n{"error":{"code":13}}\n{"result":7}\n');
    sidecar.change({ state: 'Ready' });
    await vi.waitUntil(() => calls === 2);
    expect(errors).toEqual([
      'Error: the listener',
      'AgonesError: the sidecar streams a line that is no JSON',
      'AgonesError: the stream has an error: {"code":13}',
      "AgonesError: the sidecar's answer was expected to have a game server with object_meta and status, got 7",
    ]);
  });

  test('a line without an end is not kept', async () => {
    const { clock } = virtualClock();
    const { sidecar, sdk } = await open({ clock });
    const errors: unknown[] = [];
    sdk.watch(
      () => undefined,
      (error) => errors.push(error),
    );
    await sidecar.until(() => sidecar.streams === 1);
    sidecar.tellStreams('x'.repeat(1_100_000));
    await vi.waitUntil(() => errors.length === 1);
    expect(errors).toMatchObject([{ code: 'BAD_ANSWER' }]);
  });
});

describe('close', () => {
  test('ends what is under way, and leaves no timer', async () => {
    const { clock, timers } = virtualClock();
    const { sidecar, sdk } = await open({ clock });
    const release = sidecar.hold();
    const held = errorOf(sdk.gameServer());
    sdk.watch(() => expect.unreachable('it is closed'));
    await sidecar.until(() => sidecar.requests.length === 2);
    sdk.close();
    sdk.close();
    expect((await held).code).toBe('CLOSED');
    expect((await errorOf(sdk.ready())).code).toBe('CLOSED');
    expect(timers()).toBe(0);
    expect(await sdk.diagnose()).toContain('The server has closed it.');
    sdk.watch(() => expect.unreachable('it is closed'))();
    release();
    expect(sidecar.requests.length).toBe(2);
  });

  test('ends a wait for a sidecar that is not there', async () => {
    const { clock, timers } = virtualClock();
    const sdk = sdkOf(await FakeSidecar.absent(), { clock });
    const error = errorOf(sdk.ready());
    await vi.waitUntil(() => timers() === 1);
    sdk.close();
    expect((await error).code).toBe('CLOSED');
    expect(timers()).toBe(0);
  });
});
