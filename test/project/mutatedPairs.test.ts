/**
 * Pairs of scripts that do not agree: the server has one, the client a changed one. What is told names the method. The seed stands in
 * the name of the test; SCRIPT_SEED is another.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { NodeScript } from '../../src/multiplayer/NodeScript.ts';
import { inCallOrder } from '../../src/multiplayer/rpcTable.ts';
import { declarationOf } from '../../src/project/Project.ts';
import type { ProjectScript } from '../../src/project.ts';
import { Prng } from '../../src/testing/prng.ts';
import { simplify, WireRoom } from '../multiplayer/wireRoom.ts';
import { projectOf } from './projectOf.ts';

const SEED = Number(process.env['SCRIPT_SEED'] ?? 1);
const PAIRS = 100;
const FOLDER = new URL('../../golden/multiplayer/project/scripts/', import.meta.url);
const NAMES = [
  'base',
  'bodies',
  'channels',
  'constants',
  'lines',
  'order_of_names',
  'quotes',
  'several_annotations',
  'typed',
  'unicode_names',
  'words_each',
  'words_order',
];
/** Functions that are no RPCs at first. */
const PLAIN = ['fresh', 'Zed', 'other_one', '_last'];
/** Forms of an annotation, which do not matter for the list. */
const FORMS = [
  '@rpc',
  '@rpc()',
  '@rpc("any_peer")',
  "@rpc('call_local', &\"any_peer\", 'reliable', 2)",
  '@rpc(\n\t"unreliable",\n)',
];

interface Pair {
  readonly text: string;
  readonly changed: string;
  /** What the explanation says. */
  readonly difference: string;
}

/** Two scripts with the functions of one of the engine's cases; one or two annotations are other ones. */
function pairOf(random: Prng): Pair {
  const source = readFileSync(fileURLToPath(new URL(`${pick(NAMES, random)}.gd`, FOLDER)), 'utf8');
  const rpcs = [...script(source).rpcs.keys()];
  const written = new Map(rpcs.map((name) => [name, pick(FORMS, random)]));
  const write = (of: ReadonlySet<string>): string =>
    [...rpcs, ...PLAIN]
      .map((name) =>
        `${of.has(name) ? (written.get(name) ?? '@rpc') : ''} func ${name}(): pass\n`.trimStart(),
      )
      .join('')
      .replace(/^/, 'extends Node\n');
  const lost = pick(rpcs, random);
  const second = pick(rpcs, random);
  const gained = pick(PLAIN, random);
  const kind = random.next32() % 4;
  const theirs = new Set(rpcs);
  let difference = `it lacks ${lost}`;
  if (kind !== 1) theirs.delete(lost);
  if (kind === 1) difference = `it has ${gained}, too`;
  else if (kind === 2) difference = `it has ${gained} instead of ${lost}`;
  else if (kind === 3 && second !== lost) {
    theirs.delete(second);
    difference = `it lacks ${inCallOrder([lost, second]).join(' and ')}`;
  }
  if (kind === 1 || kind === 2) theirs.add(gained);
  if (theirs.size === 0) difference = 'it has none there';
  return { text: write(new Set(rpcs)), changed: write(theirs), difference };
}

test(`seed ${SEED}: ${PAIRS} pairs, each told by the name of its method`, () => {
  const random = new Prng(SEED);
  for (let i = 0; i < PAIRS; i++) {
    const { text, changed, difference } = pairOf(random);
    const [ours, theirs] = [script(text), script(changed)];
    expect([ours.isValid, theirs.isValid], changed).toEqual([true, true]);
    expect(theirs.checksum, `${difference}\n${changed}`).not.toBe(ours.checksum);

    // The client announces the node with what its script has.
    const room = new WireRoom({ dialect: '4.6' });
    projectOf({ 'a.gd': text }).register(room.mirror);
    room.mirror.root.addChild({ name: 'N', class: 'Node', script: 'res://a.gd' });
    room.peer.join(2);
    room.receive(2, simplify(1, 'N', theirs.checksum));
    expect(room.lines.at(-1), `pair ${i}`).toContain(difference);

    // A class in TypeScript with what the client has.
    const rpcs = Object.fromEntries([...theirs.rpcs].map(([name, rpc]) => [name, declarationOf(rpc)]));
    class Theirs extends NodeScript {
      static override readonly path = 'res://a.gd';
      static override readonly rpcs = rpcs;
    }
    const mirror = projectOf({ 'a.gd': text }).register(new SceneMirror());
    if (theirs.rpcs.size === 0) continue;
    expect(() => mirror.registerScript(Theirs), `pair ${i}`).toThrow(
      new RegExp(difference.match(/(?:lacks|has) (\S+)/)?.[1]?.replace(',', '') ?? 'none'),
    );
  }
});

function script(text: string): ProjectScript {
  const found = projectOf({ 'a.gd': text }).scripts.get('res://a.gd');
  if (found === undefined) throw new Error('no script');
  return found;
}

function pick<T>(list: readonly T[], random: Prng): T {
  const found = list[random.next32() % list.length];
  if (found === undefined) throw new Error('nothing to pick');
  return found;
}
