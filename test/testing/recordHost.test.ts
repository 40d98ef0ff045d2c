/** A live host is recorded, and the record is played to another host. */
import { describe, expect, test } from 'vitest';
import { EventType, Host, type HostEvent, type HostTrace, Packet, PacketFlag } from '../../src/enet.ts';
import { createNodeRuntime } from '../../src/node/nodeRuntime.ts';
import { formatSession, parseSession, recordHost, replaySession, sessionBytes } from '../../src/testing.ts';
import { attached, until } from '../io/support.ts';

function describeEvent({ type, data, channel, bytes }: HostEvent): string {
  return type === EventType.RECEIVE ? `receive ${channel}: ${bytes.length}` : `${type} ${data}`;
}

function echo(event: HostEvent): void {
  if (event.type === EventType.RECEIVE) {
    event.peer.send(event.channel, new Packet(event.bytes, PacketFlag.RELIABLE));
  }
}

describe.each(['dgram', 'auto'] as const)('over loopback UDP, transport %s', (transport) => {
  test('a recorded server is replaced by a new one that does the same', async () => {
    const runtime = createNodeRuntime({ transport, clockStartMs: 0xffff_ffff - 20 });
    const recorder = recordHost({ side: 'server', what: 'an echo', compression: 'none' });
    const server = new Host({ peerCount: 4, random32: () => runtime.random32(), trace: recorder.trace });
    const client = new Host({ peerCount: 1, random32: () => runtime.random32() });
    const serverPort = attached(runtime.attach(server, { ip: '127.0.0.1' }));
    const clientPort = attached(runtime.attach(client, { ip: '127.0.0.1' }));
    try {
      const live: string[] = [];
      const atClient: string[] = [];
      serverPort.setWakeListener(() => {
        for (let event = serverPort.service(); event !== undefined; event = serverPort.service()) {
          live.push(describeEvent(event));
          echo(event);
          serverPort.drain();
        }
      });
      clientPort.setWakeListener(() => {
        for (let event = clientPort.service(); event !== undefined; event = clientPort.service()) {
          atClient.push(describeEvent(event));
        }
      });
      const peer = client.connect({ ip: '127.0.0.1', port: serverPort.localPort }, 2, 77);
      clientPort.requestWake();
      await until(() => atClient.length === 1, 'the connection');
      for (const length of [3, 0, 5000, 1000]) {
        peer?.send(length % 2, new Packet(new Uint8Array(length).fill(length), PacketFlag.RELIABLE));
      }
      clientPort.requestWake();
      await until(() => atClient.length === 5, 'the echoes');
      peer?.disconnect(9, clientPort.now());
      clientPort.drain();
      await until(() => live.at(-1) === '2 9', 'the end');

      const session = parseSession(formatSession(recorder.stop()));
      const fed = session.datagrams.filter(([, side]) => side === 'client');
      expect(fed.length).toBeGreaterThanOrEqual(4);
      expect(session.datagrams[0]?.slice(0, 2)).toEqual([0, 'client']);
      const times = session.datagrams.map(([ms]) => ms);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      // The clock started 20 ms before its wrap.
      expect(times.at(-1)).toBeLessThan(60_000);

      const again = new Host({ peerCount: 4, random32: () => 1 });
      const replayed: string[] = [];
      const sent = replaySession(session, {
        host: again,
        feed: 'client',
        from: { ip: '127.0.0.1', port: 5 },
        clockOffsetMs: recorder.clockOffsetMs,
        onEvent: (event) => {
          replayed.push(describeEvent(event));
          echo(event);
        },
      });
      expect(replayed).toEqual(live);
      expect([live[0], live.length]).toEqual(['1 77', 6]);
      expect(again.dropCount('BAD_ACKNOWLEDGE')).toBe(0);
      // The first answer is the live one's, byte for byte: same time, same connection.
      const answer = session.datagrams.find(([, side]) => side === 'server');
      expect(sent[0]).toEqual(answer);
    } finally {
      serverPort.close();
      clientPort.close();
    }
  });
});

describe('what is recorded', () => {
  const near = { ip: '10.0.0.1', port: 1 };
  const far = { ip: '10.0.0.2', port: 2 };
  const data = Uint8Array.of(1, 2);

  test('one connection: the first address, or the one that was named', () => {
    const first = recordHost({ side: 'client', what: '', compression: 'none' });
    const named = recordHost({ side: 'client', what: '', compression: 'none', remote: { ip: far.ip } });
    for (const { trace } of [first, named]) {
      trace.sent?.(1000, data, near);
      trace.received?.(1005, Uint8Array.of(3), near);
      trace.received?.(1007, Uint8Array.of(4), far);
    }
    expect(first.session().datagrams).toEqual([
      [0, 'client', '0102'],
      [5, 'server', '03'],
    ]);
    expect(named.session().datagrams).toEqual([[0, 'server', '04']]);
    expect([first.clockOffsetMs, named.clockOffsetMs]).toEqual([1000, 1007]);
  });

  test('times go on across the wrap of the clock', () => {
    const { trace, session } = bound(recordHost({ side: 'server', what: '', compression: 'none' }));
    for (const now of [0xffff_fff0, 0xffff_ffff, 0, 0x10]) trace.received?.(now, data, near);
    expect(session().datagrams.map(([ms]) => ms)).toEqual([0, 15, 16, 32]);
  });

  test('it keeps no more than it was told, and nothing after stop', () => {
    const recorder = recordHost({ side: 'server', what: '', compression: 'none', maxDatagrams: 2 });
    recorder.trace.received?.(0, data, near);
    recorder.trace.received?.(1, data, near);
    expect(recorder.isFull).toBe(false);
    recorder.trace.received?.(2, data, near);
    expect([recorder.isFull, recorder.session().datagrams.length]).toEqual([true, 2]);
    const stopped = recordHost({ side: 'server', what: '', compression: 'none' });
    expect(stopped.stop().datagrams).toEqual([]);
    stopped.trace.received?.(0, data, near);
    expect(stopped.session().datagrams).toEqual([]);
    expect(() => recordHost({ side: 'server', what: '', compression: '', maxDatagrams: 0 })).toThrow(
      '"maxDatagrams" expected a positive integer, got 0',
    );
  });

  test('the bytes are copies', () => {
    const { trace, session } = bound(recordHost({ side: 'server', what: '', compression: 'none' }));
    const shared = Uint8Array.of(7);
    trace.received?.(0, shared, near);
    shared[0] = 8;
    expect([...sessionBytes(session().datagrams[0] ?? [0, 'client', ''])]).toEqual([7]);
  });

  test('another observer goes on getting everything', () => {
    const seen: string[] = [];
    const next: HostTrace = {
      received: (now) => seen.push(`in ${now}`),
      sent: (now) => seen.push(`out ${now}`),
      dropped: (now, reason, _from, _peer, _bytes, at) => seen.push(`${reason} ${now} ${at}`),
    };
    const { trace } = recordHost({ side: 'server', what: '', compression: 'none', next });
    trace.received?.(1, data, near);
    trace.sent?.(2, data, far);
    trace.dropped?.(3, 'DUPLICATE', near, undefined, data, 4);
    expect(seen).toEqual(['in 1', 'out 2', 'DUPLICATE 3 4']);
  });
});

/** The two members that the tests use, callable alone. */
function bound(recorder: ReturnType<typeof recordHost>): {
  trace: HostTrace;
  session: () => ReturnType<typeof recorder.session>;
} {
  return { trace: recorder.trace, session: () => recorder.session() };
}
