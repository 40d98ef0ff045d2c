/** Strangers throw garbage at our server while a client of libenet works with it. enet-protocol section 12. */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { expectDiagnoses } from '../../support/diagnoses.ts';
import { peer } from '../../support/peers.ts';
import { CPeer } from './cPeer.ts';
import { OurPeer } from './ourPeer.ts';
import { bothWays, openPair } from './pairing.ts';
import { PatternRandom } from './pattern.ts';
import { transports } from './transports.ts';

expectDiagnoses('noise is what it is about');

/** A CONNECT that a server takes: 2 channels, MTU 1392 (enet-protocol 13.15). */
const CONNECT = Uint8Array.from(
  Buffer.from(
    '8fff424582ff00010000ffff000005700001000000000002000000000000000000001388000000020000000286a20a5300000007',
    'hex',
  ),
);
const DATAGRAMS = 4_000;

const { isMissing, note } = peer('libenet');

describe.skipIf(isMissing).each(transports)(`our server ($name) under garbage${note}`, ({ runtime }) => {
  test('12 a running connection does not suffer, and the next client gets in', async () => {
    const server = new OurPeer('our server', runtime);
    const client = await CPeer.start('C client');
    const stranger = createSocket('udp4');
    const random = new PatternRandom(77);
    try {
      const connection = await openPair({ server, client }, { server: { peers: 64 }, client: { count: 2 } });
      const ways = bothWays({ server, client }, connection);
      for (const { to } of ways) await to.actor.run('expect', { peer: to.peer, channels: 2 });
      for (const { from } of ways) {
        await from.actor.run('traffic', { peer: from.peer, channels: 2, ms: 1_000, rate: 300, seed: 31 });
      }
      for (let i = 0; i < DATAGRAMS; i++) {
        stranger.send(garbage(random), connection.port, '127.0.0.1');
        // About four a millisecond, so that the socket of the server can take them all.
        if (i % 40 === 39) await sleep(10);
      }
      for (const { to } of ways) {
        const report = await to.actor.inbox.wait('traffic', { peer: to.peer }, 15_000);
        expect(report.violations, `${to.actor.name}: ${JSON.stringify(report)}`).toBe(0);
        expect(report.received[1]).toBe(report.announced[1]);
      }
      expect((await server.run('stats'))['receivedPackets']).toBeGreaterThan(DATAGRAMS / 2);
      // Garbage may look like a CONNECT and hold slots for a while, but it never completes a handshake.
      expect(server.inbox.rest()).toEqual([]);

      await client.run('connect', { host: 1, port: connection.port, data: 5 });
      await client.inbox.wait('connect', { host: 1 });
      await server.inbox.wait('connect', { data: 5 });
    } finally {
      stranger.close();
      await Promise.all([server.close(), client.close()]);
    }
  });
});

/** Random bytes, or a CONNECT with a few random bytes in it, perhaps cut off. */
function garbage(random: PatternRandom): Uint8Array {
  if (random.next() % 2 === 0) {
    const bytes = new Uint8Array(random.next() % 200);
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.next();
    // Most of it shall get past the first look: to a slot that exists, or to none.
    if (bytes.length > 2) bytes.set(random.next() % 2 === 0 ? [0x8f, 0xff] : [0x80, random.next() % 4]);
    return bytes;
  }
  const bytes = Uint8Array.from(CONNECT);
  for (let i = random.next() % 4; i >= 0; i--) bytes[random.next() % bytes.length] = random.next();
  return bytes.subarray(0, random.next() % 3 === 0 ? random.next() % bytes.length : bytes.length);
}
