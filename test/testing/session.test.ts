import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Host } from '../../src/enet/host.ts';
import type { AttachedHost } from '../../src/io/attachedHost.ts';
import {
  formatSession,
  parseSession,
  recordSession,
  replaySession,
  type Session,
  SimNetwork,
  sessionBytes,
} from '../../src/testing.ts';
import { attached, FakeHost, sequence } from '../io/support.ts';

const golden = ['none', 'range-coder', 'fastlz', 'zlib', 'zstd'].map((name) => `module-${name}`);
const read = (name: string): string =>
  readFileSync(new URL(`../../golden/sessions/${name}.json`, import.meta.url), 'utf8');

/** An echo server and a client over a rough network. */
function roughRun(vantage?: 'client' | 'server'): { session: Session; arrived: Uint8Array[] } {
  const network = new SimNetwork({
    seed: 9,
    latencyMs: 20,
    jitterMs: 10,
    loss: 0.2,
    duplicate: 0.1,
    reorder: 0.2,
  });
  const recorder = recordSession(network, {
    client: '10.0.0.2',
    server: '10.0.0.1',
    what: 'an echo',
    compression: 'none',
    ...(vantage === undefined ? {} : { vantage }),
  });
  const open = (ip: string, host: FakeHost): AttachedHost => {
    const port = attached(network.createRuntime(ip).attach(host, { port: 4242 }));
    port.setWakeListener(() => {
      while (port.service() !== undefined);
    });
    return port;
  };
  const server = new FakeHost();
  server.isEcho = true;
  const serverPort = open('10.0.0.1', server);
  const clientPort = open('10.0.0.2', new FakeHost());
  const stranger = open('10.0.0.3', new FakeHost());
  for (let index = 0; index < 50; index += 1) {
    clientPort.sendRaw(sequence(3, index), serverPort.localAddress);
    stranger.sendRaw(sequence(3, index), serverPort.localAddress);
    network.advance(7);
  }
  network.advance(500);
  const session = recorder.stop();
  const arrived = server.received.filter(({ from }) => from.ip === '10.0.0.2').map(({ bytes }) => bytes);
  clientPort.sendRaw(sequence(3), serverPort.localAddress);
  network.advance(500);
  expect(recorder.session()).toEqual(session);
  return { session, arrived };
}

describe('the text of a session', () => {
  test.each(golden)('%s is read, and written back to the same content', (name) => {
    const session = parseSession(read(name));
    expect(session.datagrams.length).toBeGreaterThan(20);
    expect(new Set(session.datagrams.map(([, side]) => side))).toEqual(new Set(['client', 'server']));
    const text = formatSession(session);
    expect(parseSession(text)).toEqual(session);
    expect(JSON.parse(text)).toEqual(JSON.parse(read(name)));
    expect(text.split('\n')).toHaveLength(session.datagrams.length + 3);
  });

  test('the first datagram of a recorded engine is its CONNECT', () => {
    const [first] = parseSession(read('module-none')).datagrams;
    expect(first === undefined ? undefined : sessionBytes(first).subarray(0, 2)).toEqual(
      Uint8Array.of(0x8f, 0xff),
    );
  });

  test.each([
    ['null', 'a session is a JSON object'],
    ['{"what": "x", "datagrams": []}', 'has the texts "what" and "compression"'],
    ['{"what": "x", "compression": "none", "datagrams": {}}', 'the array "datagrams"'],
    ['{"engine": 4, "what": "x", "compression": "none", "datagrams": []}', '"engine" of a session is a text'],
    ['{"what": "x", "compression": "none", "datagrams": [[1, "peer", "00"]]}', 'datagram 0 of a session'],
    ['{"what": "x", "compression": "none", "datagrams": [[1, "client", "0"]]}', 'datagram 0 of a session'],
    [
      '{"what": "x", "compression": "none", "datagrams": [[1, "client", "00"], 5]}',
      'datagram 1 of a session',
    ],
  ])('%s is no session', (text, message) => {
    expect(() => parseSession(text)).toThrow(message);
  });
});

describe('recording', () => {
  test('at the server: what arrived there and what it sent, and nobody else', () => {
    const { session, arrived } = roughRun();
    const fromClient = session.datagrams.filter(([, side]) => side === 'client');
    expect(fromClient.map((datagram) => sessionBytes(datagram))).toEqual(arrived);
    expect(session.datagrams.filter(([, side]) => side === 'server')).toHaveLength(fromClient.length);
    expect(session.datagrams.map(([ms]) => ms)).toEqual(
      session.datagrams.map(([ms]) => ms).sort((a, b) => a - b),
    );
    expect(session).toMatchObject({ what: 'an echo', compression: 'none' });
  });

  test('at the client: everything that it sent', () => {
    const { session } = roughRun('client');
    expect(session.datagrams.filter(([, side]) => side === 'client')).toHaveLength(50);
  });

  test('addresses must be literal', () => {
    expect(() =>
      recordSession(new SimNetwork(), { client: 'a', server: '10.0.0.1', what: '', compression: 'none' }),
    ).toThrow('"client" expected a literal IP address, got "a"');
  });
});

