/** Two sides that do not agree: one line names the node, the methods, the difference and the remedy. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { NodeScript, rpc } from '../../src/multiplayer/NodeScript.ts';
import { simplify, WireRoom } from './wireRoom.ts';

class Unit extends NodeScript {
  static override readonly path: string = 'res://unit.gd';
  static override readonly rpcs = { die: rpc(), hit: rpc('any_peer'), move: rpc('any_peer') };
  hit(): void {}
}
class Chat extends NodeScript {
  static override readonly path: string = 'res://chat.gd';
  static override readonly rpcs = { heal: rpc(), say: rpc('any_peer') };
}

function room(): WireRoom {
  const made = new WireRoom({ dialect: '4.6' });
  made.mirror.registerScript(Unit);
  made.mirror.registerScript(Chat);
  made.mirror.root.addChild({ name: 'Unit', class: 'Node', script: 'res://unit.gd' });
  made.mirror.root.addChild({ name: 'Chat', class: 'Node', script: 'res://chat.gd' });
  made.peer.join(2);
  // The lists of nodes that were used are known.
  made.receive(2, simplify(1, 'Chat', md5('healsay')));
  return made;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

test.each([
  ['none', '', 'it has none there: its node has no script, or another'],
  ['one fewer', 'diehit', 'it lacks move'],
  ['another one fewer', 'hitmove', 'it lacks die'],
  ['one more', 'diehealhitmove', 'it has heal, too'],
  ['those of another node', 'healsay', 'it has those of our /root/Chat there (heal, say)'],
])('%s', (_, names, difference) => {
  const made = room();
  made.receive(2, simplify(5, 'Unit', md5(names)));
  expect(made.lines.at(-1)).toBe(
    `SceneMultiplayer: peer 2: its @rpc functions of /root/Unit are not ours (die, hit, move): ${difference}; both sides need the same ones, by name, inherited ones included (checksum)`,
  );
  expect(made.multiplayer.refusals()).toEqual({ checksum: 1 });
});

test('a list that cannot be guessed: ours is named all the same', () => {
  const made = room();
  made.receive(2, simplify(5, 'Unit', md5('something else')));
  expect(made.lines.at(-1)).toContain('of /root/Unit are not ours (die, hit, move); both sides need');
});

test('the client says that ours is another list', () => {
  const made = room();
  made.mirror.getNode('/root/Unit')?.rpcId(2, 'die');
  made.receive(2, '020001000000');
  expect(made.lines.at(-1)).toContain(
    'its @rpc functions of /root/Unit are not ours (die, hit, move); both sides need',
  );
  expect(made.multiplayer.refusals()).toEqual({ checksum: 1 });
});

test('a method number that the node does not have', () => {
  const made = room();
  made.receive(2, simplify(5, 'Unit', md5('diehitmove')));
  made.receive(2, '800503');
  expect(made.lines.at(-1)).toContain(
    "/root/Unit has no method number 3, the other side's script has more @rpc functions than ours (die, hit, move); both sides need",
  );
  expect(made.multiplayer.refusals()).toEqual({ 'unknown-method': 1 });
});

test('a call of somebody who may not make it', () => {
  const made = room();
  made.receive(2, simplify(5, 'Unit', md5('diehitmove')));
  made.receive(2, '800500');
  expect(made.lines.at(-1)).toContain(
    'it may not call die of /root/Unit: only the authority, 1, may; "any_peer" would let everybody (not-allowed)',
  );
});

test('a call of ours that the node does not have', () => {
  const made = room();
  expect(made.mirror.getNode('/root/Unit')?.rpcId(2, 'heal')).toBe(31);
  expect(made.lines.at(-1)).toContain(
    'rpc heal: /root/Unit has no RPC of this name (it has: die, hit, move)',
  );
});

test('explaining costs little, whatever checksums arrive', () => {
  const made = room();
  for (let id = 10; id < 1000; id++) made.receive(2, simplify(id, 'Unit', md5(String(id))));
  expect(made.multiplayer.refusals()).toEqual({ checksum: 990 });
});
