/**
 * A node of the cluster that chaos is made with: a process of its own, with rooms over ENet, that does what its parent says and writes down
 * what happens, each line with the monotonic clock of the machine.
 *
 *   nodeProgram.ts ID BUS-URL HISTORY-FILE
 */
import { appendFileSync } from 'node:fs';
import { SceneMirror } from '../../../schema/index.ts';
import { ClusterNode, Lease } from '../../../src/cluster.ts';
import { ENetMultiplayerPeer } from '../../../src/godot.ts';
import { type Player, Room, RoomServer } from '../../../src/rooms.ts';
import { connect } from './engines.ts';
import type { Line, Place } from './history.ts';
import { type Answer, machineMs, type Order, SEATS } from './orders.ts';

const [id = '', url = '', file = ''] = process.argv.slice(2);

type Told = Line extends infer L ? (L extends Line ? Omit<L, 't' | 'node'> : never) : never;

function write(line: Told, t = machineMs()): void {
  appendFileSync(file, `${JSON.stringify({ t, node: id, ...line })}\n`);
}

/** When this call of the event loop has asked whether a lease holds, and it did: what it does then was decided at that moment. */
let sureMs: number | undefined;
const { get: isHeld } = Object.getOwnPropertyDescriptor(Lease.prototype, 'isHeld') ?? {};
Object.defineProperty(Lease.prototype, 'isHeld', {
  get(this: Lease): boolean {
    const holds = isHeld?.call(this) === true;
    if (holds && this.key.startsWith('room/')) {
      sureMs = machineMs();
      queueMicrotask(() => {
        sureMs = undefined;
      });
    }
    return holds;
  },
});

const transport = new ENetMultiplayerPeer();
transport.setBindIp('127.0.0.1');
transport.createServer(0, 200);
const rooms = new RoomServer({
  transport,
  entry: 'lobby',
  secondLogin: 'takeOver',
  auth: ({ text, reply }) => {
    const [player = '', room = '', reservation = ''] = text.split(' ');
    reply('in');
    return { player, user: { room, reservation } };
  },
});
const bus = await connect(url);
const node = new ClusterNode({
  bus,
  rooms,
  id,
  addresses: { enet: `127.0.0.1:${transport.host?.getLocalPort()}` },
});

/** Where players wait until they are let into the room that they have come for. */
class Lobby extends Room {
  override maxPlayers = 200;
  override endsWhenEmpty = false;

  override makeMirror(): SceneMirror {
    return new SceneMirror();
  }

  override onJoin(player: Player): void {
    const { room, reservation } = player.user as { room: string; reservation: string }; // as auth above says
    player.moveTo(room, { reservation }).catch(() => player.kick());
  }
}

class Match extends Room {
  override maxPlayers = SEATS;
  override endsWhenEmpty = false;
  override graceMs = 0;
  #epoch = 0;

  override makeMirror(): SceneMirror {
    return new SceneMirror();
  }

  override onCreate(): void {
    this.#epoch = node.epochOf(this.id) ?? 0;
    write({ what: 'open', room: this.id, epoch: this.#epoch, seats: SEATS });
  }

  override onJoin(player: Player): void {
    // A process may be stopped between the decision and this.
    const decidedMs = sureMs ?? machineMs();
    // It may have been claimed anew since.
    const epoch = node.epochOf(this.id) ?? 0;
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      write({ what: 'open', room: this.id, epoch, seats: SEATS }, decidedMs);
      for (const other of this.players.values())
        if (other !== player) write({ what: 'admit', room: this.id, epoch, player: other.id }, decidedMs);
    }
    write({ what: 'admit', room: this.id, epoch, player: player.id }, decidedMs);
  }

  override onLeave(player: Player): void {
    write({ what: 'leave', room: this.id, epoch: this.#epoch, player: player.id });
  }

  override onDispose(): void {
    write({ what: 'end', room: this.id, epoch: this.#epoch });
  }
}

bus.onState((isUp) => write({ what: isUp ? 'bus-up' : 'bus-down' }));
node.on('fenced', () => write({ what: 'fenced' }));
node.on('unfenced', () => write({ what: 'unfenced' }));
node.on('nodeJoined', (other) => write({ what: 'sees', other: other.id }));
node.on('nodeLeft', (other) => write({ what: 'misses', other: other.id }));
rooms.define('lobby', Lobby).define('match', Match);
rooms.start();
await node.start();

async function carryOut(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'create':
      return node.create('match', undefined, { id: order.room });
    case 'reserve':
      return node.reserve(order.room, { players: [order.player], forMs: 3000 });
    case 'end':
      await rooms.get(order.room)?.end();
      return null;
    case 'census':
      return rooms.rooms.map(
        (room): Place => ({ room: room.id, node: id, epoch: node.epochOf(room.id) ?? 0 }),
      );
    case 'state':
      return {
        isHeld: node.isHeld,
        nodes: node.nodes().map((other) => other.id),
        fences: node.ops.metrics().fences,
      };
    case 'close':
      await node.close();
      await rooms.close();
      await bus.close();
      setImmediate(() => process.disconnect());
      return null;
  }
}

process.on('message', ({ number, order }: { number: number; order: Order }) => {
  carryOut(order).then(
    (value) => process.send?.({ number, value } satisfies Answer),
    (error: unknown) => {
      const { code = '', message = '' }: { code?: unknown; message?: unknown } = Object(error);
      process.send?.({ number, code: String(code), message: String(message) } satisfies Answer);
    },
  );
});
process.send?.({ number: 0 } satisfies Answer);
