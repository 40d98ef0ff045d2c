/**
 * Attacks on the processor and the memory of a server in every compression mode, on a virtual network, inline and in its
 * thread: every player's answer comes within 50 ms on links of 20 ms, and what is worked or held is bounded.
 */
import { describe, expect, test } from 'vitest';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { GAP_TRAFFIC, gapDatagram } from '../support/gapTraffic.ts';
import {
  createArena,
  deliveredFromOthers,
  expectPlayersUnharmed,
  forgedSocket,
  overhear,
  PLAYERS,
  strangerSocket,
} from './arena.ts';
import { connectDatagram } from './datagrams.ts';
import { eachMode } from './world.ts';

expectDiagnoses('damaged datagrams are what it is about');

eachMode(({ compression }) => {
  describe('work', () => {
    test('damaged compressed datagrams, 20,000 a second, to no slot and to half-open ones', () => {
      const arena = createArena();
      const send = strangerSocket(arena, '10.0.88.8');
      arena.play(1000, (elapsed) => {
        send(connectDatagram(elapsed));
        for (let i = 0; i < 200; i++) {
          const header = i & 1 ? 0xcfff : 0xc000 | (PLAYERS + (i % 4));
          send(Uint8Array.of(header >> 8, header & 0xff, 0, 1, 0x78, 0x9c, 0x4b, i & 0xff, 3, 4, 5, 6));
        }
      });
      expectPlayersUnharmed(arena);
      expect(arena.server.getPeerCount()).toBe(PLAYERS);
      const { drops } = arena.server.ops.metrics();
      const unread = drops.get(compression === 0 ? 'NO_COMPRESSOR' : 'TOO_MUCH_TO_UNPACK') ?? 0;
      expect(unread).toBeGreaterThan(8000);
    });
  });

  if (compression !== 0) return;
  describe('memory', () => {
    test.each(Object.entries(GAP_TRAFFIC))(
      '%s from ten who do not log in: players go on, nothing reaches the application',
      (_name, traffic) => {
        const arena = createArena();
        const attackers = Array.from({ length: 10 }, (_, index) => {
          const listen = overhear(arena, `10.0.1.${PLAYERS + index + 1}`);
          arena.connect();
          const { address, peerId, session } = listen();
          return { send: forgedSocket(arena, address), peerId, session };
        });
        let index = 0;
        arena.play(1000, () => {
          for (const { send, peerId, session } of attackers) {
            for (let i = 0; i < 3; i++) send(gapDatagram(traffic, index + i, peerId, session));
          }
          index += 3;
        });
        expectPlayersUnharmed(arena);
        expect(deliveredFromOthers(arena)).toBe(0);
      },
    );
  });
});
