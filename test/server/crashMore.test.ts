/** Every other kind of application code that fails: hooks, promises, typed events, validators, loggers; nobody notices. */
import { describe, expect, test } from 'vitest';
import { loggingOptions, logServer } from '../../src/ops.ts';
import { AuthMode, defineEvents, payload, TypedServerEvents } from '../../src/server.ts';
import { createWorld, eachMode, PORT, SERVER_IP, type ServerWorld, settle } from './world.ts';

const broken = (): never => {
  throw new Error('broken');
};
/** A schema whose validator does what a test wants. */
const schema = (validate: () => never) => ({
  '~standard': { version: 1, vendor: 'test', validate } as const,
});

/** Another client is still served. */
function expectServed(world: ServerWorld): void {
  const { client } = world.connect();
  const before = world.server.ops.metrics().packetsReceived;
  client.sendPacket('hello');
  world.net.advance(100);
  expect(world.server.ops.metrics().packetsReceived).toBe(before + 1);
}

const wheres = (world: ServerWorld): string[] => world.errors.map(({ where }) => where);

eachMode(
  () => {
    test('a peerPrelogin handler that throws: reported, and the timeout ends the peer', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_PRELOGIN_ONLY);
      world.server.setAuthenticationTimeout(1);
      world.server.on('peerPrelogin', broken);
      world.connect().client.sendPacket({ name: 'a' });
      world.net.advance(1500);
      expect(wheres(world)).toEqual(['signal peerPrelogin']);
      expect(world.server.getPeerCount()).toBe(0);
      world.server.setAuthenticationMode(AuthMode.AUTH_NONE);
      expectServed(world);
    });

    test('an authenticator that throws at once: reported and refused', () => {
      const world = createWorld();
      world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
      world.server.setCustomAuthenticator(broken);
      world.connect().client.sendPacket({ name: 'a' });
      world.net.advance(200);
      expect(wheres(world)).toEqual(['authenticator']);
      expect(world.log).toContainEqual(['peerDisconnected', 1, 'Authentication failed']);
    });

    test('async handlers that reject, of signals, events and typed events: reported once each', async () => {
      const world = createWorld();
      const reject = async (): Promise<void> => {
        await Promise.resolve();
        throw new Error('later');
      };
      world.server.on('packetReceived', reject);
      world.server.registerEvent('known', reject);
      const contract = defineEvents({ toServer: { typed: payload<object>() }, toClient: {} });
      new TypedServerEvents(world.server, contract).registerEvent('typed', reject);
      const { client } = world.connect();
      client.sendPacket('a');
      client.triggerEvent('known', {});
      client.triggerEvent('typed', {});
      world.net.advance(100);
      await settle();
      expect(wheres(world).sort()).toEqual(['event known', 'event typed', 'signal packetReceived']);
      expectServed(world);
    });

    test('a typed event: a handler that throws is reported; a validator that throws or rejects refuses the payload', async () => {
      const world = createWorld();
      const called: string[] = [];
      const invalid: string[] = [];
      const contract = defineEvents({
        toServer: {
          fine: payload<object>(),
          throws: schema(broken),
          // A validator that answers with a promise, which rejects.
          rejects: schema(() => Promise.reject(new Error('later')) as never),
        },
        toClient: {},
      });
      const events = new TypedServerEvents(world.server, contract, {
        onInvalid: (name) => invalid.push(name),
      });
      events.registerEvent('fine', broken);
      events.registerEvent('throws', () => called.push('throws'));
      events.registerEvent('rejects', () => called.push('rejects'));
      const { client } = world.connect();
      for (const name of ['fine', 'throws', 'rejects']) client.triggerEvent(name, {});
      world.net.advance(100);
      await settle();
      expect(wheres(world)).toEqual(['event fine']);
      expect(called).toEqual([]);
      expect(invalid).toEqual(['throws', 'rejects']);
      expect(world.server.ops.refusals().get('EVENT_INVALID')).toBe(2);
      expect(client.isConnectedToServer()).toBe(true);
      expectServed(world);
    });

    test('an onInvalid that throws, too: reported, and the payload is refused all the same', () => {
      const world = createWorld();
      const contract = defineEvents({ toServer: { throws: schema(broken) }, toClient: {} });
      const called: string[] = [];
      const events = new TypedServerEvents(world.server, contract, { onInvalid: broken });
      events.registerEvent('throws', () => called.push('throws'));
      world.connect().client.triggerEvent('throws', {});
      world.net.advance(100);
      expect(called).toEqual([]);
      expect(wheres(world)).toEqual(['onInvalid']);
      expectServed(world);
    });

    test('an admit hook that throws: reported and refused; the next one is asked anew', () => {
      let fails = true;
      const world = createWorld({ server: { admit: () => (fails ? broken() : true) } });
      const { client } = world.createClient();
      client.connectToServer(SERVER_IP, PORT);
      world.net.advance(100);
      expect(client.isConnectedToServer()).toBe(false);
      expect(wheres(world)).toContain('admit');
      expect(world.server.ops.refusals().get('NOT_ADMITTED')).toBeGreaterThan(0);
      fails = false;
      expectServed(world);
    });

    test('an admit hook that answers with a promise, which is a mistake: reported and refused, and its rejection ends nothing', async () => {
      for (const name of ['admit', 'host.admit']) {
        // As from JavaScript, where no type says that a promise is no answer.
        const admit = (() => Promise.reject(new Error('late'))) as unknown as () => boolean;
        const world = createWorld({ server: name === 'admit' ? { admit } : { host: { admit } } });
        const { client } = world.createClient();
        client.connectToServer(SERVER_IP, PORT);
        world.net.advance(100);
        await settle();
        expect(client.isConnectedToServer()).toBe(false);
        expect(world.server.ops.refusals().get('NOT_ADMITTED')).toBeGreaterThan(0);
        expect(String(world.errors[0]?.error)).toContain(
          `"${name}" expected an answer at once, got a promise`,
        );
      }
    });

    test('an onTrace that throws: reported, and what was traced is done', () => {
      const world = createWorld({ server: { onTrace: broken } });
      world.server.kickPeer(77);
      expect(wheres(world)).toEqual(['onTrace']);
      expectServed(world);
    });

    describe('a logger that throws', () => {
      test('for a signal: reported to onError, and everybody is served', async () => {
        const world = createWorld();
        const logger = { debug: broken, info: broken, warn: broken, error: broken };
        logServer(world.server, logger);
        const { client } = world.connect();
        client.disconnectFromServer();
        world.net.advance(100);
        expect(new Set(wheres(world))).toEqual(
          new Set([
            'signal serverStarted',
            'signal peerConnecting',
            'signal peerAuthenticated',
            'signal peerDisconnected',
          ]),
        );
        expectServed(world);
        world.server.stopServer();
        await settle();
        expect(wheres(world)).toContain('signal serverStopped');
      });

      test('at debug, for a trace: reported through its error method', () => {
        const errors: object[] = [];
        const logger = {
          debug: broken,
          info: broken,
          warn: broken,
          error: (fields: object) => errors.push(fields),
        };
        const world = createWorld({ server: loggingOptions(logger) });
        world.server.kickPeer(77);
        expect(errors).toMatchObject([{ where: 'onTrace' }]);
        expectServed(world);
      });
    });
  },
  { compressions: 'none' },
);
