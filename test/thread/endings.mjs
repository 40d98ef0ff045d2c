// A server process that ends in the way that its arguments name. Run by endings.test.ts; it uses the built package.
import { createSocket } from 'node:dgram';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createNodeRuntime, TLSOptions } from '../../dist/src/godot.js';
import { createSelfSignedCertificate } from '../../dist/src/ops.js';
import { ENetClient, ENetServer } from '../../dist/src/server.js';

const [, , way, transport, mode] = process.argv;

/** A server that echoes. */
function serve(options = {}, threadScript = undefined) {
  const server = new ENetServer({
    bindAddress: '127.0.0.1',
    runtime: createNodeRuntime({ transport, threadScript }),
    thread: mode === 'thread',
    onError: () => undefined,
    ...options,
  });
  server.on('packetReceived', (peer, packet) => peer.sendPacket(packet));
  const error = server.createServer(0);
  if (error !== 0) throw new Error(`createServer: ${error}`);
  return server;
}

/** Packets without end, from a client of this process to a server of it. */
async function traffic(server) {
  const client = new ENetClient({ runtime: createNodeRuntime({ transport }) });
  client.connectToServer('127.0.0.1', server.getLocalPort());
  await client.connected();
  const more = () => {
    for (let i = 0; i < 20; i++) client.sendPacket({ i });
    setImmediate(more).unref();
  };
  more();
  return client;
}

/** Waits, and then lets the process end by itself. */
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A network thread that dies: the application hears of it, and another server of it works. */
async function dies(worker, options) {
  const server = serve(options, new URL(worker, import.meta.url));
  const stopped = new Promise((resolve) => server.on('serverStopped', resolve));
  const client = await traffic(server);
  await stopped;
  await client[Symbol.asyncDispose]();
  const next = serve();
  const other = await traffic(next);
  await other[Symbol.asyncDispose]();
  next.stopServer();
  console.log('survived');
}

const ways = {
  exitAtOnce: () => {
    serve();
    process.exit(0);
  },
  exit: async () => {
    serve();
    await later(20);
    process.exit(0);
  },
  exitOfSeveral: async () => {
    const servers = [serve(), serve(), serve()];
    await Promise.all(servers.map(traffic));
    servers[0].stopServer();
    process.exit(0);
  },
  exitUnderTraffic: async () => {
    await traffic(serve());
    await later(20);
    process.exit(0);
  },
  exitInHandler: async () => {
    const server = serve();
    server.on('packetReceived', () => process.exit(0));
    await traffic(server);
  },
  uncaught: async () => {
    await traffic(serve());
    setTimeout(() => {
      throw new Error('struck by lightning');
    }, 20);
  },
  rejection: async () => {
    await traffic(serve());
    setTimeout(() => void Promise.reject(new Error('struck by lightning')), 20);
  },
  sigterm: async () => {
    await traffic(serve());
    process.kill(process.pid, 'SIGTERM');
    await later(10_000);
  },
  stopUnderTraffic: async () => {
    const server = serve();
    const client = await traffic(server);
    server.stopServer();
    await client[Symbol.asyncDispose]();
  },
  stopUnderConnects: async () => {
    const server = serve();
    const socket = createSocket('udp4');
    // A CONNECT of a stranger, each with an id of its own.
    const bytes = Buffer.from(
      '8fff000182ff000100000000000000' +
        '057000010000000000020000000000000000000013880000000200000002' +
        '0000000100000000',
      'hex',
    );
    const flood = setInterval(() => {
      for (let i = 0; i < 200; i++) socket.send(bytes, server.getLocalPort() || 9, '127.0.0.1');
    }, 0);
    await later(30);
    server.stopServer();
    clearInterval(flood);
    socket.close();
  },
  stopUnderHellos: async () => {
    const { key, certificate } = await createSelfSignedCertificate({ names: ['localhost'] });
    const server = serve({ tls: TLSOptions.server(key, certificate) });
    const clients = Array.from({ length: 20 }, () => {
      const client = new ENetClient({
        runtime: createNodeRuntime({ transport }),
        tls: TLSOptions.clientUnsafe(),
      });
      client.connectToServer('127.0.0.1', server.getLocalPort());
      return client;
    });
    await later(15);
    server.stopServer();
    for (const client of clients) await client[Symbol.asyncDispose]();
  },
  /** Terminated by the application, in whose worker a server runs. */
  terminated: async () => {
    if (!isMainThread) {
      await traffic(serve());
      parentPort.postMessage('up');
      return;
    }
    const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    console.log('survived');
  },
  workerOutOfMemory: () => dies('hungryWorker.mjs', { thread: { maxHeapMib: 32 } }),
  workerThrows: () => dies('dyingWorker.mjs', {}),
  workerLeaves: () => dies('leavingWorker.mjs', {}),
};

await ways[way]();
