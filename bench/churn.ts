/**
 * Clients that connect to one server and leave again, one after another, on the virtual network; run it with `--expose-gc`. Argument: how
 * many connections. It prints one line of JSON: the bytes that are held after a quarter of them, half of them and all of
 * them, heap and external memory after a collection.
 */
import { Host } from '../src/enet/index.ts';
import { isAttachError } from '../src/runtime/internal.ts';
import { type AttachedHost, SimNetwork } from '../src/testing.ts';

const CLIENTS = 50;
/** Connecting takes two ways, leaving, too; slots rest before they are used again. */
const STEP_MS = 1_000;

const connections = Number(process.argv[2]);
const network = new SimNetwork({ seed: 3, latencyMs: 10 });
let done = 0;
const server = open('10.0.0.1', CLIENTS);
const clients = Array.from({ length: CLIENTS }, (_, i) => open(`10.0.1.${i + 1}`, 1));

console.log(
  JSON.stringify({
    quarter: heldAfter(connections / 4),
    half: heldAfter(connections / 2),
    end: heldAfter(connections),
  }),
);

/** Goes on until so many have come and gone. */
function heldAfter(count: number): number {
  for (; done < count; done += CLIENTS) {
    for (const { host, port } of clients) {
      host.connect(server.port.localAddress, 1, 0);
      port.requestWake();
    }
    network.advance(STEP_MS);
    expectPeers(CLIENTS);
    for (const { host, port } of clients) {
      for (const peer of host.peers()) peer.disconnect(0, port.now());
      port.requestWake();
    }
    network.advance(STEP_MS);
    expectPeers(0);
  }
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function expectPeers(count: number): void {
  const { connectedPeerCount } = server.host;
  if (connectedPeerCount !== count) throw new Error(`${connectedPeerCount} peers instead of ${count}`);
}

function open(ip: string, peerCount: number): { readonly host: Host; readonly port: AttachedHost } {
  const runtime = network.createRuntime(ip);
  const host = new Host({ peerCount, random32: () => runtime.random32() });
  const port = runtime.attach(host, { port: 7000 });
  if (isAttachError(port)) throw new Error(port.message);
  port.setWakeListener(() => {
    while (port.service() !== undefined);
  });
  return { host, port };
}