describe('replaying', () => {
  const from = { ip: '10.0.0.2', port: 4242 };

  test('a host that gets the same at the same times sends the same', () => {
    const { session } = roughRun();
    const host = new FakeHost();
    host.isEcho = true;
    const sent = replaySession(parseSession(formatSession(session)), { host, feed: 'client', from });
    expect(sent).toEqual(session.datagrams.filter(([, side]) => side === 'server'));
    expect(sent.length).toBeGreaterThan(20);
    expect(host.received.every((datagram) => datagram.from === from)).toBe(true);
  });

  test('serves the deadlines of the host between datagrams and after them, on its own clock', () => {
    const host = new FakeHost();
    host.deadline = 40;
    const session: Session = {
      what: 'two datagrams',
      compression: 'none',
      datagrams: [
        [10.5, 'server', '01'],
        [100, 'client', '02'],
        [200.25, 'server', '03'],
      ],
    };
    const times: number[] = [];
    host.eventsPerDatagram = 1;
    replaySession(session, {
      host,
      feed: 'server',
      from,
      clockOffsetMs: 2 ** 32 - 10,
      extraMs: 500,
      rewrite: (bytes, ms) => Uint8Array.of((bytes[0] ?? 0) + 0x10, Math.floor(ms)),
      onEvent: (_event, ms) => {
        times.push(ms);
        if (ms > 200) {
          host.deadline = 300;
        }
      },
    });
    expect(host.received.map(({ bytes }) => [...bytes])).toEqual([
      [0x11, 10],
      [0x13, 200],
    ]);
    expect(times).toEqual([10.5, 200.25]);
    expect(host.served).toEqual([40, 300]);
  });

  test('what a listener puts into the outbox is part of the answer', () => {
    const host = new FakeHost();
    host.eventsPerDatagram = 1;
    const session: Session = { what: '', compression: 'none', datagrams: [[5, 'client', 'aa']] };
    const sent = replaySession(session, {
      host,
      feed: 'client',
      from,
      onEvent: () => host.outbox.push({ bytes: Uint8Array.of(0xbb), to: from }),
    });
    expect(sent).toEqual([[5, 'server', 'bb']]);
  });

  test('datagrams of one instant are dealt with in one go', () => {
    const host = new FakeHost();
    const session: Session = {
      what: '',
      compression: 'none',
      datagrams: [
        [5, 'client', 'aa'],
        [5, 'client', 'bb'],
      ],
    };
    replaySession(session, { host, feed: 'client', from });
    expect([host.received.length, host.idleServices]).toEqual([2, 2]);
  });

  test('datagrams of one instant are dealt with one by one when an answer was recorded between them', () => {
    const host = new FakeHost();
    const session: Session = {
      what: '',
      compression: 'none',
      datagrams: [
        [5, 'client', 'aa'],
        [5, 'server', 'cc'],
        [5, 'client', 'bb'],
      ],
    };
    replaySession(session, { host, feed: 'client', from });
    expect([host.received.length, host.idleServices]).toEqual([2, 3]);
  });

  test('a host that never does what is due is reported', () => {
    const host = new FakeHost();
    host.nextWakeup = () => 0;
    const session: Session = { what: '', compression: 'none', datagrams: [[5, 'client', 'aa']] };
    expect(() => replaySession(session, { host, feed: 'client', from })).toThrow(
      'asks to be woken at 0 ms for ever',
    );
  });

  test("a host in place of a recorded engine gives the engine its answers at the engine's own pace", () => {
    const session = parseSession(read('module-none'));
    const host = new Host({ peerCount: 32, random32: () => 1 });
    const events: string[] = [];
    const sent = replaySession(session, {
      host,
      feed: 'client',
      pace: 'recorded',
      from: { ip: '127.0.0.1', port: 5 },
      onEvent: ({ type, channel, bytes }) => events.push(`${type} ${channel} ${bytes.length}`),
    });
    expect(events).toEqual([
      '1 0 0',
      ...[
        '3 0 73',
        '3 1 10',
        '3 0 4',
        '3 1 41',
        '3 0 73',
        '3 0 41',
        '3 0 10001',
        '3 1 3005',
        '3 0 253',
        '3 0 8',
      ],
    ]);
    // The handshake and every datagram that only acknowledges: the others answer what the engine's script sent.
    const recorded = session.datagrams.filter(
      ([ms, side, hex]) => side === 'server' && (ms === 388.4 || hex.startsWith('000001')),
    );
    expect(recorded).toHaveLength(8);
    expect(sent).toEqual(expect.arrayContaining(recorded));
  });

  test('the recorded pace follows the clock of the recorded side, also across its wraps', () => {
    const host = new FakeHost();
    const times: number[] = [];
    const service = host.service.bind(host);
    host.service = (now) => {
      times.push(now);
      return service(now);
    };
    const session: Session = {
      what: '',
      compression: 'none',
      datagrams: [
        [10, 'client', 'aa'],
        [11, 'server', '0000'],
        [20.5, 'server', '8000fff0'],
        [30, 'client', 'bb'],
        [60, 'server', '80000014'],
        [61, 'client', 'cc'],
      ],
    };
    replaySession(session, { host, feed: 'client', from, pace: 'recorded' });
    expect(times.map((now) => now & 0xffff)).toEqual([0xffe7, 0xfff0, 0x14, 0x15]);
    expect(times.every((now, index) => now >= 1000 && now > (times[index - 1] ?? 0))).toBe(true);
    expect(host.received.map(({ bytes }) => [...bytes])).toEqual([[0xaa], [0xbb], [0xcc]]);
  });
});
