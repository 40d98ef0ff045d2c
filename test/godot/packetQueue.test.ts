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
        for (let i = 0; i < Math.abs(move); i++) {
          if (move > 0) {
            const packet = { bytes: Uint8Array.of(count), flags: count++ };
            queue.push(packet);
            model.push(packet);
          } else {
            expect(queue.shift()).toBe(model.shift());
          }
          expect(queue.length).toBe(model.length);
          expect(queue.next).toBe(model[0]);
        }
      }
    }),
    fcParameters(),
  );
});
