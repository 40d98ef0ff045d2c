/** A goodbye, a timeout, a kick and a lost connection are told apart: in the cause, the metrics and the logs. */
import { expect, test } from 'vitest';
import { createPrometheusMetrics, logServer } from '../../src/ops.ts';
import type { ENetServerOptions } from '../../src/server/options.ts';
import { AuthMode, DisconnectCause } from '../../src/server.ts';
import { createWorld, eachMode, PORT, SERVER_IP, type ServerWorld } from './world.ts';

const { GOODBYE, TIMEOUT, NO_ANSWER, LOCAL, UNRESOLVED, KICK, LOGIN_REFUSED, LIMIT, SHUTDOWN } =
  DisconnectCause;

/** A world whose server notes the end of each peer: reason and cause. */
function watched(options: ENetServerOptions = {}): ServerWorld & { ends: [string, unknown][] } {
  const world = createWorld({ server: options });
  const ends: [string, unknown][] = [];
  world.server.on('peerDisconnected', (peer, reason) => ends.push([reason, peer.disconnectCause]));
  return { ...world, ends };
}

eachMode(
  () => {
    test('a goodbye, a timeout, a kick and the end of the server', async () => {
      const world = watched();
      const [leaver, silent, kicked, last] = [1, 2, 3, 4].map(() => world.connect());
      if (!leaver || !silent || !kicked || !last) throw new Error('four clients');
      expect(world.server.getPeer(1)?.disconnectCause).toBeUndefined();
      leaver.client.disconnectFromServer('bye');
      world.net.advance(500);
      world.server.kickPeer(3, 'Cheating');
      world.net.advance(500);
      world.net.partition(['10.0.1.2'], [SERVER_IP]);
      world.net.advance(60_000);
      world.server.stopServer();
      world.net.advance(500);
      await new Promise(setImmediate);
      expect(world.ends).toEqual([
        ['Connection lost', GOODBYE],
        ['Cheating', KICK],
        ['Connection lost', TIMEOUT],
        ['Server stopped', SHUTDOWN],
      ]);
      const clients = [leaver, silent, kicked, last].map(({ client }) => client.disconnectCause);
      expect(clients).toEqual([LOCAL, TIMEOUT, GOODBYE, GOODBYE]);
      const metrics = world.server.ops.metrics();
      expect(metrics.disconnections).toBe(4);
      const { disconnectionsByCause } = metrics;
      expect([...disconnectionsByCause.keys()]).toEqual(Object.values(DisconnectCause));
      expect([...disconnectionsByCause].filter(([, count]) => count > 0)).toEqual([
        [GOODBYE, 1],
        [TIMEOUT, 1],
        [KICK, 1],
        [SHUTDOWN, 1],
      ]);
    });

    test('a login that is refused or does not come, and limits', () => {
      const world = watched({ limits: { packetsPerSec: 5, packetBurst: 5 } });
      world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      world.server.setAuthenticationTimeout(2);
      world.server.setCustomAuthenticator((_peer, login) => login.get('name') === 'ann');
      const [ann, bob] = [world.connect(), world.connect(), world.connect()];
      ann?.client.sendPacket({ name: 'ann' });
      bob?.client.sendPacket({ name: 'bob' });
      world.net.advance(3000);
      for (let count = 0; count < 50; count++) ann?.client.sendPacket('spam');
      world.net.advance(1000);
      expect(world.ends).toEqual([
        ['Authentication failed', LOGIN_REFUSED],
        ['Authentication timeout', LOGIN_REFUSED],
        ['Too much data', LIMIT],
      ]);
      world.server.stopServer();
    });

    test('the log and Prometheus have it', async () => {
      const world = watched();
      const lines: object[] = [];
      const note = (fields: object): void => void lines.push(fields);
      logServer(world.server, { debug: () => undefined, info: note, warn: note, error: note });
      const prometheus = await createPrometheusMetrics(world.server);
      const { client } = world.connect();
      client.disconnectFromServer();
      world.net.advance(500);
      expect(lines).toContainEqual(expect.objectContaining({ reason: 'Connection lost', cause: GOODBYE }));
      const text = (await prometheus.text()).split('\n');
      expect(text).toContain('godot_enet_disconnections_total{cause="GOODBYE"} 1');
      expect(text).toContain('godot_enet_disconnections_total{cause="TIMEOUT"} 0');
      world.server.stopServer();
    });
  },
  { compressions: 'none' },
);

test('a client: nobody answers, a name without an address, and a new attempt', () => {
  const world = createWorld();
  const { client } = world.createClient({ connectTimeoutMs: 700 });
  expect(client.disconnectCause).toBeUndefined();
  client.connectToServer(SERVER_IP, PORT + 1);
  world.net.advance(1000);
  expect(client.disconnectCause).toBe(NO_ANSWER);
  client.connectToServer('nobody.example', PORT);
  expect(client.disconnectCause).toBeUndefined();
  world.net.advance(1000);
  expect(client.disconnectCause).toBe(UNRESOLVED);
  client.connectToServer(SERVER_IP, PORT);
  world.net.advance(1000);
  expect([client.isConnectedToServer(), client.disconnectCause]).toEqual([true, undefined]);
  world.server.stopServer();
});
