/** Mismatches with peers in a structured form: what is in each, that each is told once, and that a flood costs little. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { MultiplayerDiagnosis } from '../../src/multiplayer/diagnosis.ts';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import type { SceneMultiplayerOptions } from '../../src/multiplayer/options.ts';
import { simplify, WireRoom } from './wireRoom.ts';

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = {
    die: rpc(),
    hit: rpc('any_peer').args('int'),
    move: rpc('any_peer'),
  };
  hit(): void {}
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const LIST = md5('diehitmove');

function roomWith(options: Partial<SceneMultiplayerOptions> = {}): {
  room: WireRoom;
  told: MultiplayerDiagnosis[];
} {
  const told: MultiplayerDiagnosis[] = [];
  const room = new WireRoom({ dialect: '4.6', onDiagnosis: (diagnosis) => told.push(diagnosis), ...options });
  room.mirror.registerScript(Unit);
  room.mirror.root.addChild({ name: 'Unit', class: 'Node', script: 'res://unit.gd' });
  room.peer.join(2);
  return { room, told };
}

const AT = '/root/Unit';

test('what every object has by the name of an RPC does not handle it', () => {
  class Odd extends NodeScript {
    static override readonly path: string = 'res://odd.gd';
    static override readonly rpcs = {
      constructor: rpc('any_peer'),
      isPrototypeOf: rpc('any_peer'),
      valueOf: rpc('any_peer'),
    };
    readonly calls: string[] = [];
    override valueOf(): object {
      this.calls.push('valueOf');
      return this;
    }
  }
  const { room, told } = roomWith();
  room.mirror.registerScript(Odd);
  const node = room.mirror.root.addChild({ name: 'Odd', class: 'Node', script: 'res://odd.gd' });
  room.receive(2, simplify(6, 'Odd', md5('constructorisPrototypeOfvalueOf')));
  for (const id of ['00', '01', '02']) room.receive(2, `8006${id}`);
  expect(told.map(({ code, method }) => [code, method])).toEqual([
    ['no-handler', 'constructor'],
    ['no-handler', 'isPrototypeOf'],
  ]);
  expect((node.mirror.scriptOf(node) as Odd).calls).toEqual(['valueOf']);
});

describe('each mismatch names peer, node, method, what is the matter and what helps', () => {
  test.each<[string, (room: WireRoom, id: number) => void, Partial<MultiplayerDiagnosis>]>([
    [
      'another list of methods, with the difference',
      (room, id) => room.receive(2, simplify(id, 'Unit', md5('diehit'))),
      {
        code: 'checksum',
        nodePath: AT,
        detail: `its @rpc functions of ${AT} are not ours (die, hit, move): it lacks move`,
        remedy: 'both sides need the same ones, by name, inherited ones included',
      },
    ],
    [
      'a method that the node does not have',
      (room) => room.receive(2, '800503'),
      {
        code: 'unknown-method',
        nodePath: AT,
        method: '#3',
        remedy: expect.stringContaining('the same ones'),
      },
    ],
    [
      'a call without authority',
      (room) => room.receive(2, '800500'),
      {
        code: 'not-allowed',
        nodePath: AT,
        method: 'die',
        detail: `it may not call die of ${AT}: only the authority, 1, may`,
        remedy: '"any_peer" would let everybody',
      },
    ],
    [
      'a node that is not here',
      (room) => room.receive(2, simplify(6, 'Gone')),
      { code: 'unknown-node', nodePath: 'Gone', detail: 'there is no node at "Gone"' },
    ],
    [
      'other arguments',
      (room) => room.receive(2, '800501'),
      {
        code: 'wrong-arguments',
        nodePath: AT,
        method: 'hit',
        remedy: expect.stringContaining('declaration'),
      },
    ],
    [
      'nobody who handles it',
      (room) => room.receive(2, '800502'),
      { code: 'no-handler', nodePath: AT, method: 'move', detail: `nobody handles move of ${AT}` },
    ],
    [
      'a call of ours into a closed gate',
      (room) => {
        room.multiplayer.gate(2, AT);
        room.mirror.getNode(AT)?.rpcId(2, 'die');
      },
      { code: 'not-sent', nodePath: AT, method: 'die', remedy: expect.stringContaining('open()') },
    ],
  ])('%s', (_, happen, expected) => {
    const { room, told } = roomWith({ gatedCalls: 'refuse' });
    room.receive(2, simplify(5, 'Unit', LIST));
    expect(told).toEqual([]);
    happen(room, 7);
    happen(room, 8);
    expect(told).toEqual([expect.objectContaining({ peer: 2, timeMs: 1000, ...expected })]);
    const [{ code, detail, remedy, message }] = told as [MultiplayerDiagnosis];
    expect(message).toBe(`peer 2: ${detail}; ${remedy}`);
    expect(room.lines.at(-1)).toContain(`${message} (${code})`);
    expect(room.multiplayer.ops.diagnoses()).toEqual(told);
    expect(room.multiplayer.refusals()[code]).toBe(2);
  });

  test('a call of ours to a node that a synchronizer hides from the peer', () => {
    const { room, told } = roomWith();
    room.mirror.getNode(AT)?.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
    room.multiplayer.synchronizer(`${AT}/Sync`).publicVisibility = false;
    room.mirror.getNode(AT)?.rpcId(2, 'die');
    expect(told).toMatchObject([
      {
        code: 'not-sent',
        nodePath: AT,
        method: 'die',
        detail: `rpc die of ${AT} is not sent to it: it cannot see the node`,
        remedy: expect.stringContaining('visible'),
      },
    ]);
  });

  test('a client that has not loaded a node: 3 seconds after it was told of it, once', () => {
    const { room, told } = roomWith();
    room.mirror.getNode(AT)?.rpcId(2, 'die');
    room.wait(2900);
    expect(told).toEqual([]);
    room.wait(60_000);
    expect(told).toMatchObject([
      {
        code: 'unconfirmed',
        nodePath: AT,
        detail: `it does not confirm ${AT}: the client has not loaded this node`,
        remedy: expect.stringContaining('gate()'),
      },
    ]);
    expect(room.multiplayer.refusals()).toEqual({ unconfirmed: 1 });
  });

  test('a peer that does not say which version it is', () => {
    const { room, told } = roomWith({ dialect: undefined });
    room.wait(3000);
    expect(told).toMatchObject([
      { code: 'dialect-unknown', nodePath: undefined, remedy: expect.stringContaining('"dialect"') },
    ]);
  });
});

describe('bounds', () => {
  test('what nobody can mend is counted only', () => {
    const { room, told } = roomWith();
    room.receive(2, '03');
    expect([told, room.multiplayer.refusals()]).toEqual([[], { malformed: 1 }]);
  });

  test('a peer that makes up nodes is told of 32 times, and a flood of peers once a second', () => {
    const { room, told } = roomWith();
    for (let i = 0; i < 5000; i++) {
      if (i % 10 === 0) room.wait(1000);
      room.receive(2, simplify(i + 10, `Node${i}`));
    }
    expect(told.length).toBe(32);
    expect(room.multiplayer.ops.diagnoses()).toEqual(told.slice(-16));
    for (let peer = 3; peer < 3003; peer++) {
      room.peer.join(peer);
      room.receive(peer, simplify(1, 'Nowhere'));
    }
    // 16 at once; no time has passed since.
    expect(told.length).toBe(32 + 16);
    expect(room.multiplayer.refusals()['unknown-node']).toBe(8000);
  });

  test('who floods with one mismatch does not hide those of others', () => {
    const { room, told } = roomWith();
    room.peer.join(3);
    room.receive(2, simplify(5, 'Unit', LIST));
    for (let i = 0; i < 3000; i++) room.receive(2, '800500');
    room.receive(3, simplify(5, 'Unit', LIST));
    room.receive(3, '800500');
    expect(told.map(({ peer, code }) => [peer, code])).toEqual([
      [2, 'not-allowed'],
      [3, 'not-allowed'],
    ]);
  });

  test('remote text is cut, and breaks no line', () => {
    const { room, told } = roomWith();
    room.receive(2, simplify(5, `a\n\u001b[2J${'x'.repeat(1000)}`));
    const [found] = told as [MultiplayerDiagnosis];
    expect(found.nodePath?.startsWith('a\\u000a\\u001b[2Jxxx')).toBe(true);
    expect(found.nodePath?.length).toBeLessThan(300);
    expect(`${found.nodePath}${found.message}`).not.toMatch(/[\p{Cc}]/u);
  });

  test('what the callback throws goes to onError', () => {
    const errors: unknown[] = [];
    const { room } = roomWith({
      onDiagnosis: () => {
        throw new Error('no logger');
      },
      onError: (error, where) => errors.push([String(error), where]),
    });
    room.receive(2, simplify(5, 'Gone'));
    expect(errors).toEqual([['Error: no logger', 'onDiagnosis']]);
  });
});
