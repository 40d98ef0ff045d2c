/** Clients of every version of Godot 4 in one room: found out, and each spoken to in its form. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Dialect, PackedVector4Array, TypedArray, VariantType, Vector4 } from '../../codec/index.ts';
import type { MirrorNode, SceneMirror } from '../../schema/index.ts';
import type { VersionRange } from '../../src/godot/index.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { Game, type Side } from './game.ts';
import { confirmId, confirmPath, idOf, simplify, WireRoom } from './wireRoom.ts';

let calls: [unique: number, sender: number, value: unknown][] = [];

class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = { say: rpc('any_peer').args('Variant') };

  say(value: unknown): void {
    calls.push([this.multiplayer.getUniqueId(), this.multiplayer.getRemoteSenderId(), value]);
  }
}

const grow = (mirror: SceneMirror): void => {
  mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
};
const main = (side: { mirror: SceneMirror }): MirrorNode => side.mirror.getNode('/root/Main')!; // grown above
const idIn = (side: Side): number => side.multiplayer.getUniqueId();

beforeEach(() => {
  calls = [];
});

describe('a room with a client of each version', () => {
  const VERSIONS: readonly Dialect[] = ['4.0', '4.1', '4.2', '4.3', '4.4', '4.6'];

  function room(): { game: Game; clients: Map<Dialect, Side> } {
    const game = new Game([Main], grow);
    const clients = new Map(
      VERSIONS.map((dialect) => [dialect, game.join({ dialect, compatibility: 'engine' })]),
    );
    game.run(40);
    return { game, clients };
  }

  test('the server finds out which form each speaks, and every client is confirmed what it announced', () => {
    const { game, clients } = room();
    const found = [...clients].map(([version, side]) => [
      version,
      game.server.multiplayer.dialectOf(idIn(side)),
    ]);
    expect(found).toEqual([
      ['4.0', '4.0'],
      ['4.1', '4.0'],
      ['4.2', '4.2'],
      ['4.3', '4.3'],
      ['4.4', '4.3'],
      ['4.6', '4.3'],
    ]);
    for (const [, side] of clients) {
      main(side).rpcId(1, 'say', 'first');
      game.run(10);
      main(side).rpcId(1, 'say', 'second');
      game.run(10);
    }
    expect(calls).toEqual(
      [...clients.values()].flatMap((side) => [
        [1, idIn(side), 'first'],
        [1, idIn(side), 'second'],
      ]),
    );
    // A confirmation in the wrong form would be refused and counted there.
    for (const [version, side] of clients)
      expect([version, side.multiplayer.refusals()]).toEqual([version, {}]);
    expect(game.server.multiplayer.refusals()).toEqual({});
  });

  test('typed arrays arrive everywhere: without their type where there is none', () => {
    const { game, clients } = room();
    expect(main(game.server).rpc('say', new TypedArray(VariantType.INT, [1, 2]))).toBe(0);
    game.run(10);
    const got = new Map(calls.map(([unique, , value]) => [unique, value]));
    for (const [version, side] of clients) {
      const value = got.get(idIn(side));
      expect([version, [...(value as number[])]]).toEqual([version, [1, 2]]);
      expect([version, value instanceof TypedArray]).toEqual([version, version >= '4.3']);
    }
  });

  test('what a version does not have is not sent to it, with a line and a count; the others get it', () => {
    const { game, clients } = room();
    const value = new PackedVector4Array([new Vector4(1, 2, 3, 4)]);
    expect(main(game.server).rpc('say', value)).toBe(0);
    game.run(10);
    const newer = [...clients].filter(([version]) => version >= '4.3').map(([, side]) => idIn(side));
    expect(calls.map(([unique]) => unique).sort()).toEqual(newer.sort());
    expect(game.server.multiplayer.refusals()).toEqual({ 'not-sent': 3 });
    expect(game.server.lines.at(-1)).toContain('Godot 4.2 has no PackedVector4Array');
    const old = clients.get('4.1');
    expect(main(game.server).rpcId(old ? idIn(old) : 0, 'say', value)).toBe(31);
  });
});

describe('the question', () => {
  function asked(options = {}, hint?: VersionRange): { room: WireRoom; question: string } {
    const room = new WireRoom(options);
    room.peer.versionHintOf = () => hint;
    room.mirror.registerScript(Main);
    grow(room.mirror);
    room.peer.join(2);
    const question = room.sent()[0]?.[1] ?? '';
    return { room, question };
  }

  test('is SIMPLIFY_PATH of the root with a number that no node gets, below bit 31', () => {
    const { question } = asked();
    expect(question).toMatch(/^016434.*376500.{8}2e00$/);
    expect(idOf(question)).toBeGreaterThanOrEqual(0x7000_0000);
    expect(idOf(question)).toBeLessThan(0x8000_0000);
  });

  test('is asked nobody whose version the application knows, nor by an engine', () => {
    expect(asked({ dialect: '4.2' }).question).toBe('');
    expect(asked({ dialect: (id: number) => (id === 2 ? '4.6' : undefined) }).question).toBe('');
    expect(asked({ dialect: () => undefined }).question).not.toBe('');
    expect(asked({ compatibility: 'engine' }).question).toBe('');
    expect(() => new WireRoom({ dialect: '3.6' as Dialect })).toThrow(RangeError);
  });

  test('while it is open, confirmations wait; then they go out in the form of the answer', () => {
    for (const [answer, confirmed] of [
      [(question: string) => confirmId(idOf(question)), '020005000000'],
      [() => confirmPath('.'), '02004d61696e00'],
    ] as const) {
      const { room, question } = asked();
      room.receive(2, simplify(5, 'Main'));
      expect(room.sent()).toEqual([]);
      room.receive(2, answer(question));
      expect(room.sent()).toEqual([[2, confirmed]]);
    }
  });

  test('an answer of 6 bytes need not be a number: a path of three characters is as long', () => {
    const { room } = asked();
    room.receive(2, confirmPath('abc'));
    expect(room.multiplayer.dialectOf(2)).toBeUndefined();
  });

  test('nobody answers within 2 s: taken for 4.4, counted; a late answer corrects it and confirms again', () => {
    const { room } = asked();
    room.receive(2, simplify(5, 'Main'));
    room.wait(1900);
    expect(room.multiplayer.dialectOf(2)).toBeUndefined();
    room.wait(100);
    expect(room.multiplayer.dialectOf(2)).toBe('4.4');
    expect(room.multiplayer.refusals()).toMatchObject({ 'dialect-unknown': 1 });
    expect(room.sent()).toEqual([[2, '020005000000']]);
    room.receive(2, confirmPath('.'));
    expect(room.multiplayer.dialectOf(2)).toBe('4.0');
    expect(room.multiplayer.refusals()).toMatchObject({ 'dialect-corrected': 1 });
    expect(room.sent()).toEqual([[2, '02004d61696e00']]);
  });

  test('a late answer that fits changes nothing', () => {
    const { room, question } = asked();
    room.wait(2000);
    room.receive(2, confirmId(idOf(question)));
    expect(room.multiplayer.dialectOf(2)).toBe('4.4');
    expect(room.multiplayer.refusals()).toEqual({ 'dialect-unknown': 1 });
  });

  test.each([
    // What the transport says, the answer, and what is believed.
    [['4.0', '4.1'], 'path', '4.0'],
    [['4.1', '4.1'], 'path', '4.1'],
    [['4.2', '4.7'], 'path', '4.2'],
    [['4.2', '4.7'], 'number', '4.3'],
    [['4.6', '4.7'], 'number', '4.6'],
    [['4.0', '4.1'], 'number', '4.3'],
    [['4.3', '4.7'], 'path', '4.0'],
  ] as const)('the transport says %j, the answer has the %s: %s', ([oldest, newest], form, dialect) => {
    for (const isLate of [false, true]) {
      const { room, question } = asked({}, { oldest, newest });
      if (isLate) room.wait(2000);
      const first = room.multiplayer.dialectOf(2);
      // Nobody who is known for an older one is sent what only 4.4 reads.
      expect(first).toBe(isLate ? (newest < '4.4' ? oldest : '4.4') : undefined);
      room.receive(2, form === 'path' ? confirmPath('.') : confirmId(idOf(question)));
      const isKept = isLate && form === 'number' && first === '4.4';
      expect(room.multiplayer.dialectOf(2)).toBe(isKept ? '4.4' : dialect);
    }
  });

  test('two of ours answer each other at once', () => {
    const game = new Game([Main], grow);
    const client = game.join();
    game.run(20);
    expect(game.server.multiplayer.dialectOf(idIn(client))).toBe('4.3');
    expect(client.multiplayer.dialectOf(1)).toBe('4.3');
  });

  test('a call whose bytes depend on the version waits for it, and those behind it do, in order', () => {
    const { room } = asked();
    const array = new TypedArray(VariantType.INT, [7]);
    main(room).rpcId(2, 'say', 1);
    main(room).rpcId(2, 'say', array);
    array.length = 0;
    main(room).rpcId(2, 'say', 2);
    // The announcement and the first call.
    expect(room.sent().map(([, hex]) => hex.slice(0, 2))).toEqual(['01', '20']);
    room.receive(2, confirmPath('.'));
    const [typed, second] = room.sent().map(([, hex]) => hex);
    // An array without a type, with what was in it when it was sent.
    expect(typed).toContain('011c0000000100000002000000');
    expect(second).toContain('010202');
  });
});

describe('numbers of the first versions', () => {
  function room(dialect: Dialect): WireRoom {
    const made = new WireRoom({ dialect });
    made.mirror.registerScript(Main);
    grow(made.mirror);
    made.peer.join(2);
    return made;
  }
  const CALL = '000100010207'; // number 1, method 0, one argument: 7

  test.each(['4.0', '4.1'] as const)('%s: a number is a path, and may be given again', (dialect) => {
    const made = room(dialect);
    made.receive(2, simplify(1, 'Main'));
    main(made).rename('Other');
    made.mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
    made.receive(2, CALL);
    expect(calls).toEqual([[1, 2, 7]]);
    made.receive(2, simplify(1, 'Other'));
    expect(made.multiplayer.refusals()).not.toHaveProperty('duplicate-id');
  });

  test.each(['4.0', '4.1'] as const)(
    '%s: a renamed node is announced again under a fresh number',
    (dialect) => {
      const made = room(dialect);
      main(made).rpcId(2, 'say', 1);
      made.receive(2, confirmPath('Main'));
      made.sent();
      const node = main(made);
      node.rename('Other');
      node.rpcId(2, 'say', 1);
      const [again, call] = made.sent().map(([, hex]) => hex);
      expect(idOf(again ?? '')).toBe(2);
      expect(call?.slice(0, 2)).toBe('20');
      made.receive(2, confirmPath('Other'));
      node.rpcId(2, 'say', 1);
      expect(made.sent()[0]?.[1].slice(0, 4)).toBe('0002');
    },
  );

  test('4.2: the same number may come again once its node is gone, not before', () => {
    const made = room('4.2');
    made.receive(2, simplify(1, 'Main'));
    made.receive(2, simplify(1, 'Main'));
    expect(made.multiplayer.refusals()).toMatchObject({ 'duplicate-id': 1 });
    main(made).free();
    grow(made.mirror);
    made.receive(2, simplify(1, 'Main'));
    expect(made.multiplayer.refusals()).toMatchObject({ 'duplicate-id': 1 });
    made.receive(2, CALL);
    expect(calls).toEqual([[1, 2, 7]]);
  });
});

describe('the option dialect as a function', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('of the application');
      },
      'Error: of the application',
    ],
    [
      'answers nonsense',
      () => '3.5' as Dialect,
      `RangeError: "dialect" expected a version from '4.0' to '4.7', got "3.5"`,
    ],
  ])('that %s is reported; the peer is asked, and admitted as any other', (_, dialect, error) => {
    const reports: string[] = [];
    const room = new WireRoom({ dialect, onError: (thrown, where) => reports.push(`${where}: ${thrown}`) });
    const joined: number[] = [];
    room.multiplayer.on('peerConnected', (id) => joined.push(id));
    room.peer.join(2);
    expect(reports).toEqual([`dialect: ${error}`]);
    expect([joined, room.multiplayer.getPeers()]).toEqual([[2], [2]]);
    const [[to, question] = [0, '']] = room.sent();
    expect(to).toBe(2);
    room.receive(2, confirmId(idOf(question)));
    expect(room.multiplayer.dialectOf(2)).toBe('4.3');
  });
});
