/**
 * What a host holds for what a hostile peer has sent: the heap and the arrays after a collection, against the bytes received
 * and against what the host itself counts.
 *
 *   node --expose-gc --import tsx bench/memory.ts [--mib=1] [--peers=1] [--budget=256]
 *
 * `budget` is `maxHeldBytes` in MiB.
 */
import { parseArgs } from 'node:util';
import { type Address, Host } from '../src/enet.ts';
import { GAP_TRAFFIC, gapDatagram } from '../test/support/gapTraffic.ts';

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1' },
    peers: { type: 'string', default: '1' },
    budget: { type: 'string', default: '256' },
  },
});
const bytesEach = Number(values.mib) * 1024 * 1024;
const peers = Number(values.peers);
const maxHeldBytes = Number(values.budget) * 1024 * 1024;
const NOW = 5000;

for (const [name, traffic] of Object.entries(GAP_TRAFFIC)) {
  const { server, addresses } = connectedServer();
  server.isHolding = true;
  const before = heapBytes();
  let sent = 0;
  let peak = 0;
  for (const [slot, address] of addresses.entries()) {
    let sentHere = 0;
    for (let index = 0; sentHere < bytesEach; index++) {
      const datagram = gapDatagram(traffic, index, slot);
      sentHere += datagram.length;
      server.receive(datagram, address);
      if (index % 64 === 63) server.service(NOW);
    }
    sent += sentHere;
    server.service(NOW);
    server.drainOutbox();
    peak = Math.max(peak, heapBytes() - before);
  }
  const perByte = (peak / sent).toFixed(2);
  const charged = (server.heldBytes / 2 ** 20).toFixed(1);
  const real = (peak / 2 ** 20).toFixed(1);
  console.log(`${name.padEnd(30)} ${perByte} bytes held per byte, ${real} MiB held, ${charged} MiB counted`);
}

/** A server whose clients have connected and say nothing more by themselves. */
function connectedServer(): { server: Host; addresses: Address[] } {
  let random = 1;
  const random32 = (): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random;
  };
  const server = new Host({ peerCount: peers, random32, maxHeldBytes });
  const to: Address = { ip: '10.0.0.1', port: 1 };
  const addresses = Array.from({ length: peers }, (_, i): Address => ({ ip: '10.0.0.2', port: 1000 + i }));
  for (const from of addresses) {
    const client = new Host({ peerCount: 1, random32 });
    client.connect(to, 255, 0);
    for (let round = 0; round < 4; round++) {
      while (client.service(NOW - 1000) !== undefined);
      for (const { bytes } of client.drainOutbox()) server.receive(bytes, from);
      while (server.service(NOW - 1000) !== undefined);
      for (const { bytes } of server.drainOutbox()) client.receive(bytes, to);
    }
  }
  if (server.connectedPeerCount !== peers) throw new Error('the clients did not connect');
  return { server, addresses };
}

function heapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('start it with node --expose-gc');
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
