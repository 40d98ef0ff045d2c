/** The tree that hostile packets are about: names and scenes as in the cases of golden/multiplayer, with what belongs to which peer. */
import {
  type MirrorNode,
  type SceneMirror,
  SceneReplicationConfig,
  type ScriptClass,
} from '../../schema/index.ts';
import type { SceneMultiplayer } from '../../src/multiplayer/SceneMultiplayer.ts';
import { confirmId, idOf, WireRoom } from './wireRoom.ts';

/** Who decides about the parts of the tree. */
export interface Owners {
  readonly mine: number;
  readonly spawner: number;
  readonly sync: number;
}

/** What peers did. */
export interface Happened {
  spawned: number;
  synchronized: number;
  /** What they had no right to. */
  readonly wrong: string[];
}

const SCENES = ['mob', 'bare', 'multi', 'nest', 'owned'].map((name) => `res://${name}.tscn`);

/** The tree in a SceneMultiplayer. */
export class AttackedTree {
  readonly happened: Happened = { spawned: 0, synchronized: 0, wrong: [] };
  readonly level: MirrorNode;
  readonly body: MirrorNode;
  readonly #mirror: SceneMirror;
  readonly #multiplayer: SceneMultiplayer;
  readonly #owners: Owners;

  constructor(multiplayer: SceneMultiplayer, owners: Owners) {
    const { mirror } = multiplayer;
    this.#mirror = mirror;
    this.#multiplayer = multiplayer;
    this.#owners = owners;
    const main = mirror.root.addChild({ name: 'Main', class: 'Node' });
    for (const name of ['N', 'Mine', 'Side']) main.addChild({ name, class: 'Node', script: 'res://unit.gd' });
    mirror.getNode('/root/Main/Mine')?.setMultiplayerAuthority(owners.mine);
    this.level = mirror.root.addChild({ name: 'Level', class: 'Node' });
    const node = mirror.root.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' });
    node.setMultiplayerAuthority(owners.spawner);
    const spawner = multiplayer.spawner(node);
    for (const path of SCENES) spawner.addSpawnableScene(path);
    spawner.spawnPath = '../Level';
    spawner.spawnFunction = (data) => mirror.createNode({ name: nameOf(data), class: 'Node2D' });
    spawner.on('spawned', (made) => {
      this.happened.spawned++;
      this.#check(owners.spawner, `${made.name} was spawned`);
    });
    this.body = mirror.root.addChild({ name: 'Body', class: 'Node2D', script: 'res://unit.gd' });
    const sync = this.body.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
    sync.setMultiplayerAuthority(owners.sync);
    this.#configure(sync, owners.sync);
  }

  /** Makes a scene of the cases, which belongs to who may spawn it. */
  instantiate(path: string): MirrorNode {
    if (path === 'res://bare.tscn') return this.#mirror.createNode({ name: 'Bare', class: 'Node' });
    const root = this.#mirror.createNode({ name: 'Mob', class: 'Node2D', script: 'res://unit.gd' });
    const sync = root.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
    root.setMultiplayerAuthority(this.#owners.spawner);
    root.instance = path;
    this.#configure(sync, this.#owners.spawner);
    return root;
  }

  #configure(node: MirrorNode, owner: number): void {
    const config = new SceneReplicationConfig();
    for (const [path, mode] of [
      ['.:rotation', 1],
      ['.:position', 1],
      ['.:visible', 2],
    ] as const) {
      config.addProperty(path);
      config.propertySetReplicationMode(path, mode);
    }
    const sync = this.#multiplayer.synchronizer(node);
    sync.replicationConfig = config;
    for (const signal of ['synchronized', 'deltaSynchronized'] as const)
      sync.on(signal, () => {
        this.happened.synchronized++;
        this.#check(owner, `${node.getPath().toString()}: ${signal}`);
      });
  }

  #check(owner: number, what: string): void {
    const sender = this.#multiplayer.getRemoteSenderId();
    if (sender !== owner) this.happened.wrong.push(`${what} by ${sender}`);
  }
}

/** What the authority of such a tree sends about it: SPAWN, DESPAWN and SYNC. The spawner has the number 1, Body/Sync 2. */
export function replicationPackets(script: ScriptClass): Uint8Array[] {
  const room: WireRoom = new WireRoom({ dialect: '4.6', instantiate: (path) => tree.instantiate(path) });
  room.mirror.registerScript(script);
  const tree = new AttackedTree(room.multiplayer, { mine: 1, spawner: 1, sync: 1 });
  room.peer.join(77);
  const packets: Uint8Array[] = [];
  const collect = (): void => {
    for (const [, hex] of room.sent()) {
      if (hex.startsWith('01')) room.receive(77, confirmId(idOf(hex)));
      else packets.push(Uint8Array.from(Buffer.from(hex, 'hex')));
    }
  };
  for (let i = 0; i < 24; i++) {
    const spawner = room.multiplayer.spawner('/root/Spawner');
    const made = i % 3 === 0 ? spawner.spawn(`A${i}`) : tree.instantiate(SCENES[i % 2] ?? '');
    if (made !== null && i % 3 !== 0) {
      made.rename(`P${i}`);
      tree.level.addChild(made);
    }
    for (const node of [tree.body, ...tree.level.getChildren()]) {
      if (node.class !== 'Node2D') continue;
      node.set('rotation', i / 8);
      node.set('visible', i % 2 === 0);
    }
    room.wait(100);
    collect();
    if (i % 4 === 3) tree.level.getChildren()[0]?.free();
  }
  room.multiplayer.close();
  return packets;
}

function nameOf(data: unknown): string {
  return typeof data === 'string' || typeof data === 'number'
    ? `D${String(data).replace(/\W/g, '_')}`
    : 'Data';
}
