/**
 * A node of `handoff.ts`: rooms over ENet, and a bus over Redis. Arguments: the id of the node; the address of Redis.
 *
 * It prints one line of JSON with its port, and answers each line of its input with one: `room N` makes a room for N players, `move NODE,4` moves all
 * rooms, four at once as a drain does, and says how long the slowest took, `players` says how many are in. It ends with its input.
 */
import { createInterface } from 'node:readline';
import { ClusterNode, Handoff, RedisBus } from '../src/cluster.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { type Player, Room, RoomServer } from '../src/rooms.ts';
import { newMirror, spawnPlayer } from './handoffGame.ts';

const [, , id = 'a', url = ''] = process.argv;

class Match extends Room<{ readonly seats: number }> {
  override endsWhenEmpty = false;
  override tickHz = 30;

  override makeMirror(): ReturnType<typeof newMirror> {
    return newMirror();
  }

  override onCreate({ seats = 64 }: { readonly seats?: number } = {}): void {
    this.maxPlayers = seats;
    this.mirror.getNode('/root/Main')?.onRpc('add', () => undefined);
  }

  override onJoin(player: Player): void {
    spawnPlayer(this.mirror, player.peerId);
  }
}

const peer = new ENetMultiplayerPeer();
peer.setBindIp('127.0.0.1');
const error = peer.createServer(0, 4095);
if (error !== 0) throw new Error(`createServer gave ${error}`);
const port = peer.host?.getLocalPort() ?? 0;
const rooms = new RoomServer({ transport: peer, entry: 'match', auth: ({ text }) => ({ player: text }) });
rooms.define('match', Match);
rooms.start();
const bus = await RedisBus.connect({ url });
const node = new ClusterNode({ bus, rooms, id, addresses: { enet: `127.0.0.1:${port}` } });
await node.start();
const keys = [{ id: '1', algorithm: 'HS256', secret: 'a secret of 32 bytes for this bench' }] as const;
const handoff = new Handoff({ node, keys });

const answers: Readonly<Record<string, (argument: string) => Promise<object>>> = {
  room: async (seats) => ({ id: (await rooms.create('match', { seats: Number(seats) })).id }),
  players: async () => ({
    players: rooms.players.filter(({ isAway, room }) => !isAway && room !== undefined).length,
  }),
  move: async (argument) => {
    const [to = '', atOnce = '4'] = argument.split(',');
    const waiting = [...rooms.rooms];
    let slowestMs = 0;
    const worker = async (): Promise<void> => {
      for (let room = waiting.shift(); room !== undefined; room = waiting.shift()) {
        const begun = performance.now();
        await handoff.moveRoom(room, to);
        slowestMs = Math.max(slowestMs, Math.round(performance.now() - begun));
      }
    };
    await Promise.all(Array.from({ length: Number(atOnce) }, worker));
    return { slowestMs };
  },
};
console.log(JSON.stringify({ port }));
for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', argument = ''] = line.split(' ');
  console.log(JSON.stringify((await answers[name]?.(argument)) ?? {}));
}
handoff.close();
await node.close();
await rooms.close();
await bus.close();
