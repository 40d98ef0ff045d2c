/**
 * How fast the ENet core is by itself: hosts joined by function calls, no sockets, a clock of its own.
 *
 *   npx tsx bench/core.ts [--seconds=1] [--repeats=3] [--json] [--only=PART]
 *
 * Microseconds of CPU of the process, clients included: `serverAlone.ts` has the server's part, beside libenet's.
 */
import { parseArgs } from 'node:util';
import {
  type Address,
  EventType,
  Host,
  type HostTrace,
  Packet,
  PacketFlag,
  traceCommands,
} from '../src/enet.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine, median } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    seconds: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '3' },
  },
});
const repeats = Number(values.repeats);
const SERVER: Address = { ip: '10.0.0.1', port: 7000 };

/** One server and many clients in one process. */
class Field {
  readonly server: Host;
  readonly clients: Host[] = [];
  readonly #byPort = new Map<number, Host>();
  readonly #addresses: Address[] = [];
  now = 1000;

  constructor(peers: number) {
    let seed = 1;
    const random32 = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed;
    };
    this.server = new Host({ peerCount: peers, random32 });
    for (let i = 0; i < peers; i++) {
      const client = new Host({ peerCount: 1, random32 });
      const address = { ip: '10.1.0.1', port: i + 1 };
      client.connect(SERVER, 2, 0);
      this.clients.push(client);
      this.#addresses.push(address);
      this.#byPort.set(address.port, client);
    }
    for (let i = 0; i < 10 && this.server.connectedPeerCount < peers; i++) this.step();
    this.now += 1000;
    for (let i = 0; i < 6; i++) this.step();
    if (this.server.connectedPeerCount !== peers) throw new Error('not all clients are connected');
  }

  /** Services everybody once and carries what comes of it. */
  step(onServerEvent?: (event: { readonly bytes: Uint8Array; readonly peer: object }) => void): number {
    let received = 0;
    this.now++;
    for (let i = 0; i < this.clients.length; i++) {
      const client = this.clients[i];
      const from = this.#addresses[i];
      if (client === undefined || from === undefined) continue;
      for (let event = client.service(this.now); event !== undefined; event = client.service(this.now)) {
        if (event.type === EventType.RECEIVE) received++;
      }
      for (const { bytes } of client.drainOutbox()) this.server.receive(bytes, from);
    }
    for (
      let event = this.server.service(this.now);
      event !== undefined;
      event = this.server.service(this.now)
    ) {
      if (event.type !== EventType.RECEIVE) continue;
      received++;
      onServerEvent?.(event);
    }
    this.carry();
    return received;
  }

  /** Brings the server's datagrams to the clients. */
  carry(): void {
    for (const { bytes, to } of this.server.drainOutbox()) this.#byPort.get(to.port)?.receive(bytes, SERVER);
  }
}

/** A row. @param start makes what one round needs; a round returns how many it has done. */
function measure(name: string, unit: string, start: () => () => number): void {
  const full = `core, ${name}`;
  if (!isWanted(full)) return;
  const round = start();
  for (let i = 0; i < 20; i++) round();
  const figures = Array.from({ length: repeats }, () => {
    const began = process.cpuUsage();
    let count = 0;
    let usedUs = 0;
    do {
      count += round();
      const { user, system } = process.cpuUsage(began);
      usedUs = user + system;
    } while (usedUs < (Number(values.seconds) * 1e6) / repeats);
    return usedUs / count;
  });
  printRow({ name: full, figure: median(figures), unit, repeats });
}

function echo(peers: number, flags: number, what: string, trace?: HostTrace): void {
  measure(`echo, ${what}, ${peers} peer${peers === 1 ? '' : 's'}`, 'us/packet', () => {
    const field = new Field(peers);
    field.server.trace = trace;
    const packet = new Packet(new Uint8Array(32), flags);
    const answer = ({ bytes, peer }: { readonly bytes: Uint8Array; readonly peer: object }): void => {
      (peer as ReturnType<Host['peer']> & object).send(0, new Packet(bytes, flags));
    };
    return () => {
      for (const client of field.clients) {
        for (let i = 0; i < 8; i++) client.peer(0)?.send(0, packet);
      }
      // There, back, and the acknowledgements of both.
      return field.step(answer) + field.step(answer);
    };
  });
}

function broadcast(peers: number): void {
  measure(`broadcast, unsequenced, ${peers} peers`, 'us/packet', () => {
    const field = new Field(peers);
    const packet = new Packet(new Uint8Array(32), PacketFlag.UNSEQUENCED);
    return () => {
      field.server.broadcast(0, packet);
      field.server.flush(field.now);
      return field.server.drainOutbox().length;
    };
  });
  measure(`broadcast and acknowledgements, reliable, ${peers} peers`, 'us/packet', () => {
    const field = new Field(peers);
    const packet = new Packet(new Uint8Array(32), PacketFlag.RELIABLE);
    return () => {
      field.server.broadcast(0, packet);
      return field.step() + field.step();
    };
  });
}

function ticks(peers: number): void {
  measure(`ticks, ${peers} peers, 1 active`, 'us/tick', () => {
    const field = new Field(peers);
    const [client] = field.clients;
    const packet = new Packet(new Uint8Array(32), PacketFlag.RELIABLE);
    const from = { ip: '10.1.0.1', port: 1 };
    return () => {
      field.now += 0.001;
      client?.peer(0)?.send(0, packet);
      client?.service(field.now);
      for (const { bytes } of client?.drainOutbox() ?? []) field.server.receive(bytes, from);
      while (field.server.service(field.now) !== undefined);
      field.carry();
      client?.service(field.now);
      return 1;
    };
  });
}

say(JSON.stringify(describeMachine()));
echo(1, PacketFlag.RELIABLE, 'reliable');
echo(64, PacketFlag.RELIABLE, 'reliable');
echo(64, PacketFlag.NONE, 'unreliable');
// What a trace costs: an observer that only counts, and one that takes every datagram apart.
let seen = 0;
const count = (): void => {
  seen++;
};
echo(64, PacketFlag.RELIABLE, 'reliable, trace', { received: count, sent: count, dropped: count });
echo(64, PacketFlag.RELIABLE, 'reliable, commands', traceCommands(count));
broadcast(500);
broadcast(4000);
ticks(4000);
say(`the observers saw ${seen}`);
