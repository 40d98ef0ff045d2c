import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PacketQueue, type ReceivedPacket } from '../../src/godot/packetQueue.ts';
import { fcParameters } from '../support/fc.ts';

test('it behaves like an array', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -150, max: 200 }), { maxLength: 30 }), (moves) => {
      const queue = new PacketQueue();
      const model: ReceivedPacket[] = [];
      let count = 0;
      for (const move of moves) {
        let isSame = true;
        for (let i = 0; i < Math.abs(move); i++) {
          if (move > 0) {
            const packet = { bytes: Uint8Array.of(count), flags: count++ };
            queue.push(packet);
            model.push(packet);
          } else {
            isSame &&= queue.shift() === model.shift();
          }
          isSame &&= queue.length === model.length && queue.next === model[0];
        }
        expect(isSame).toBe(true);
      }
    }),
    fcParameters(),
  );
});
