/** The containers of the core against obvious models. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fifo } from '../../src/enet/fifo.ts';
import { Packet } from '../../src/enet/packet.ts';
import { AcknowledgeQueue } from '../../src/enet/state/acknowledgeQueue.ts';
import { DeadlineHeap } from '../../src/enet/state/deadlineHeap.ts';
import { CommandPool, InFlightTable, OutgoingCommand } from '../../src/enet/state/outgoing.ts';
import { SlotSet } from '../../src/enet/state/slotSet.ts';
import { fcParameters } from '../support/fc.ts';

const SLOTS = 70;

describe('DeadlineHeap', () => {
  const act = fc.record({
    kind: fc.integer({ min: 0, max: 4 }),
    slot: fc.integer({ min: 0, max: SLOTS - 1 }),
    at: fc.integer({ min: 0, max: 500 }),
  });
  test('gives the earliest first, keeps the earlier of two, across the wrap', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 300 }), fc.constantFrom(1000, 0xffff_ff00), (acts, start) => {
        const heap = new DeadlineHeap(SLOTS);
        const model = new Map<number, number>();
        let now = 0;
        const earliest = (): number => Math.min(...model.values());
        for (const { kind, slot, at } of acts) {
          if (kind <= 2) {
            heap.schedule(slot, (start + at) >>> 0);
            model.set(slot, Math.min(at, model.get(slot) ?? at));
          } else if (kind === 3) {
            heap.cancel(slot);
            model.delete(slot);
          } else {
            now = Math.max(now, at);
            for (
              let due = heap.popDue((start + now) >>> 0);
              due >= 0;
              due = heap.popDue((start + now) >>> 0)
            ) {
              expect(model.get(due)).toBe(earliest());
              model.delete(due);
            }
            expect(earliest()).toBeGreaterThan(now);
          }
          expect(heap.earliest).toBe(model.size === 0 ? undefined : (start + earliest()) >>> 0);
        }
      }),
      fcParameters(200),
    );
  });
});

test('SlotSet visits its members in ascending order', () => {
  const slots = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 4094 })), { maxLength: 200 });
  fc.assert(
    fc.property(slots, (acts) => {
      const set = new SlotSet(4095);
      const model = new Set<number>();
      for (const [isAdded, slot] of acts) {
        if (isAdded) set.add(slot);
        else set.delete(slot);
        if (isAdded) model.add(slot);
        else model.delete(slot);
        expect(set.has(slot)).toBe(isAdded);
      }
      const visited: number[] = [];
      for (let slot = set.next(0); slot >= 0; slot = set.next(slot + 1)) visited.push(slot);
      expect(visited).toEqual([...model].sort((a, b) => a - b));
    }),
    fcParameters(200),
  );
});

test('Fifo keeps the order while it grows and wraps', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 200 }), (acts) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const act of acts) {
        if (act === -3) {
          fifo.clear();
          model.length = 0;
        } else if (act < 0) {
          expect(fifo.shift()).toBe(model.shift());
        }
        for (let i = 0; i < act; i++) {
          fifo.push(next);
          model.push(next++);
        }
        expect(fifo.length).toBe(model.length);
      }
      while (model.length > 0) expect(fifo.shift()).toBe(model.shift());
      expect(fifo.shift()).toBeUndefined();
    }),
    fcParameters(200),
  );
});

test('AcknowledgeQueue gives what came in, in order, while it grows and wraps', () => {
  const act = fc.option(
    fc.tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.nat(255),
      fc.nat(65_535),
      fc.nat(65_535),
      fc.integer({ min: 1, max: 9 }),
    ),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
      const queue = new AcknowledgeQueue();
      const model: [number, number][] = [];
      const takeFirst = (): void => {
        const [first, sentTime] = model.shift() ?? [];
        expect(queue.first >>> 0).toBe(first);
        expect(queue.firstSentTime).toBe(sentTime);
        queue.shift();
      };
      for (const made of acts) {
        if (made === null) {
          if (model.length > 0) takeFirst();
        } else {
          const [command, channelId, seq, sentTime, count] = made;
          for (let i = 0; i < count; i++) {
            queue.push(command, channelId, seq, sentTime);
            model.push([((command << 24) | (channelId << 16) | seq) >>> 0, sentTime]);
          }
        }
        expect(queue.length).toBe(model.length);
      }
      while (model.length > 0) takeFirst();
      expect(queue.length).toBe(0);
    }),
    fcParameters(200),
  );
});

test('CommandPool keeps no more than its limit, nothing of what was sent, and gives commands as new ones', () => {
  const pool = new CommandPool(2);
  const packet = new Packet(new Uint8Array(3), 0);
  const taken = Array.from({ length: 3 }, () => pool.take(0x86, 1, 6, packet, 5, 7));
  for (const command of taken) {
    expect(command).toEqual({
      ...new OutgoingCommand(),
      command: 0x86,
      channelId: 1,
      size: 6,
      packet,
      offset: 5,
      length: 7,
    });
    for (const [name, value] of Object.entries(command)) {
      if (typeof value === 'number') Object.assign(command, { [name]: 99 });
    }
    command.isInFlight = true;
    command.body = new Uint8Array(1);
    pool.release(command);
    expect([command.packet, command.body]).toEqual([undefined, undefined]);
  }
  expect(pool.size).toBe(2);
  expect({ ...pool.take(1, 2, 3, undefined, 0, 4) }).toEqual({
    ...new OutgoingCommand(),
    command: 1,
    channelId: 2,
    size: 3,
    length: 4,
  });
});

describe('InFlightTable', () => {
  const command = (seq: number): OutgoingCommand => {
    const made = new OutgoingCommand();
    made.reliableSeq = seq;
    return made;
  };

  test('finds what is in it, and nothing else', () => {
    const acts = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 65_535 })), { maxLength: 300 });
    fc.assert(
      fc.property(acts, (list) => {
        const table = new InFlightTable();
        const model = new Map<number, OutgoingCommand>();
        for (const [isAdded, seq] of list) {
          const known = model.get(seq);
          if (isAdded && known === undefined) {
            const made = command(seq);
            table.set(made);
            model.set(seq, made);
          } else if (!isAdded && known !== undefined) {
            table.delete(known);
            model.delete(seq);
          }
          expect(table.get(seq)).toBe(model.get(seq));
        }
        for (const [seq, made] of model) expect(table.get(seq)).toBe(made);
      }),
      fcParameters(100),
    );
  });

  test('of two with the same number the older one keeps the place', () => {
    const table = new InFlightTable();
    const [older, newer] = [command(7), command(7)];
    table.set(older);
    table.set(newer);
    expect(table.get(7)).toBe(older);
    table.delete(newer);
    expect(table.get(7)).toBe(older);
    table.delete(older);
    table.set(newer);
    expect(table.get(7)).toBe(newer);
  });
});
