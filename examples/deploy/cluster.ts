/** The rooms of this process as those of one node of many: where the nodes meet, who they are, and how rooms go to others at the end. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClusterBus, ClusterNode, Handoff, NatsBus, RedisBus } from 'godot-enet/cluster';
import type { AgonesSdk } from 'godot-enet/fleet';
import type { RoomServer, TokenKey } from 'godot-enet/rooms';
import type { ClusterSettings, Settings } from './settings.ts';

/** The ports that are bound. */
export interface BoundPorts {
  readonly enet: number;
  readonly web: number;
}

/** A process as a node. */
export interface Cluster {
  readonly node: ClusterNode;
  /** Gives its rooms to other nodes; missing without TOKEN_SECRET: who comes to another node has to say who it is. */
  readonly moveAway: (() => Promise<void>) | undefined;
  /** `GET /rooms`: the rooms of all nodes with their addresses, as JSON. @returns whether it was that. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** When the node is closed. */
  close(): Promise<void>;
}

/** Prepares everything; `node.start()` joins. @throws (as rejection) when Redis or NATS cannot be reached, or does not suit. */
export async function openCluster(
  rooms: RoomServer,
  settings: Settings,
  cluster: ClusterSettings,
  ports: BoundPorts,
  sdk: AgonesSdk | undefined,
): Promise<Cluster> {
  const { tokenSecret, version, maxPlayers, maxRooms } = settings;
  const { name: id, region, labels } = cluster;
  const addresses = sdk === undefined ? addressesOf(cluster, ports) : await addressesInAgones(sdk);
  const bus = await connect(cluster);
  bus.onState((isUp) => console.log(`${bus.engine} ${isUp ? 'answers' : 'does not answer'}`));
  const capacity = { maxPlayers, maxRooms };
  const node = new ClusterNode({ bus, rooms, id, addresses, region, labels, version, capacity });
  node.on('fenced', () => console.log('without a lease: nobody comes in'));
  node.on('unfenced', () => console.log('with a lease: players come in'));
  const handoff = tokenSecret === '' ? undefined : new Handoff({ node, keys: keysOf(tokenSecret) });
  return {
    node,
    moveAway: handoff && (() => giveAway(handoff)),
    answer(request, response) {
      if (request.method !== 'GET' || request.url !== '/rooms') return false;
      void tellRooms(node, response);
      return true;
    },
    async close() {
      handoff?.close();
      await bus.close();
    },
  };
}

/** What tokens of players and tickets between nodes are signed with: on all nodes the same. */
export function keysOf(secret: string): TokenKey[] {
  return [{ id: '1', algorithm: 'HS256', secret }];
}

function connect({ redisUrl, natsUrl }: ClusterSettings): Promise<ClusterBus> {
  return redisUrl !== ''
    ? RedisBus.connect({ url: redisUrl })
    : NatsBus.connect({ servers: natsUrl.split(',') });
}

function addressesOf(
  { host, port, webUrl }: ClusterSettings,
  { enet, web }: BoundPorts,
): Record<string, string> {
  const name = host.includes(':') ? `[${host}]` : host;
  return { enet: `${name}:${port || enet}`, websocket: webUrl || `ws://${name}:${web}` };
}

/** Agones knows where the ports of the pod are outside, by the names that fleet.yaml gives them. */
async function addressesInAgones(sdk: AgonesSdk): Promise<Record<string, string>> {
  const { address, ports } = await sdk.gameServer();
  const [enet, web] = [ports.get('enet'), ports.get('web')];
  return {
    ...(enet === undefined ? {} : { enet: `${address}:${enet}` }),
    ...(web === undefined ? {} : { websocket: `ws://${address}:${web}` }),
  };
}

async function giveAway(handoff: Handoff): Promise<void> {
  const { moved, failed } = await handoff.drain();
  console.log(`${moved.size} rooms are at other nodes, ${failed.size} stay`);
  for (const [room, error] of failed) console.error(`room ${room}: ${String(error)}`);
}

async function tellRooms(node: ClusterNode, response: ServerResponse): Promise<void> {
  try {
    const rooms = await node.list();
    const type = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    response.writeHead(200, type).end(`${JSON.stringify(rooms)}\n`);
  } catch (error) {
    console.error(`rooms: ${String(error)}`);
    response.writeHead(503).end();
  }
}
