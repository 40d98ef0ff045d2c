/**
 * What a bus does, and what it costs: claims, answers, messages and news per second, and the traffic of one node whose rooms are idle.
 * Engines that are not installed are left out. Servers run on this machine with their data on its disk: Redis with `appendonly yes` and
 * `appendfsync everysec` or `always`, NATS with its defaults.
 *
 *   npx tsx bench/cluster.ts [--seconds=2] [--rooms=200] [--under-way=64] [--only=memory,redis,redis-always,nats]
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ClusterBus, ClusterNode, MemoryHub, NatsBus, RedisBus } from '../src/cluster.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { Room, RoomServer } from '../src/rooms.ts';
import { NatsServer } from '../test/cluster/natsServer.ts';
import { RedisServer } from '../test/cluster/redisServer.ts';
import { TcpProxy } from '../test/cluster/tcpProxy.ts';
import { PEERS } from '../test/support/peers.ts';
import { describeMachine } from './servers.ts';

/** An engine, reached directly or through a proxy that counts. */
interface Engine {
  readonly port: number | undefined;
  connect(port?: number): Promise<ClusterBus>;
  close(): Promise<void>;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rooms: { type: 'string', default: '200' },
    'under-way': { type: 'string', default: '64' },
    only: { type: 'string', default: 'memory,redis,redis-always,nats' },
  },
});
const seconds = Number(values.seconds);
const rooms = Number(values.rooms);
const underWay = Number(values['under-way']);

const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  memory: async () => {
    const hub = new MemoryHub();
    return { port: undefined, connect: async () => hub.connect(), close: async () => undefined };
  },
  redis: () => redis('everysec'),
  'redis-always': () => redis('always'),
  nats: async () => {
    const server = await NatsServer.start();
    const own = Number(server.address.split(':')[1]);
    return {
      port: own,
      connect: (port = own) => NatsBus.connect({ servers: `127.0.0.1:${port}` }),
      close: () => server.close(),
    };
  },
};

async function redis(appendfsync: string): Promise<Engine> {
  const server = await RedisServer.start({ args: ['--appendfsync', appendfsync] });
  return {
    port: server.port,
    connect: (port = server.port) => RedisBus.connect({ url: `redis://127.0.0.1:${port}` }),
    close: () => server.close(),
  };
}

class IdleRoom extends Room {
  override endsWhenEmpty = false;
}

const { cpu, cores, node, load } = describeMachine();
console.log(`${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)}`);
for (const name of values.only.split(',')) {
  const open = ENGINES[name];
  if (open === undefined) throw new RangeError(`"only" expected ${Object.keys(ENGINES)}, got ${name}`);
  const needed = { memory: undefined, nats: PEERS.nats }[name] ?? PEERS.redis;
  if (name !== 'memory' && !needed.isInstalled()) continue;
  const engine = await open();
  try {
    await measure(name, engine);
    await idle(name, engine);
  } finally {
    await engine.close();
  }
}
process.exit();

async function measure(name: string, engine: Engine): Promise<void> {
  const [one, two] = [await engine.connect(), await engine.connect()];
  const root = await claimed(() => one.claim('node/bench', '{}'));
  const renewing = setInterval(() => void one.renew(root), one.leaseMs / 3);
  const keys: string[] = [];
  const row = async (what: string, call: (i: number) => Promise<unknown>): Promise<void> => {
    for (const many of [1, underWay]) {
      const perSecond = await rate(call, many);
      console.log(
        `${name}: ${what}, ${many} under way: ${Math.round(perSecond).toLocaleString('en')} per second`,
      );
    }
  };
  await row('claims', (i) => {
    const key = `room/${keys.length}-${i}`;
    keys.push(key);
    return one.claim(key, '{"kind":"arena","players":3}', root);
  });
  await row('finds', (i) => two.find(keys[i % keys.length] ?? ''));
  let received = 0;
  await two.receive('node/two', () => void received++);
  const bytes = new Uint8Array(200);
  for (const many of [1, underWay]) {
    const before = received;
    // What is not received is not counted; a full inbox waits a little.
    const start = performance.now();
    await rate(
      () =>
        one.send('node/two', bytes).catch(async (error: unknown) => {
          if (!String(error).includes('wait in')) throw error;
          await setTimeout(1);
        }),
      many,
    );
    const perSecond = ((received - before) / (performance.now() - start)) * 1000;
    console.log(
      `${name}: messages received, ${many} under way: ${Math.round(perSecond).toLocaleString('en')} per second`,
    );
  }
  let heard = 0;
  await two.subscribe('topic/bench', () => void heard++);
  await row('published', () => one.publish('topic/bench', bytes));
  await setTimeout(500);
  console.log(`${name}: ${heard.toLocaleString('en')} of them heard`);
  clearInterval(renewing);
  await one.release(root);
  await one.close();
  await two.close();
}

/** Calls per second, so many at once. */
async function rate(call: (i: number) => Promise<unknown>, many: number): Promise<number> {
  let count = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      await call(count++);
      // Calls that take no time let nobody else in.
      if (count % 1000 === 0) await setTimeout(0);
    }
  };
  await Promise.all(Array.from({ length: many }, loop));
  return (count / (performance.now() - start)) * 1000;
}

/** The traffic of a node with rooms in which nothing happens. */
async function idle(name: string, engine: Engine): Promise<void> {
  if (engine.port === undefined) return;
  const proxy = await TcpProxy.start(engine.port);
  const bus = await engine.connect(proxy.port);
  const peer = new ENetMultiplayerPeer();
  peer.setBindIp('127.0.0.1');
  const error = peer.createServer(0, 32);
  if (error !== 0) throw new Error(`createServer gave ${error}`);
  const server = new RoomServer({ transport: peer, entry: 'idle', maxRooms: rooms + 1 });
  server.define('idle', IdleRoom);
  server.start();
  const member = new ClusterNode({ bus, rooms: server, addresses: { enet: '127.0.0.1:1' } });
  await member.start();
  for (let i = 0; i < rooms; i++) await member.create('idle');
  await setTimeout(2000);
  for (const round of [1, 2]) {
    const before = proxy.passed;
    await setTimeout(30_000);
    const { there, back, writes } = proxy.passed;
    console.log(
      `${name}: ${rooms} idle rooms, round ${round}: ${((writes - before.writes) / 30).toFixed(1)} writes, ` +
        `${Math.round((there - before.there) / 30)} bytes there and ${Math.round((back - before.back) / 30)} back per second`,
    );
  }
  await member.close();
  await server.close();
  await bus.close();
  await proxy.close();
}

/** A claim as soon as the engine lets anybody. */
async function claimed<T>(claim: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await claim();
    } catch (error) {
      if (!String(error).includes('anew')) throw error;
      await setTimeout(100);
    }
  }
}
