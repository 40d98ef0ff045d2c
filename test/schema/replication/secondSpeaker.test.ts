/**
 * Replication with another speaker than the one of node packets: numbers for nodes, spawns and despawns as a reliable packet each, all
 * places of a turn in one unreliable packet, as Godot's spawner and synchronizer do. Who gets what, when and how much stays the same.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { Vector2 } from '../../../codec/index.ts';
import { type MirrorNode, type ReplicationOptions, SceneMirror, Spatial2D } from '../../../schema/index.ts';
import type { PacketMaker } from '../../../schema/replication/nodePackets.ts';
import { checkReplicationOptions } from '../../../schema/replication/options.ts';
import { Replication } from '../../../schema/replication/Replication.ts';
import type { Listener, NodeVoice, Speaker, TreeStep } from '../../../schema/replication/speaker.ts';
import { type FakePeer, FakeServer } from './fakeServer.ts';

/** Says `spawn 1 Name 3,4`, `gone 1`, `set 1 visible 3,4`, `rest 1 3,4`, and `at 1=3,4 2=5,6` for all that moves. */
class NumberSpeaker implements Speaker {
  readonly #maker: PacketMaker;
  readonly #ids = new Map<string, number>();
  readonly #places = new Map<Listener, string[]>();

  constructor(maker: PacketMaker) {
    this.#maker = maker;
  }

  voiceOf(node: MirrorNode): NodeVoice {
    const id = this.#ids.size + 1;
    this.#ids.set(String(node.getPath()), id);
    return {
      refresh: () => undefined,
      added: (listener) => this.#say(listener, `spawn ${id} ${node.name} ${placeOf(node)}`, true),
      details: () => true,
      properties: (listener, since) => {
        // A spawn says them all.
        if (since < 0) return true;
        const names = node.changesSince(since).filter((name) => node.isStored(name));
        return this.#say(listener, `set ${id} ${names} ${placeOf(node)}`, true);
      },
      place: (listener, isReliable) => {
        if (isReliable) return this.#say(listener, `rest ${id} ${placeOf(node)}`, true);
        this.#places.set(listener, [...(this.#places.get(listener) ?? []), `${id}=${placeOf(node)}`]);
        return true;
      },
    };
  }

  step(listener: Listener, step: TreeStep): boolean {
    return step.kind !== 'removed' || this.lost(listener, step.path);
  }

  lost(listener: Listener, path: readonly string[]): boolean {
    return this.#say(listener, `gone ${this.#ids.get(`/${path.join('/')}`)}`, true);
  }

  finish(listener: Listener): void {
    const places = this.#places.get(listener) ?? [];
    this.#places.delete(listener);
    // What is refused is old when the next turn comes; the last place is said by `rest`.
    if (places.length > 0) this.#say(listener, `at ${places.join(' ')}`, false);
  }

  #say(listener: Listener, text: string, isReliable: boolean): boolean {
    this.#maker.encoded();
    return listener.hear(this.#maker.createPacket(new TextEncoder().encode(text), isReliable), isReliable);
  }
}

function placeOf({ spatial }: MirrorNode): string {
  return spatial instanceof Spatial2D ? `${spatial.position.x},${spatial.position.y}` : '';
}

let mirror: SceneMirror;
let server: FakeServer;

beforeEach(() => {
  mirror = new SceneMirror();
  server = new FakeServer();
  for (const [i, name] of ['A', 'B', 'C'].entries())
    mirror.root.addChild({ name, class: 'Node2D', properties: { position: new Vector2(i, 0) } });
});

function start(options: ReplicationOptions<FakePeer> = {}): Replication<FakePeer> {
  const settings = checkReplicationOptions(mirror, { rate: 0, ...options });
  return new Replication(
    server.replicationLink(),
    settings,
    (maker) => new NumberSpeaker(maker),
    () => undefined,
  );
}

