/** Clients that have not loaded yet: announced again without gates, left alone with them. */
import { describe, expect, test } from 'vitest';
import { TypedArray, VariantType } from '../../codec/index.ts';
import type { MirrorNode } from '../../schema/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { confirmId, idOf, simplify, WireRoom } from './wireRoom.ts';

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = {
    hit: rpc('any_peer').args('int'),
    moved: rpc('any_peer', 'unreliable').args('int'),
    loose: rpc('any_peer'),
  };
  hit(): void {}
  moved(): void {}
  loose(): void {}
}

function roomWith(options = {}): { room: WireRoom; level: MirrorNode; unit: MirrorNode } {
  const room = new WireRoom({ dialect: '4.6', ...options });
  room.mirror.registerScript(Unit);
  const level = room.mirror.root.addChild({ name: 'Level', class: 'Node', script: 'res://unit.gd' });
  const unit = level.addChild({ name: 'Unit', class: 'Node', script: 'res://unit.gd' });
  room.peer.join(2);
  room.peer.join(3);
  return { room, level, unit };
}

const heads = (sent: [number, string][]): string[] => sent.map(([to, hex]) => `${to}:${hex.slice(0, 2)}`);

describe('a node that a client does not confirm', () => {
  test('is announced again with fresh numbers, 5 times, in doubling pauses; full paths meanwhile', () => {
    const { room, unit } = roomWith();
    unit.rpcId(2, 'hit', 1);
    expect(heads(room.sent())).toEqual(['2:01', '2:20']);
    const at: [seconds: number, id: number][] = [];
    for (let tenths = 1; tenths <= 1000; tenths++) {
      room.wait(100);
      for (const [, hex] of room.sent()) at.push([tenths / 10, idOf(hex)]);
    }
    expect(at).toEqual([
      [1, 2],
      [3, 3],
      [7, 4],
      [15, 5],
      [31, 6],
    ]);
    unit.rpcId(2, 'hit', 1);
    expect(heads(room.sent())).toEqual(['2:20']);
    // However late: any of the numbers may be the one that was accepted.
    room.receive(2, confirmId(4));
    unit.rpcId(2, 'hit', 1);
    expect(room.sent()).toEqual([[2, '000400010201']]);
    expect(room.multiplayer.refusals()).toEqual({ unconfirmed: 1 });
  });

  test('is not announced again once it is confirmed, gone, or its peer is gone', () => {
    const { room, level, unit } = roomWith();
    unit.rpcId(2, 'hit', 1);
    level.rpcId(2, 'hit', 1);
    unit.rpcId(3, 'hit', 1);
    const [first] = room.sent();
    room.receive(2, confirmId(idOf(first?.[1] ?? '')));
    room.peer.leave(3);
    level.free();
    room.wait(60_000);
    expect(room.sent()).toEqual([]);
  });

  test('is announced once by an engine', () => {
    const { room, unit } = roomWith({ compatibility: 'engine' });
    unit.rpcId(2, 'hit', 1);
    room.sent();
    room.wait(60_000);
    expect(room.sent()).toEqual([]);
  });

  test('numbers that were told one peer are not confirmed by another', () => {
    const { room, unit } = roomWith();
    unit.rpcId(2, 'hit', 1);
    unit.rpcId(3, 'hit', 1);
    room.receive(3, confirmId(1));
    room.wait(1000);
    room.receive(3, confirmId(2));
    expect(room.multiplayer.refusals()).toEqual({ 'confirm-unexpected': 1 });
  });
});

