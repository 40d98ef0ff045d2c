/**
 * A server for all the files beside it: rooms over ENet and WebSockets, health and drain over HTTP, one of a fleet when Agones started it.
 * What a machine, container or cluster decides comes as environment variables; `settings.ts` has them.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { AgonesFleet, fleetHandler } from 'godot-enet/fleet';
import { ENetMultiplayerPeer } from 'godot-enet/godot';
import { type DrainResult, drain, drainOnSignals } from 'godot-enet/ops';
import { Room, RoomServer } from 'godot-enet/rooms';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from 'godot-enet/websocket';
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

const rooms = new RoomServer({
  transport: new JoinedMultiplayerPeer([enet, web]),
  entry: 'match',
  maxRooms,
  onTrace: (line) => console.error(line),
});
rooms.define('match', Match);
rooms.start();

const capacity = { players: maxPlayers, rooms: maxRooms };
const drainOptions = { timeoutMs: drainMs };
// Agones knows of everything, and ends the pod after a drain.
const fleet = settings.isInAgones
  ? new AgonesFleet(rooms, {
      playersCounter: 'players',
      roomsCounter: 'rooms',
      capacity,
      drain: drainOptions,
      onStopped: end,
    })
  : undefined;
const ops = createServer(
  fleetHandler(rooms, {
    version,
    capacity,
    drainToken: drainToken || undefined,
    onDrain: () => fleet?.drain() ?? drain(rooms, drainOptions).then(end),
  }),
).listen(settings.opsPort, settings.opsAddress);
await once(ops, 'listening');
// SIGTERM of systemd, Docker, Kubernetes and fly.io.
if (fleet !== undefined) fleet.shutdownOnSignals();
else drainOnSignals(rooms, { ...drainOptions, onDrained: end });
console.log(
  `version ${version}: UDP port ${enet.getLocalPort()}, WebSockets on port ${web.getLocalPort()}, health on port ${portOf(ops)}`,
);
await fleet?.start();

/** Nothing holds the process any more. */
function end({ isEmpty, disconnected }: DrainResult): void {
  console.log(isEmpty ? 'stopped, nobody was left' : `stopped, ${disconnected} were disconnected`);
  ops.close();
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
