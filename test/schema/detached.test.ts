/** Nodes without parent, nodes that are freed at the end of a step, and who hears of a node's authority. */
import { describe, expect, test } from 'vitest';
import { type MirrorNode, SceneMirror, type TreeWatcher } from '../../schema/index.ts';

describe('a node without parent', () => {
  test('is made with all below it, outside of the tree, and comes in by addChild', () => {
    const mirror = new SceneMirror();
    const added: string[] = [];
    mirror.on('nodeAdded', (node) => added.push(node.name));
    const group = mirror.createNode({
      name: 'Squad',
      class: 'Node2D',
      groups: ['units'],
      children: [{ name: 'One', class: 'Sprite2D' }],
    });
    expect(group.getParent()).toBeUndefined();
    expect([...group.walk()].map((node) => node.isInsideTree())).toEqual([false, false]);
    expect(added).toEqual([]);

    expect(mirror.root.addChild(group)).toBe(group);
    expect(String(group.getNode('One')?.getPath())).toBe('/root/Squad/One');
    expect(added).toEqual(['Squad']);
    expect(mirror.getNodesInGroup('units')).toEqual([group]);
  });

  test('a name that is taken is made up, or counts up when it shall be readable', () => {
    const mirror = new SceneMirror();
    const coin = (): MirrorNode => mirror.createNode({ name: 'Coin', class: 'Node' });
    const names = [
      mirror.root.addChild(coin()),
      mirror.root.addChild(coin()),
      mirror.root.addChild(coin(), true),
      mirror.root.addChild({ name: 'Coin', class: 'Node' }, true),
      mirror.root.addChild({ name: 'Coin', class: 'Node', forceReadableName: true }, false),
      mirror.root.addChild({ name: 'Coin', class: 'Node', forceReadableName: true }, undefined),
    ].map((node) => node.name);
    expect(names).toEqual(['Coin', '@Node@2', 'Coin2', 'Coin3', '@Node@3', 'Coin4']);
  });

  test('one that has a parent, is of another mirror or was freed is refused, and an owner of a new one', () => {
    const mirror = new SceneMirror();
    const main = mirror.root.addChild({ name: 'Main', class: 'Node' });
    const freed = mirror.createNode({ name: 'Gone', class: 'Node' });
    freed.free();
    const other = new SceneMirror().createNode({ name: 'Other', class: 'Node' });
    expect(() => mirror.root.addChild(main)).toThrow('"node" expected a node without parent');
    expect(() => main.addChild(freed)).toThrow('"node" expected one that was not freed');
    expect(() => main.addChild(other)).toThrow('"node" expected a node of this mirror');
    expect(() => mirror.createNode({ name: 'Owned', class: 'Node', owner: main })).toThrow(
      '"owner" expected none',
    );
    expect(main.getChildCount()).toBe(0);
  });
});

describe('queueFree', () => {
  test('frees at the end of the step, in the tree and outside, and tells it', () => {
    const mirror = new SceneMirror();
    const seen: string[] = [];
    class Bullet {
      static readonly path = 'res://bullet.gd';
      readonly node: MirrorNode;
      constructor(node: MirrorNode) {
        this.node = node;
      }
      _process(): void {
        seen.push('process');
        this.node.queueFree();
      }
      _exitTree(): void {
        seen.push(`exit ${this.node.isQueuedForDeletion()}`);
      }
    }
    mirror.registerScript(Bullet);
    mirror.on('nodeRemoved', (node) => seen.push(`removed ${node.name}`));
    const bullet = mirror.root.addChild({ name: 'Bullet', class: 'Node2D', script: 'res://bullet.gd' });
    const loose = mirror.createNode({ name: 'Loose', class: 'Node' });
    loose.queueFree();
    loose.queueFree();
    expect([loose.isQueuedForDeletion(), loose.isFreed]).toEqual([true, false]);

    mirror.process(0.1);
    expect(seen).toEqual(['process', 'exit true', 'removed Bullet']);
    expect([bullet, loose].map((node) => [node.isFreed, node.isQueuedForDeletion()])).toEqual([
      [true, false],
      [true, false],
    ]);
    mirror.process(0.1);
    expect(seen.length).toBe(3);
  });

  test('a marked node below a marked one, and one that is marked by the end of another', () => {
    const mirror = new SceneMirror();
    const [a, b] = ['A', 'B'].map((name) => mirror.root.addChild({ name, class: 'Node' }));
    const below = a?.addChild({ name: 'Below', class: 'Node' });
    const order: string[] = [];
    mirror.watchTree({
      exiting: (node) => {
        order.push(node.name);
        if (node === a) b?.queueFree();
      },
    });
    a?.queueFree();
    below?.queueFree();
    expect(below?.isQueuedForDeletion()).toBe(true);
    mirror.flushDeletions();
    expect(order).toEqual(['Below', 'A', 'B']);
    expect([a, b, below].map((node) => node?.isFreed)).toEqual([true, true, true]);
    below?.queueFree();
    expect(below?.isQueuedForDeletion()).toBe(false);
  });

  test('the root is never freed', () => {
    const { root } = new SceneMirror();
    expect(() => root.queueFree()).toThrow('expected another node than the root to free');
    expect(() => root.free()).toThrow('expected another node than the root to free');
    expect(root.isFreed).toBe(false);
  });
});

describe('a watcher of authorities', () => {
  test('hears before and after each change, parents first, and nothing of what stays', () => {
    const mirror = new SceneMirror();
    const main = mirror.createNode({
      name: 'Main',
      class: 'Node',
      children: [
        { name: 'A', class: 'Node', children: [{ name: 'Deep', class: 'Node' }] },
        { name: 'B', class: 'Node' },
      ],
    });
    main.getNode('B')?.setMultiplayerAuthority(7);
    const heard: string[] = [];
    const watcher: TreeWatcher = {
      authorityChanging: (node, id) => heard.push(`${node.name} ${node.getMultiplayerAuthority()}->${id}`),
      authorityChanged: (node) => heard.push(`${node.name} is ${node.getMultiplayerAuthority()}`),
    };
    const stop = mirror.watchTree(watcher);
    main.setMultiplayerAuthority(7);
    expect(heard).toEqual(['Main 1->7', 'Main is 7', 'A 1->7', 'A is 7', 'Deep 1->7', 'Deep is 7']);
    heard.length = 0;
    main.setMultiplayerAuthority(2, false);
    expect(heard).toEqual(['Main 7->2', 'Main is 2']);
    stop();
    main.setMultiplayerAuthority(3);
    expect(heard.length).toBe(2);
  });
});