describe('a gate', () => {
  test('lets nothing into the subtree of that peer; what waited is sent in order when it opens', () => {
    const { room, level, unit } = roomWith();
    const other = room.mirror.root.addChild({ name: 'LevelTwo', class: 'Node', script: 'res://unit.gd' });
    expect(room.multiplayer.gate(2, '/root/Level')).toBe(0);
    expect(unit.rpcId(2, 'hit', 1)).toBe(0);
    expect(unit.rpc('hit', 2)).toBe(0);
    expect(level.rpcId(2, 'hit', 3)).toBe(0);
    other.rpcId(2, 'hit', 4);
    expect(heads(room.sent())).toEqual(['3:01', '3:20', '2:01', '2:20']);
    expect(room.multiplayer.open(2, '/root/Level/')).toBe(0);
    const sent = room.sent();
    expect(heads(sent)).toEqual(['2:01', '2:20', '2:20', '2:01', '2:20']);
    expect(sent.map(([, hex]) => /^20.{8}00010(20.)/.exec(hex)?.[1])).toEqual([
      undefined,
      '201',
      '202',
      undefined,
      '203',
    ]);
    expect(room.multiplayer.open(2, '/root/Level')).toBe(33);
  });

  test('an outer gate stays closed when an inner one opens', async () => {
    const { room, unit } = roomWith();
    room.multiplayer.gate(2, '/root/Level');
    room.multiplayer.gate(2, '/root/Level/Unit');
    let isOpen = false;
    const opened = room.multiplayer.whenOpen(2, '/root/Level/Unit').then(() => {
      isOpen = true;
    });
    unit.rpcId(2, 'hit', 1);
    room.multiplayer.open(2, '/root/Level/Unit');
    await Promise.resolve();
    expect([isOpen, room.sent()]).toEqual([false, []]);
    room.multiplayer.open(2, '/root/Level');
    await opened;
    expect(heads(room.sent())).toEqual(['2:01', '2:20']);
    await room.multiplayer.whenOpen(2, '/root/Level');
  });

  test('whenOpen rejects for somebody who is not there, and when the peer leaves', async () => {
    const { room } = roomWith();
    await expect(room.multiplayer.whenOpen(9, '/root/Level')).rejects.toThrow('no peer 9');
    room.multiplayer.gate(2, '/root/Level');
    const waiting = room.multiplayer.whenOpen(2, '/root/Level');
    room.peer.leave(2);
    await expect(waiting).rejects.toThrow('left before /root/Level was open');
    expect(room.multiplayer.gate(2, '/root/Level')).toBe(33);
  });

  test('unreliable calls do not wait; with gatedCalls "refuse" none does', () => {
    const { room, unit } = roomWith({ gatedCalls: 'refuse' });
    room.multiplayer.gate(2, '/root/Level');
    expect(unit.rpcId(2, 'hit', 1)).toBe(2);
    expect(unit.rpcId(2, 'moved', 1)).toBe(2);
    room.multiplayer.open(2, '/root/Level');
    expect(room.sent()).toEqual([]);
    expect(room.multiplayer.refusals()).toEqual({ 'not-sent': 2 });
    expect(room.lines.at(-1)).toContain(
      'rpc moved of /root/Level/Unit is not sent to it: the gate is closed',
    );
    const queue = roomWith();
    queue.room.multiplayer.gate(2, '/root/Level');
    expect(queue.unit.rpcId(2, 'moved', 1)).toBe(2);
  });

  test('calls that wait are bounded, by number and by bytes', () => {
    for (const options of [{ maxHeldCalls: 2 }, { maxHeldBytes: 600 }]) {
      const { room, unit } = roomWith(options);
      room.multiplayer.gate(2, '/root/Level');
      const results = [1, 2, 3].map((value) => unit.rpcId(2, 'hit', value));
      expect(results).toEqual([0, 0, 6]);
      room.multiplayer.open(2, '/root/Level');
      expect(heads(room.sent())).toEqual(['2:01', '2:20', '2:20']);
    }
  });

  test('calls that waited for it are not too many for what they wait for next', () => {
    const { room, unit } = roomWith({ maxHeldCalls: 2, dialect: undefined });
    room.mirror.root.addChild({ name: 'Open', class: 'Node', script: 'res://unit.gd' });
    const typed = new TypedArray(VariantType.INT, [1]);
    room.multiplayer.gate(2, '/root/Level');
    for (const node of [unit, room.mirror.getNode('/root/Open')])
      expect([1, 2, 3].map(() => node?.rpcId(2, 'loose', typed))).toEqual([0, 0, 6]);
    room.multiplayer.open(2, '/root/Level');
    expect(room.multiplayer.metrics().heldCalls).toBe(4);
    expect(unit.rpcId(2, 'loose', typed)).toBe(6);
    room.sent();
    room.wait(2100);
    expect(heads(room.sent()).filter((head) => head === '2:20')).toHaveLength(4);
  });

  test('a subtree that was closed again gets fresh numbers: the client may have loaded it anew', () => {
    const { room, unit } = roomWith();
    unit.rpcId(2, 'hit', 1);
    room.receive(2, confirmId(1));
    room.sent();
    room.multiplayer.gate(2, '/root/Level');
    room.receive(2, confirmId(1));
    room.multiplayer.open(2, '/root/Level');
    unit.rpcId(2, 'hit', 1);
    const [again, call] = room.sent();
    expect(idOf(again?.[1] ?? '')).toBe(2);
    expect(call?.[1].slice(0, 2)).toBe('20');
    room.receive(2, confirmId(2));
    unit.rpcId(2, 'hit', 1);
    expect(room.sent()).toEqual([[2, '000200010201']]);
  });

  test('a peer that leaves takes its gates and what waited along', () => {
    const { room, unit } = roomWith();
    room.multiplayer.gate(2, '/root/Level');
    unit.rpcId(2, 'hit', 1);
    room.peer.leave(2);
    room.peer.join(2);
    expect(room.multiplayer.open(2, '/root/Level')).toBe(33);
    room.sent();
    unit.rpcId(2, 'hit', 2);
    expect(heads(room.sent())).toEqual(['2:01', '2:20']);
  });

  test('what the client itself announces in there is confirmed', () => {
    const { room } = roomWith();
    room.multiplayer.gate(2, '/root/Level');
    room.receive(2, simplify(7, 'Level'));
    expect(heads(room.sent())).toEqual(['2:02']);
  });

  test.each([['Level'], [7], [undefined]])('a path that is not absolute throws: %s', (path) => {
    const { room } = roomWith();
    for (const call of ['gate', 'open', 'whenOpen'] as const)
      expect(() => room.multiplayer[call](2, path as string)).toThrow(TypeError);
  });

  test.each([
    ['gatedCalls', 'wait'],
    ['maxHeldCalls', 0],
    ['maxHeldBytes', 1.5],
  ])('the option %s cannot be %s', (name, value) => {
    expect(() => new WireRoom({ [name]: value })).toThrow(`"${name}" expected`);
  });
});

test.each<[string, () => readonly string[]]>([
  [
    'throws',
    () => {
      throw new Error('of the game');
    },
  ],
  ['answers a path that is none', () => ['/root/Side', 'Level']],
])('initialGates that %s: the root is closed for that peer', (_, initialGates) => {
  const errors: unknown[] = [];
  const { room, unit } = roomWith({ initialGates, onError: (error: unknown) => errors.push(error) });
  expect(errors).toHaveLength(2);
  room.sent();
  unit.rpc('hit', 1);
  room.multiplayer.poll();
  expect(room.sent()).toEqual([]);
  expect(room.multiplayer.open(2, '/root')).toBe(0);
  expect(heads(room.sent())).toEqual(['2:01', '2:20']);
});
