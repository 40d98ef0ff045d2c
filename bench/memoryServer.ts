/**
 * A server of `idleMemory.ts` in a process of its own, compiled by tsc as it ships; run it with `--expose-gc`. Arguments: `host`
 * or `connection`, and the number of slots. It prints its port, answers each line with what it holds after a collection, and ends with its input.
 */
import { createInterface } from 'node:readline';
import { Host } from '../src/enet/index.ts';
import { ENetConnection, GodotError } from '../src/godot.ts';
import { createNodeRuntime } from '../src/node/nodeRuntime.ts';

const [, , mode = '', slots = ''] = process.argv;
const { port, peers } = mode === 'host' ? openHost(Number(slots)) : openConnection(Number(slots));
console.log(JSON.stringify({ port }));
const input = createInterface({ input: process.stdin });
input.on('line', () => {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  console.log(JSON.stringify({ peers: peers(), heapBytes: heapUsed + external, rssBytes: rss }));
});
input.on('close', () => process.exit(0));

interface Open {
  readonly port: number;
  /** How many are connected. */
  readonly peers: () => number;
}

function openHost(peerCount: number): Open {
  const runtime = createNodeRuntime({});
  const host = new Host({ peerCount, random32: () => runtime.random32() });
  const attached = runtime.attach(host, { ip: '127.0.0.1' });
  if ('code' in attached) throw new Error(attached.message);
  attached.setWakeListener(() => {
    while (attached.service() !== undefined);
  });
  return { port: attached.localPort, peers: () => host.connectedPeerCount };
}

function openConnection(peerCount: number): Open {
  const connection = new ENetConnection({
    onError: (error) => {
      throw error;
    },
  });
  if (connection.createHostBound('127.0.0.1', 0, peerCount) !== GodotError.OK) throw new Error('no host');
  void drain(connection);
  return { port: connection.getLocalPort(), peers: () => connection.getPeers().length };
}

/** Keeps the connection going. */
async function drain(connection: ENetConnection): Promise<void> {
  for await (const event of connection.events()) void event;
}
