/** Whatever happens to a mirror, those that follow it become equal once it rests: under loss, reordering and duplication. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Quaternion, Vector2, Vector3 } from '../../../codec/index.ts';
import { type MirrorNode, ResourceReference, type SceneMirror } from '../../../schema/index.ts';
import { fcParameters } from '../../support/fc.ts';
import { createReplicatedWorld, treeText } from './world.ts';

/** An edit; the numbers choose nodes and values, whatever is there. */
interface Edit {
  readonly kind: (typeof KINDS)[number];
  readonly node: number;
  readonly other: number;
  readonly value: number;
  /** Time that passes afterwards, in milliseconds. */
  readonly waitMs: number;
}

const KINDS = [
  'move',
  'move',
  'move',
  'turn',
  'skew',
  'hide',
  'text',
  'variable',
  'declare',
  'meta',
  'group',
  'owner',
  'texture',
  'script',
  'add',
  'add',
  'remove',
  'rename',
  'swap',
  'reparent',
  'order',
  'detach',
] as const;
const CLASSES = ['Node', 'Node2D', 'Sprite2D', 'Node3D', 'Label'] as const;
const NAMES = ['A', 'B', 'C'] as const;

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    node: fc.nat(1000),
    other: fc.nat(1000),
    value: fc.nat(1000),
    waitMs: fc.constantFrom(0, 0, 0, 20, 60, 150, 400),
  }),
  { minLength: 1, maxLength: 60 },
);

/** The n-th node below the root, if there is one. */
function pick(mirror: SceneMirror, n: number): MirrorNode | undefined {
  const nodes = [...mirror.root.walk()].slice(1);
  return nodes[n % Math.max(1, nodes.length)];
}

class Editor {
  readonly #mirror: SceneMirror;
  readonly #loose: MirrorNode[] = [];

  constructor(mirror: SceneMirror) {
    this.#mirror = mirror;
  }

  apply({ kind, node: n, other: m, value }: Edit): void {
    const mirror = this.#mirror;
    const node = pick(mirror, n);
    const other = pick(mirror, m);
    if (kind === 'add') {
      const parent = value % 3 === 0 ? mirror.root : (other ?? mirror.root);
      const loose = this.#loose.pop();
      if (loose !== undefined && value % 2 === 0) parent.attach(loose);
      else {
        parent.addChild({
          name: NAMES[n % NAMES.length] ?? 'A',
          class: CLASSES[value % CLASSES.length] ?? 'Node',
          forceReadableName: m % 2 === 0,
          properties: { process_priority: value },
          children: value % 5 === 0 ? [{ name: 'Inner', class: 'Node2D' }] : [],
        });
      }
      return;
    }
    if (node === undefined) return;
    const parent = node.getParent() ?? mirror.root;
    switch (kind) {
      case 'move':
        if (node.isClass('Node3D')) node.set('position', new Vector3(value / 7, n, -m));
        else if (node.isClass('Node2D')) node.set('position', new Vector2(value / 7, m / 3));
        break;
      case 'turn':
        if (node.isClass('Node3D') && value % 2 === 0) node.set('quaternion', new Quaternion(0.6, 0, 0.8, 0));
        else if (node.isClass('Node3D')) node.set('rotation', new Vector3(value / 100, n / 300, 1));
        else if (node.isClass('Node2D')) node.set('rotation', value / 100);
        break;
      case 'skew':
        if (node.isClass('Node2D')) node.set('skew', value / 1000);
        break;
      case 'hide':
        node.set('process_priority', value % 4);
        if (node.isClass('Node3D')) node.set('rotation_order', value % 6);
        else if (node.isClass('CanvasItem')) node.set('top_level', value % 2 === 0);
        break;
      case 'text':
        node.set('editor_description', `text ${value % 5}`);
        break;
      case 'variable':
        node.set(`variable${m % 3}`, value % 2 === 0 ? value : [value, 'x']);
        break;
      case 'declare':
        node.declareVariable({ name: `typed${m % 2}`, type: 'int' });
        node.set(`typed${m % 2}`, value);
        break;
      case 'meta':
        node.setMeta(NAMES[m % NAMES.length] ?? 'A', value % 3 === 0 ? null : value);
        break;
      case 'group':
        if (value % 2 === 0) node.addToGroup(`group${m % 3}`);
        else node.removeFromGroup(`group${m % 3}`);
        break;
      case 'owner':
        if (other === undefined) node.owner = undefined;
        else if (other.isAncestorOf(node)) node.owner = other;
        break;
      case 'texture':
        if (node.isClass('Sprite2D')) {
          const path = `res://${value % 3}.png`;
          node.set('texture', value % 4 === 0 ? null : new ResourceReference('ExtResource', '', { path }));
        }
        break;
      case 'script':
        node.set('script', `res://${value % 3}.gd`);
        break;
      case 'remove':
        node.remove();
        break;
      case 'detach':
        node.remove();
        this.#loose.push(node);
        break;
      case 'rename':
        node.rename(NAMES[value % NAMES.length] ?? 'A');
        break;
      case 'swap': {
        const sibling = parent.getChild(m % parent.getChildCount());
        if (sibling === undefined || sibling === node) break;
        const [first, second] = [node.name, sibling.name];
        if (first.includes('@') || second.includes('@')) break;
        node.rename('Between');
        sibling.rename(first);
        node.rename(second);
        break;
      }
      case 'reparent': {
        const target = value % 4 === 0 ? mirror.root : other;
        if (target !== undefined && target !== node && !node.isAncestorOf(target)) node.reparent(target);
        break;
      }
      case 'order':
        parent.moveChild(node, m % parent.getChildCount());
        break;
    }
  }
}

