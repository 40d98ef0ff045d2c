/**
 * The server process of the benches with sockets: an ENet host of this project that sends every packet back.
 *
 * Arguments: number of slots, transport, gatherMs. It prints one line of JSON with its port. Each line on its input is answered
 * with one line: `usage` with the CPU time of the process so far (user and system, in microseconds) and its numbers
 * of datagrams, `broadcast SIZE FLAGS` with an empty object once the packet has been sent. It ends with its input.
 */
import { createInterface } from 'node:readline';
import { EventType, Host, Packet } from '../src/enet/index.ts';
import { createNodeRuntime, type NodeTransport } from '../src/node/nodeRuntime.ts';

const [, , peerCount = '64', transport = 'auto', gatherMs = '0'] = process.argv;
// The runtime refuses what is no transport.
const runtime = createNodeRuntime({ transport: transport as NodeTransport, gatherMs: Number(gatherMs) });
const host = new Host({ peerCount: Number(peerCount), random32: () => runtime.random32() });
const port = runtime.attach(host, { ip: '127.0.0.1' });
if ('code' in port) throw new Error(port.message);

port.setWakeListener(() => {
  for (let event = port.service(); event !== undefined; event = port.service()) {
    if (event.type === EventType.RECEIVE)
      event.peer.send(event.channel, new Packet(event.bytes, event.flags));
  }
});

console.log(JSON.stringify({ port: port.localPort }));
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [verb, size, flags] = line.split(' ');
  if (verb === 'broadcast') {
    host.broadcast(0, new Packet(new Uint8Array(Number(size)), Number(flags)));
    port.flush();
    console.log('{}');
    return;
  }
  const { user, system } = process.cpuUsage();
  const { totalSentPackets, totalReceivedPackets } = host.statistics;
  console.log(
    JSON.stringify({
      cpuUs: user + system,
      sentPackets: totalSentPackets,
      receivedPackets: totalReceivedPackets,
    }),
  );
});
input.on('close', () => port.close());
