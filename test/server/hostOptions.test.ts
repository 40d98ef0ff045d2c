/** Options of the host underneath that are functions: the checksum and the trace, inline and in a network thread. */
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/enet/crc32.ts';
import type { HostTrace } from '../../src/enet/trace.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { withThreads } from '../support/simThread.ts';
import { createWorld, eachMode, PORT, SERVER_IP } from './world.ts';

expectDiagnoses('clients without the checksum and rubbish are what it is about');

/** A trace that notes everything. */
function notingTrace(): { trace: HostTrace; lines: string[] } {
  const lines: string[] = [];
  const note = (kind: string, now: number, ip: string | undefined, bytes: Uint8Array, more = ''): void => {
    lines.push(`${now} ${kind} ${ip} ${Buffer.from(bytes).toString('hex')}${more}`);
  };
  return {
    lines,
    trace: {
      received: (now, bytes, from) => note('received', now, from.ip, bytes),
      sent: (now, bytes, to) => note('sent', now, to.ip, bytes),
      dropped: (now, reason, from, _peer, bytes, at) =>
        note('dropped', now, from?.ip, bytes, ` ${reason} ${at}`),
    },
  };
}

eachMode(
  () => {
    describe('host.checksum', () => {
      test('crc32: whoever has it is understood, whoever has not is dropped and counted', () => {
        const world = createWorld({ server: { host: { checksum: crc32 } } });
        const { client, log } = world.connect({ host: { checksum: crc32 } });
        const stranger = world.createClient();
        stranger.client.connectToServer(SERVER_IP, PORT);
        client.sendPacket('x'.repeat(5000));
        world.server.sendPacket(1, 'y'.repeat(5000));
        world.net.advance(300);
        expect(world.log).toContainEqual(['packetReceived', 1, 'x'.repeat(5000), 0]);
        expect(log).toContainEqual(['packetReceived', 'y'.repeat(5000), 0]);
        expect(stranger.client.isConnectedToServer()).toBe(false);
        expect(world.server.ops.metrics().drops.get('BAD_CHECKSUM')).toBe(1);
      });
    });

    describe('host.trace', () => {
      test('sees every datagram, byte for byte, and what was dropped', () => {
        const { trace, lines } = notingTrace();
        const world = createWorld({ server: { host: { trace } } });
        const seen: string[] = [];
        world.net.onDatagram(({ from, to, fate, bytes }) => {
          const hex = Buffer.from(bytes).toString('hex');
          if (to.ip === SERVER_IP && fate === 'delivered') seen.push(`received ${from.ip} ${hex}`);
          if (from.ip === SERVER_IP && fate === 'sent') seen.push(`sent ${to.ip} ${hex}`);
        });
        const { client } = world.connect();
        for (let i = 0; i < 20; i++) client.sendPacket(i);
        world.server.sendPacket(1, 'hello');
        const garbage = world.net.createRuntime('10.0.3.3').attach(
          {
            receive: () => undefined,
            service: () => undefined,
            flush: () => undefined,
            drainOutbox: () => [],
            nextWakeup: () => undefined,
          },
          {},
        );
        if ('code' in garbage) throw new Error(garbage.message);
        garbage.sendRaw(Uint8Array.of(1), { ip: SERVER_IP, port: PORT });
        world.net.advance(300);
        const of = (kind: string): string[] =>
          lines.filter((line) => line.includes(` ${kind} `)).map((line) => line.slice(line.indexOf(' ') + 1));
        for (const kind of ['received', 'sent'])
          expect(of(kind)).toEqual(seen.filter((line) => line.startsWith(kind)));
        expect(of('dropped')).toEqual(['dropped 10.0.3.3 01 DATAGRAM_TOO_SHORT -1']);
        garbage.close();
      });

      test('one that throws harms nobody, at the server and at a client: it is reported', () => {
        const mine = new Error('mine');
        const fail = (): never => {
          throw mine;
        };
        const trace: HostTrace = { received: fail, sent: fail, dropped: fail };
        const doctor = { onDiagnosis: fail };
        const world = createWorld({ server: { host: { trace, doctor } } });
        const errors: unknown[] = [];
        const { client } = world.connect({
          host: { trace },
          onError: (error, where) => errors.push([error, where]),
        });
        const socket = world.net.bind('10.0.3.3', {}, () => undefined);
        if ('code' in socket) throw new Error(socket.message);
        const http = new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n');
        world.net.carry(socket, http, { ip: SERVER_IP, port: PORT });
        client.sendPacket('hello');
        world.net.advance(100);
        expect(world.log).toContainEqual(['packetReceived', 1, 'hello', 0]);
        expect(new Set(world.errors.map(({ error, where }) => `${String(error)} ${where}`))).toEqual(
          new Set(['Error: mine host.trace', 'Error: mine onDiagnosis']),
        );
        expect(new Set(errors.map(String))).toEqual(new Set(['Error: mine,host.trace']));
      });
    });
  },
  { compressions: 'none' },
);

eachMode(
  () => {
    test('a checksum that has no name cannot cross, and says so', () => {
      const checksum = (): number => 7;
      expect(() => createWorld({ server: { host: { checksum } } })).toThrow(
        /"host.checksum" expected crc32 or undefined with "thread"/,
      );
      const intercept = (): boolean => false;
      expect(() => createWorld({ server: { host: { intercept } } })).toThrow(/"host.intercept"/);
    });

    test('host.trace: what comes while nobody takes it is bounded, and counted', () => {
      const { trace, lines } = notingTrace();
      const world = createWorld({ server: { host: { trace } } });
      const { client } = world.connect();
      world.thread?.block();
      for (let round = 0; round < 30; round++) {
        client.sendRawPacket(new Uint8Array(60_000), 0, true);
        world.net.advance(200);
      }
      const before = lines.length;
      expect(world.server.getThreadCounters()?.droppedTraces).toBeGreaterThan(100);
      world.thread?.unblock();
      world.net.advance(100);
      expect(lines.length).toBeGreaterThan(before + 500);
      expect(world.server.getPeerCount()).toBe(1);
    });
  },
  { threads: [true], compressions: 'none' },
);

test('the same options work in a thread that is started by hand', () => {
  const world = createWorld({ create: false });
  const runtime = withThreads(world.net.createRuntime('10.0.0.7'));
  const { server, log } = world.createServer('10.0.0.7', { runtime, thread: { ringBytes: 65_536 } });
  expect(server.createServer(PORT)).toBe(0);
  world.createClient().client.connectToServer('10.0.0.7', PORT);
  world.net.advance(100);
  expect(log.map(([name]) => name)).toEqual(['serverStarted', 'peerConnecting', 'peerAuthenticated']);
});
