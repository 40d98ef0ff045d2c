/** A mirror that is replicated over the virtual network, and mirrors of clients that follow it. */
import { Float } from '../../../codec/index.ts';
import {
  type FollowResult,
  type MirrorNode,
  nodeDictionary,
  type Replication,
  type ReplicationOptions,
  ResourceReference,
  SceneFollower,
  SceneMirror,
  toSceneValue,
} from '../../../schema/index.ts';
import type { ENetClient } from '../../../src/server/ENetClient.ts';
import type { ENetServerPeer } from '../../../src/server/ENetServerPeer.ts';
import type { SimNetworkOptions } from '../../../src/testing/SimNetwork.ts';
import { createWorld, type ServerWorld } from '../../server/world.ts';

/** A client with a mirror of its own. */
export interface Follower {
  readonly client: ENetClient;
  readonly mirror: SceneMirror;
  /** What became of every packet. */
  readonly results: FollowResult[];
  /** Every packet. */
  readonly packets: Uint8Array[];
}

/** What the tests play with. */
export interface ReplicatedWorld {
  readonly world: ServerWorld;
  readonly mirror: SceneMirror;
  readonly replication: Replication<ENetServerPeer>;
  /** Connects a client. */
  follow(): Follower;
  /** Lets time pass until everything was sent and the followers are equal; for two minutes at most. */
  settle(): void;
}

/** Makes a network, a server and a mirror. */
export function createReplicatedWorld(
  options: ReplicationOptions<ENetServerPeer> = {},
  net: SimNetworkOptions = {},
  mirror: SceneMirror = new SceneMirror(),
): ReplicatedWorld {
  const world = createWorld({ net, create: [7777, 128, 2] });
  const replication = mirror.replicate(world.server, options);
  const followers: Follower[] = [];
  return {
    world,
    mirror,
    replication,
    follow: () => {
      const { client } = world.createClient();
      const follower: Follower = { client, mirror: new SceneMirror(), results: [], packets: [] };
      followers.push(follower);
      const following = new SceneFollower(follower.mirror);
      client.on('rawPacketReceived', (bytes) => {
        follower.packets.push(bytes);
        follower.results.push(following.receive(bytes));
      });
      client.connectToServer('10.0.0.1', 7777);
      const wanted = world.server.getPeerCount() + 1;
      world.net.runUntil(() => client.isConnectedToServer(), 60_000, 'the connection');
      world.net.runUntil(() => world.server.getPeerCount() >= wanted, 60_000, 'the peer');
      return follower;
    },
    settle: () => {
      // A tick looks at the latest edits first.
      world.net.advance(200);
      world.net.runUntil(() => replication.isSettled, LIMIT_MS, 'everything to be sent');
      const isThere = (): boolean => followers.every((follower) => treeText(follower.mirror) === wanted);
      const wanted = treeText(mirror);
      for (let passed = 0; passed < LIMIT_MS && !isThere(); passed += 500) world.net.advance(500);
      // What was late or sent twice comes now, and may not spoil anything.
      world.net.advance(2000);
    },
  };
}

/** Everything of a tree that replication promises, as text: two trees are the same when their texts are. */
export function treeText(mirror: SceneMirror): string {
  const lines: string[] = [];
  for (const node of mirror.root.walk()) if (node !== mirror.root) lines.push(...nodeLines(node));
  return lines.join('\n');
}

function nodeLines(node: MirrorNode): string[] {
  const lines = [
    `${node.getPath()} ${node.class} ${node.instance ?? ''}`,
    `  groups ${node.getGroups().sort().join()} owner ${node.owner?.getPath() ?? ''}`,
    `  variables ${node.scriptVariables().map((info) => info.name)}`,
  ];
  const properties = new Map<string, string>();
  for (const info of node.listed()) {
    const value = node.storedValue(info);
    const text = value instanceof ResourceReference ? value.path : JSON.stringify(toSceneValue(value));
    properties.set(info.name, text);
  }
  for (const [name, value] of [...node.metadata].sort()) {
    properties.set(`metadata/${name}`, JSON.stringify(toSceneValue(value)));
  }
  for (const [name, text] of properties) lines.push(`  ${name} ${text}`);
  for (const [name, value] of nodeDictionary(node, 4)) {
    if (!String(name).startsWith('_')) {
      lines.push(
        `  place ${name} ${value instanceof Float ? value.value : JSON.stringify(toSceneValue(value))}`,
      );
    }
  }
  return lines;
}

const LIMIT_MS = 120_000;
