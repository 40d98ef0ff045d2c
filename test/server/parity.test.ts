/**
 * The network thread behaves as the host inline does: the same script in both, under virtual time, gives the same signals,
 * results and counters. docs/decisions/0004-network-thread.md.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AuthMode } from '../../src/server/constants.ts';
import { fcParameters } from '../support/fc.ts';
import {
  createWorld,
  inMode,
  type LoggedClient,
  PORT,
  SERVER_IP,
  type ServerWorld,
  settle,
} from './world.ts';

/** One step of a script; `who` is a client or a peer id. */
type Step = readonly [name: StepName, who: number, amount: number];

const STEPS = [
  'connect',
  'leave',
  'send',
  'sendUnreliable',
  'sendLarge',
  'event',
  'login',
  'kick',
  'reply',
  'replyTooLarge',
  'replyBadChannel',
  'broadcast',
  'triggerAll',
  'door',
  'authMode',
  'pass',
  'passLong',
  'restart',
] as const;
type StepName = (typeof STEPS)[number];

const script: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.oneof(fc.constantFrom(...STEPS), fc.constantFrom('connect', 'pass', 'login', 'send')),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 0, max: 40 }),
  ),
  { minLength: 20, maxLength: 80 },
);

/** Does the steps in a world of its own, and gives everything that can be seen from outside. */
async function play(steps: readonly Step[], thread: boolean): Promise<unknown> {
  return inMode({ thread, compression: 0 }, async () => {
    const world = createWorld({
      server: {
        kickReasonEvent: 'kicked',
        keepSettingsOnStop: true,
        limits: {
          connectBurst: 20,
          connectsPerSec: 5,
          maxPeersPerAddress: 2,
          packetBurst: 30,
          packetsPerSec: 20,
          maxQueuedBytes: 30_000,
          maxPacketBytes: 20_000,
        },
        admit: (address) => !address.ip.endsWith('.5'),
      },
      create: [PORT, 4, 2],
    });
    world.server.setAuthenticationTimeout(2);
    world.server.registerEvent('known', (peer) => {
      peer.sendPacket({ heard: true }, 1, true);
    });
    world.server.on('peerPrelogin', (peer, login) => {
      if (login.get('name') === 'good') peer.authenticate();
      else if (login.get('name') === 'bad') peer.reject('bad name');
    });
    const clients = new Map<number, LoggedClient>();
    const results: number[] = [];
    for (const who of [1, 2, 3]) take(world, clients, results, ['connect', who, 0]);
    world.net.advance(50);
    for (const step of steps) {
      take(world, clients, results, step);
      // While admit is asked in the other thread, what arrives at the same instant is dealt with: nothing does.
      world.net.advance(0.5);
      await settle();
    }
    world.net.advance(3000);
    await settle();
    const {
      datagramsReceived,
      datagramsSent,
      datagramBytesReceived,
      datagramBytesSent,
      repeats: _repeats,
      lateAcknowledgements: _late,
      thread: _,
      ...metrics
    } = world.server.ops.metrics();
    expect(datagramsReceived + datagramsSent > 0).toBe(datagramBytesReceived + datagramBytesSent > 0);
    const { drops, refusals, ...numbers } = metrics;
    return {
      log: world.log,
      clients: [...clients.values()].map(({ log }) => log),
      results,
      numbers,
      refusals: Object.fromEntries(refusals),
      notAdmitted: drops.get('NOT_ADMITTED'),
      errors: world.errors,
    };
  });
}

function take(world: ServerWorld, clients: Map<number, LoggedClient>, results: number[], step: Step): void {
  const [name, who, amount] = step;
  const { server, net } = world;
  const client = clients.get(who)?.client;
  switch (name) {
    case 'connect': {
      const made = clients.get(who) ?? world.createClient({ runtime: net.createRuntime(`10.0.5.${who}`) });
      clients.set(who, made);
      made.client.connectToServer(SERVER_IP, PORT);
      break;
    }
    case 'leave':
      client?.disconnectFromServer();
      break;
    case 'send':
      for (let i = 0; i < amount; i++) results.push(client?.sendPacket({ i }, i % 2) ?? -1);
      break;
    case 'sendUnreliable':
      for (let i = 0; i < amount; i++) results.push(client?.sendPacket(i, 0, false) ?? -1);
      break;
    case 'sendLarge':
      results.push(client?.sendPacket(new Uint8Array(amount * 500)) ?? -1);
      break;
    case 'event':
      results.push(client?.triggerEvent(amount % 2 === 0 ? 'known' : '__proto__', { amount }) ?? -1);
      break;
    case 'login':
      results.push(client?.sendPacket({ name: amount % 3 === 0 ? 'bad' : 'good' }) ?? -1);
      break;
    case 'kick':
      server.kickPeer(who, amount % 2 === 0 ? '' : `reason ${amount}`);
      break;
    case 'reply':
      for (let i = 0; i < amount; i++) results.push(server.sendPacket(who, `reply ${i}`, 0, i % 2 === 0));
      break;
    case 'replyTooLarge':
      results.push(server.sendPacket(who, new Uint8Array(amount * 1000)));
      break;
    case 'replyBadChannel':
      results.push(server.sendPacket(who, 1, amount - 20));
      break;
    case 'broadcast':
      server.broadcastPacket(amount, amount % 2);
      break;
    case 'triggerAll':
      server.triggerEventToAll('news', { amount }, 0, true, [who]);
      break;
    case 'door':
      server.ops.acceptsPeers = amount % 4 !== 0;
      break;
    case 'authMode':
      server.setAuthenticationMode(amount % 2 === 0 ? AuthMode.AUTH_NONE : AuthMode.AUTH_PRELOGIN_ONLY);
      break;
    case 'pass':
      net.advance(amount);
      break;
    case 'passLong':
      net.advance(amount * 100);
      break;
    case 'restart':
      server.stopServer();
      net.advance(amount);
      results.push(server.createServer(PORT, 4, 2));
      break;
    default:
  }
}

test('random scripts: the same signals at server and clients, results, counters and refusals', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      expect(await play(steps, true)).toEqual(await play(steps, false));
    }),
    fcParameters(150),
  );
}, 120_000);