/** What a peer got since it was last asked; unreliable packets with a `~` in front. */
function heard(peer: FakePeer): string[] {
  return peer.sent
    .splice(0)
    .map(({ bytes, isReliable }) => `${isReliable ? '' : '~'}${new TextDecoder().decode(bytes)}`);
}

function move(name: string, x: number, y: number): void {
  mirror.getNode(name)?.set('position', new Vector2(x, y));
}

describe('another speaker', () => {
  test('is asked for newcomers, changes, places and what is gone', () => {
    const replication = start();
    const peer = server.join();
    replication.tick();
    expect(heard(peer)).toEqual(['spawn 1 A 0,0', 'spawn 2 B 1,0', 'spawn 3 C 2,0']);
    move('A', 5, 5);
    move('C', 6, 6);
    replication.tick();
    expect(heard(peer)).toEqual(['~at 1=5,5 3=6,6']);
    mirror.getNode('B')?.set('visible', false);
    replication.tick();
    expect(heard(peer)).toEqual(['set 2 visible 1,0']);
    mirror.getNode('B')?.free();
    replication.tick();
    expect(heard(peer)).toEqual(['gone 2']);
    // A node that rests is said once more, reliably.
    replication.tick();
    replication.tick();
    expect(heard(peer)).toEqual(['rest 1 5,5', 'rest 3 6,6']);
    expect(replication.isSettled).toBe(true);
    expect(server.errors).toEqual([]);
  });

  test('gives a node one number, whoever hears of it and when', () => {
    const replication = start();
    const first = server.join();
    replication.tick();
    const second = server.join();
    replication.tick();
    expect(heard(second)).toEqual(heard(first));
  });

  test('has nothing to do with who sees what', () => {
    const sight = new Map<FakePeer, Vector2>();
    const replication = start({
      interest: { radius: 1.5, around: (peer) => sight.get(peer) },
      interestTicks: 1,
    });
    const [near, far] = [server.join(), server.join()];
    sight.set(near, new Vector2(0, 0));
    sight.set(far, new Vector2(100, 0));
    replication.tick();
    expect(heard(near)).toEqual(['spawn 1 A 0,0', 'spawn 2 B 1,0']);
    expect(heard(far)).toEqual([]);
    move('B', 99, 0);
    replication.tick();
    expect(heard(near)).toEqual(['gone 2']);
    expect(heard(far)).toEqual(['spawn 2 B 99,0']);
  });

  test('nor with how much a peer gets in a tick', () => {
    const replication = start({ bytesPerTick: 10 });
    const peer = server.join();
    const turns = Array.from({ length: 4 }, () => {
      replication.tick();
      return heard(peer);
    });
    // A spawn is 13 bytes: the next tick pays for what is too much.
    expect(turns).toEqual([['spawn 1 A 0,0'], ['spawn 2 B 1,0'], ['spawn 3 C 2,0'], []]);
    for (const name of ['A', 'B', 'C']) move(name, 9, 9);
    replication.tick();
    expect(heard(peer)).toEqual(['~at 1=9,9 2=9,9 3=9,9']);
    expect(replication.getCounters()).toMatchObject({ packets: 4, unreliablePackets: 1, encoded: 4 });
  });

  test('nor with what the server does not take: it is asked again', () => {
    const replication = start();
    const peer = server.join();
    peer.room = 1;
    replication.tick();
    expect(heard(peer)).toEqual(['spawn 1 A 0,0']);
    peer.room = Number.POSITIVE_INFINITY;
    replication.tick();
    expect(heard(peer)).toEqual(['spawn 2 B 1,0', 'spawn 3 C 2,0']);
    mirror.getNode('A')?.remove();
    peer.room = 0;
    replication.tick();
    expect(heard(peer)).toEqual([]);
    expect(replication.isSettled).toBe(false);
    peer.room = 1;
    replication.tick();
    expect(heard(peer)).toEqual(['gone 1']);
  });
});