const links = fc.record({
  latencyMs: fc.integer({ min: 0, max: 80 }),
  jitterMs: fc.integer({ min: 0, max: 50 }),
  loss: fc.constantFrom(0, 0.1, 0.2),
  duplicate: fc.constantFrom(0, 0.2),
  reorder: fc.constantFrom(0, 0.3),
  reorderMs: fc.constantFrom(20, 300),
});

test('any edits, any network: followers become equal', () => {
  fc.assert(
    fc.property(
      edits,
      edits,
      links,
      fc.nat(),
      fc.constantFrom(200, 1500, 16_384),
      (first, second, link, seed, bytes) => {
        const { world, mirror, follow, settle, replication } = createReplicatedWorld(
          { bytesPerTick: bytes, interestTicks: 1 },
          { seed },
        );
        const editor = new Editor(mirror);
        const followers = [follow()];
        world.net.setLink('*', '*', link);
        const run = (list: readonly Edit[]): void => {
          for (const edit of list) {
            editor.apply(edit);
            world.net.advance(edit.waitMs);
          }
        };
        run(first);
        // The second joins while the scene changes. Lost handshakes are not the subject here.
        world.net.setLink('*', '*', { loss: 0 });
        followers.push(follow());
        world.net.setLink('*', '*', link);
        run(second);
        // So that no connection ends for want of acknowledgements; what was lost is still to be sent again.
        world.net.setLink('*', '*', { loss: 0 });
        settle();
        for (const { mirror: copy, results } of followers) {
          expect(results.filter(({ kind }) => kind !== 'applied')).toEqual([]);
          expect(treeText(copy)).toBe(treeText(mirror));
        }
        replication.stop();
        world.server.stopServer();
      },
    ),
    fcParameters(40),
  );
}, 120_000);

test('any edits, interest that comes and goes: followers have what is of interest', () => {
  fc.assert(
    fc.property(
      edits,
      links,
      fc.nat(),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
      (list, link, seed, phases) => {
        let hidden = '';
        const { world, mirror, follow, settle, replication } = createReplicatedWorld(
          {
            interest: (_peer, node) => node.getGroups().join() !== hidden || hidden === '',
            bytesPerTick: 1500,
          },
          { seed },
        );
        const editor = new Editor(mirror);
        const follower = follow();
        world.net.setLink('*', '*', link);
        for (const [i, edit] of list.entries()) {
          editor.apply(edit);
          const phase = phases[i % phases.length] ?? 0;
          hidden = phase < 3 ? '' : `group${phase - 3}`;
          world.net.advance(edit.waitMs);
        }
        hidden = '';
        // Interest is worked out every few ticks.
        world.net.advance(1000);
        // So that no connection ends for want of acknowledgements; what was lost is still to be sent again.
        world.net.setLink('*', '*', { loss: 0 });
        settle();
        expect(follower.results.filter(({ kind }) => kind !== 'applied')).toEqual([]);
        expect(treeText(follower.mirror)).toBe(treeText(mirror));
        replication.stop();
        world.server.stopServer();
      },
    ),
    fcParameters(30),
  );
}, 120_000);
