/**
 * A server for all the files beside it: rooms over ENet and WebSockets, health and drain over HTTP, one of a fleet when Agones started it, one node
 * of many when there is a REDIS_URL or NATS_URL.
 * What a machine, container or cluster decides comes as environment variables; `settings.ts` has them.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { ClusterNode } from 'godot-enet/cluster';
import { AgonesFleet, AgonesSdk, fleetHandler } from 'godot-enet/fleet';
import { ENetMultiplayerPeer } from 'godot-enet/godot';
import { type DrainResult, drain, drainOnSignals } from 'godot-enet/ops';
import { Room, RoomServer, SessionTokens } from 'godot-enet/rooms';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from 'godot-enet/websocket';
import { keysOf, openCluster } from './cluster.ts';
import { readSettings } from './settings.ts';

/** A game. What it does is the application's. */
class Match extends Room {
  override maxPlayers = 8;
}

const settings = readSettings(process.env);
const { drainMs, maxPlayers, maxRooms, version, drainToken } = settings;

const enet = new ENetMultiplayerPeer({ host: { mtuBytes: settings.mtuBytes } });
// fly.io wants UDP on a name of its own, which only its machines can look up.
if (settings.bind !== '*') enet.setBindIp((await lookup(settings.bind, 4)).address);
const web = new WebSocketMultiplayerPeer();
if (enet.createServer(settings.port, maxPlayers) !== 0) fail(`UDP port ${settings.port} cannot be had`);
if (web.createServer(settings.webPort) !== 0 || (await web.whenListening()) !== 0)
  fail(`TCP port ${settings.webPort} cannot be had`);

const tokens =
  settings.tokenSecret === '' ? undefined : new SessionTokens({ keys: keysOf(settings.tokenSecret) });
const rooms = new RoomServer({
  transport: new JoinedMultiplayerPeer([enet, web]),
  entry: 'match',
  auth:
    tokens &&
    (async ({ text }) => {
      const session = await tokens.verify(text);
      return session.ok && { player: session.player, session: session.sessionId };
    }),
  maxRooms,
  onTrace: (line) => console.error(line),
});
rooms.define('match', Match);
rooms.start();

const sdk = settings.isInAgones ? new AgonesSdk() : undefined;
const ports = { enet: enet.getLocalPort(), web: web.getLocalPort() };
const cluster = settings.cluster && (await openCluster(rooms, settings, settings.cluster, ports, sdk));
const server = cluster?.node ?? rooms;

const capacity = { players: maxPlayers, rooms: maxRooms };
const drainOptions = { timeoutMs: drainMs, moveAway: cluster?.moveAway };
// Agones knows of everything, and ends the pod after a drain.
const fleet = settings.isInAgones
  ? new AgonesFleet(server, {
      sdk,
      playersCounter: 'players',
      roomsCounter: 'rooms',
      capacity,
      drain: drainOptions,
      onStopped: end,
    })
  : undefined;
const answer = fleetHandler(server, {
  version,
  capacity,
  drainToken: drainToken || undefined,
  onDrain: () => fleet?.drain() ?? drain(server, drainOptions).then(end),
});
const ops = createServer((request, response) => {
  if (cluster?.answer(request, response) !== true) answer(request, response);
}).listen(settings.opsPort, settings.opsAddress);
await once(ops, 'listening');
// SIGTERM of systemd, Docker, Kubernetes and fly.io.
if (fleet !== undefined) fleet.shutdownOnSignals();
else drainOnSignals(server, { ...drainOptions, onDrained: end });
if (cluster !== undefined) await joinCluster(cluster.node);
console.log(
  `version ${version}: UDP port ${ports.enet}, WebSockets on port ${ports.web}, health on port ${portOf(ops)}`,
);
await fleet?.start();

/** Until it has joined it is alive, but not ready. */
async function joinCluster(node: ClusterNode): Promise<void> {
  console.log(`node ${node.id} joins the cluster`);
  try {
    await node.start();
  } catch (error) {
    // Otherwise it was told to end meanwhile.
    if (node.metrics().isActive) throw error;
  }
}

/** Nothing holds the process any more. */
function end({ isEmpty, disconnected }: DrainResult): void {
  console.log(isEmpty ? 'stopped, nobody was left' : `stopped, ${disconnected} were disconnected`);
  ops.close();
  sdk?.close();
  void cluster?.close();
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
