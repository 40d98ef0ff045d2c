/**
 * A server with a network thread whose application is busy, under virtual time: what the thread does alone, what waits for
 * the application, and what both agree on afterwards. docs/decisions/0004-network-thread.md.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { AuthMode } from '../../src/server/constants.ts';
import type { ENetServerOptions } from '../../src/server/options.ts';
import type { SimNetworkOptions } from '../../src/testing/SimNetwork.ts';
import { fcParameters } from '../support/fc.ts';
import type { ThreadedRuntime } from '../support/simThread.ts';
import { brokenRules } from './order.ts';
import { createWorld, type Emission, eachMode, PORT, SERVER_IP, type ServerWorld, settle } from './world.ts';

type Blockable = ServerWorld & { readonly thread: ThreadedRuntime };

function threadWorld(server: ENetServerOptions = {}, net: SimNetworkOptions = {}): Blockable {
  const world = createWorld({ server, net });
  if (world.thread === undefined) throw new Error('this world has no thread');
  return { ...world, thread: world.thread };
}

/** The numbers that were received, by the peer (1) or by what the packet says of its sender (2). */
function numbersOf(log: readonly Emission[], by: 1 | 2): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const [name, peer, packet] of log) {
    if (name !== 'packetReceived') continue;
    const { who, n } = packet as { who: number; n: number };
    const key = by === 1 ? Number(peer) : who;
    found.set(key, [...(found.get(key) ?? []), n]);
  }
  return found;
}

/** The refusals that occurred. */
function refusals(world: ServerWorld): Record<string, number> {
  return Object.fromEntries([...world.server.ops.refusals()].filter(([, count]) => count > 0));
}

/** How many datagrams the server sends from now on. */
function countAnswers(world: ServerWorld): () => number {
  let count = 0;
  world.net.onDatagram(({ from, fate }) => {
    if (from.ip === SERVER_IP && fate === 'sent') count++;
  });
  return () => count;
}

eachMode(
  () => {
    describe('connections', () => {
      test('are made without the application when it does not want to be asked', () => {
        const world = threadWorld();
        world.thread.block();
        const { client } = world.createClient();
        client.connectToServer(SERVER_IP, PORT);
        world.net.advance(200);
        expect(client.isConnectedToServer()).toBe(true);
        expect(world.server.getPeerCount()).toBe(0);
        world.thread.unblock();
        world.net.advance(1);
        expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
      });

      test('are refused by rules and rates without the application', () => {
        const world = threadWorld({
          deny: ['10.0.9.0/24'],
          limits: { connectBurstPerAddress: 1, connectsPerSecPerAddress: 0.001, maxPeersPerAddress: 1 },
        });
        const answers = countAnswers(world);
        world.thread.block();
        world
          .createClient({ runtime: world.net.createRuntime('10.0.9.9') })
          .client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        expect(answers()).toBe(0);
        for (let i = 0; i < 3; i++) {
          world
            .createClient({ runtime: world.net.createRuntime('10.0.8.8') })
            .client.connectToServer(SERVER_IP, PORT);
        }
        world.net.advance(100);
        // The application can ask for the numbers before it takes its events.
        expect(refusals(world)).toEqual({ ADDRESS_DENIED: 1, TOO_MANY_FROM_ADDRESS: 2 });
        expect(world.server.ops.trackedAddresses).toBe(1);
        world.thread.unblock();
        world.net.advance(1);
        expect(world.server.getPeerCount()).toBe(1);
      });

      test('a door that was closed before stays closed', () => {
        const world = threadWorld();
        world.server.ops.acceptsPeers = false;
        world.net.advance(1);
        world.thread.block();
        world.createClient().client.connectToServer(SERVER_IP, PORT);
        world.net.advance(300);
        expect(refusals(world)).toEqual({ DRAINING: 1 });
      });
    });

    describe('admit', () => {
      test('is asked once for an attempt, however often it is repeated meanwhile; the answer goes on with it', () => {
        const asked: unknown[] = [];
        const world = threadWorld({
          admit: (address, data) => {
            asked.push([address.ip, data]);
            return true;
          },
        });
        const answers = countAnswers(world);
        let attempts = 0;
        world.net.onDatagram(({ to, fate }) => {
          if (to.ip === SERVER_IP && fate === 'delivered') attempts++;
        });
        world.thread.block();
        const { client } = world.createClient();
        client.connectToServer(SERVER_IP, PORT);
        world.net.advance(8000);
        expect(attempts).toBeGreaterThan(2);
        expect([asked, answers()]).toEqual([[], 0]);
        expect(world.server.ops.metrics().drops.get('NOT_ADMITTED')).toBeUndefined();
        const received = world.server.ops.metrics().datagramsReceived;
        expect(received).toBe(attempts);
        world.thread.unblock();
        world.net.advance(100);
        expect(asked).toEqual([['10.0.1.1', 0]]);
        expect(client.isConnectedToServer()).toBe(true);
        expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
        // The answer was given to the last repetition: the round-trip time has nothing of the wait.
        expect(client.getPing()).toBeLessThan(700);
        expect(refusals(world)).toEqual({});
      });

      test('that refuses: no answer, no slot, counted as without a thread', () => {
        const world = threadWorld({ admit: () => false });
        const answers = countAnswers(world);
        world.thread.block();
        world.createClient().client.connectToServer(SERVER_IP, PORT);
        world.net.advance(3000);
        world.thread.unblock();
        world.net.advance(10);
        expect(answers()).toBe(0);
        expect(refusals(world)).toEqual({ NOT_ADMITTED: 1 });
        expect(world.server.ops.metrics().drops.get('NOT_ADMITTED')).toBe(1);
      });

      test('the rules come first: whoever they refuse is not asked about', () => {
        let asked = 0;
        const world = threadWorld({
          deny: ['10.0.1.0/24'],
          admit: () => {
            asked++;
            return true;
          },
        });
        world.createClient().client.connectToServer(SERVER_IP, PORT);
        world.net.advance(300);
        expect([asked, refusals(world)]).toEqual([0, { ADDRESS_DENIED: 1 }]);
      });

      test('those who wait for it are bounded, from one address and in all', () => {
        const world = threadWorld({
          admit: () => true,
          limits: { maxHalfOpen: 5, maxHalfOpenPerAddress: 2 },
        });
        world.thread.block();
        const crowd = [
          ...Array.from({ length: 4 }, () => world.net.createRuntime('10.0.8.8')),
          ...Array.from({ length: 6 }, (_, i) => world.net.createRuntime(`10.0.7.${i + 1}`)),
        ].map((runtime) => world.createClient({ runtime }).client);
        for (const client of crowd) client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        expect(world.server.getThreadCounters()?.refusedConnects).toBe(5);
        world.thread.unblock();
        world.net.advance(100);
        expect(crowd.filter((client) => client.isConnectedToServer())).toHaveLength(5);
        // The others have repeated their attempts by then.
        world.net.advance(5000);
        expect(crowd.every((client) => client.isConnectedToServer())).toBe(true);
      });

      test('an attempt that was given up long ago is forgotten', () => {
        let asked = 0;
        const world = threadWorld({
          admit: () => {
            asked++;
            return true;
          },
          limits: { maxHalfOpenPerAddress: 1 },
        });
        world.thread.block();
        const gone = world.createClient({ runtime: world.net.createRuntime('10.0.8.8') });
        gone.client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        gone.client.disconnectFromServer();
        world.net.advance(40_000);
        const late = world.createClient({ runtime: world.net.createRuntime('10.0.8.8') });
        late.client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        world.thread.unblock();
        world.net.advance(100);
        expect(late.client.isConnectedToServer()).toBe(true);
        // The old question was asked, too, but its answer finds nobody.
        expect(asked).toBe(2);
        expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
      });

      test('that stops the server, and a server that was stopped while strangers waited', () => {
        let stop = (): void => undefined;
        const world = threadWorld({
          admit: () => {
            stop();
            return true;
          },
        });
        stop = () => world.server.stopServer();
        world.createClient().client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        expect(world.server.isServerActive()).toBe(false);
        stop = () => undefined;
        expect(world.server.createServer(PORT)).toBe(0);
        world.thread.block();
        world.createClient().client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        world.server.stopServer();
        world.thread.unblock();
        world.net.advance(1000);
        expect(world.errors).toEqual([]);
        expect(world.names()).not.toContain('peerConnecting');
      });
    });

    describe('a login that does not come', () => {
      test('is ended by the thread with the reason ahead, and told to the application afterwards', () => {
        const world = threadWorld({ kickReasonEvent: 'kicked' });
        world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
        world.server.setAuthenticationTimeout(1);
        const { client, log } = world.connect();
        world.thread.block();
        world.net.advance(2000);
        expect(log.map(([name]) => name)).toEqual([
          'connectedToServer',
          'unknownEventReceived',
          'packetReceived',
          'rawPacketReceived',
          'disconnectedFromServer',
        ]);
        expect(log[1]).toEqual(['unknownEventReceived', 'kicked', { reason: 'Authentication timeout' }, 0]);
        expect(client.isConnectedToServer()).toBe(false);
        world.thread.unblock();
        world.net.advance(100);
        expect(world.names()).toEqual(['peerConnecting', 'peerDisconnected']);
        expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication timeout']);
        expect(refusals(world)).toEqual({ LOGIN_TIMEOUT: 1 });
      });

      test('an application that is free says so itself, once', () => {
        const world = threadWorld({ kickReasonEvent: 'kicked' });
        world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
        world.server.setAuthenticationTimeout(1);
        const { log } = world.connect();
        world.net.advance(3000);
        expect(log.filter(([name]) => name === 'unknownEventReceived')).toHaveLength(1);
        expect(world.log.at(-1)).toEqual(['peerDisconnected', 1, 'Authentication timeout']);
      });

      test('one that waits to be read is in time', () => {
        const world = threadWorld();
        world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
        world.server.setCustomAuthenticator(() => true);
        world.server.setAuthenticationTimeout(1);
        const { client } = world.connect();
        world.thread.block();
        client.sendPacket({ token: 1 });
        world.net.advance(20_000);
        expect(client.isConnectedToServer()).toBe(true);
        world.thread.unblock();
        world.net.advance(100);
        expect(world.names()).toEqual(['peerConnecting', 'peerAuthenticated']);
      });
    });

    test('while the ring is full, whoever leaves with nothing unread makes room for the next one', () => {
      const world = createWorld({
        server: { thread: { ringBytes: 65_536 }, limits: { packetsPerSec: 0, bytesPerSec: 0 } },
        create: [PORT, 2],
      });
      const { client: talker } = world.connect();
      const { client: leaver } = world.connect();
      world.thread?.block();
      for (let i = 0; i < 3000; i++) talker.sendPacket({ i, filling: 'x'.repeat(40) });
      world.net.advance(500);
      expect(world.server.getThreadCounters()?.isHolding).toBe(true);
      leaver.disconnectFromServer();
      world.net.advance(500);
      const { client: next } = world.createClient();
      next.connectToServer(SERVER_IP, PORT);
      world.net.advance(500);
      expect(next.isConnectedToServer()).toBe(true);
      world.thread?.unblock();
      world.net.advance(5000);
      const ends = world.log.filter(([name]) => name === 'peerDisconnected' || name === 'peerConnecting');
      expect(ends.map(([name, peer]) => [name, peer])).toEqual([
        ['peerConnecting', 1],
        ['peerConnecting', 2],
        ['peerDisconnected', 2],
        ['peerConnecting', 3],
      ]);
      expect(world.log.filter(([name]) => name === 'packetReceived')).toHaveLength(3000);
    });

    test('random blocks on a bad network: the order of signals holds, nothing reliable is lost, nobody is forgotten', async () => {
      const step = fc.tuple(
        fc.constantFrom('connect', 'leave', 'send', 'send', 'send', 'block', 'unblock', 'pass', 'pass'),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 60 }),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 10, maxLength: 60 }),
          fc.integer(),
          async (steps, seed) => {
            const world = threadWorld(
              {
                thread: { ringBytes: 65_536, maxQueuedBytes: 65_536 },
                limits: { packetsPerSec: 0, bytesPerSec: 0 },
                admit: () => true,
              },
              { seed, loss: 0.05, jitterMs: 20 },
            );
            const clients = Array.from({ length: 4 }, () => world.createClient().client);
            const sent = [0, 0, 0, 0];
            /** Those who never left: nothing of theirs may be missing. */
            const clean = new Set(clients.keys());
            for (const client of clients) client.connectToServer(SERVER_IP, PORT);
            world.net.advance(3000);
            for (const [name, who, amount] of steps) {
              const client = clients[who];
              if (name === 'connect') client?.connectToServer(SERVER_IP, PORT);
              else if (name === 'leave') {
                client?.disconnectFromServer();
                clean.delete(who);
              } else if (name === 'block') world.thread.block();
              else if (name === 'unblock') world.thread.unblock();
              else if (name === 'pass') world.net.advance(amount * 50);
              else {
                for (let i = 0; i < amount; i++) {
                  const packet = { who, n: sent[who] ?? 0, filling: 'x'.repeat(amount * 40) };
                  if (client?.sendPacket(packet) === 0) sent[who] = packet.n + 1;
                }
              }
            }
            world.thread.unblock();
            world.net.advance(90_000);
            const connected = clients.filter((client) => client.isConnectedToServer());
            expect(world.server.getPeerCount()).toBe(connected.length);
            for (const [peer, numbers] of numbersOf(world.log, 1)) {
              expect(numbers, `peer ${peer}`).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
            }
            for (const [who, numbers] of numbersOf(world.log, 2)) {
              const isStill = clients[who]?.isConnectedToServer() === true && clean.has(who);
              if (isStill) expect(numbers.at(-1), `client ${who}`).toBe((sent[who] ?? 0) - 1);
            }
            world.server.stopServer();
            await settle();
            expect(brokenRules(world.log)).toEqual([]);
            expect(world.errors).toEqual([]);
          },
        ),
        fcParameters(60),
      );
    });

    test('a thread that dies ends every peer and the server once, and the server starts again', () => {
      const world = threadWorld();
      world.connect();
      world.connect();
      world.thread.kill(new Error('struck by lightning'));
      world.net.advance(10);
      expect(world.errors.map(({ where }) => where)).toEqual(['network thread']);
      expect(world.server.isServerActive()).toBe(false);
      expect(world.server.createServer(PORT)).toBe(0);
      world.net.advance(40_000);
      world.connect();
      expect(world.names()).toEqual([
        'peerConnecting',
        'peerAuthenticated',
        'peerConnecting',
        'peerAuthenticated',
        'peerDisconnected',
        'peerDisconnected',
        'serverStopped',
        'peerConnecting',
        'peerAuthenticated',
      ]);
    });

    test('the connect data of an attempt reaches admit unsigned', () => {
      const seen: number[] = [];
      const world = threadWorld({
        admit: (_address, data) => {
          seen.push(data);
          return true;
        },
      });
      const connection = new ENetConnection({ runtime: world.net.createRuntime('10.0.2.1') });
      connection.createHost(1, 2);
      connection.connectToHost(SERVER_IP, PORT, 2, 4_294_967_295);
      for (let i = 0; i < 10; i++) {
        connection.service();
        world.net.advance(10);
      }
      connection.destroy();
      expect(seen).toEqual([4_294_967_295]);
    });
  },
  { threads: [true], compressions: 'none' },
);
