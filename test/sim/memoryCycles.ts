/**
 * Run with --expose-gc: connects, sends, loses and disconnects again and again on one virtual network, and prints how
 * many bytes are in use after each quarter, as `{ "levels": [...] }`; the first is taken after a warm-up.
 */
import { Host, Packet, PacketFlag } from '../../src/enet.ts';
import { type AttachedHost, SimNetwork } from '../../src/testing.ts';
import { attached } from '../io/support.ts';

const CLIENTS = 10;
const CYCLES = 20;
const network = new SimNetwork({ seed: 5, latencyMs: 10, loss: 0.1, duplicate: 0.1, reorder: 0.1 });

function open(ip: string, peerCount: number): { host: Host; port: AttachedHost } {
  const runtime = network.createRuntime(ip);
  const host = new Host({ peerCount, random32: () => runtime.random32() });
  const port = attached(runtime.attach(host, { port: 7000 }));
  port.setWakeListener(() => {
    while (port.service() !== undefined);
  });
  return { host, port };
}

const server = open('10.0.0.1', 64);
const clients = Array.from({ length: CLIENTS }, (_, i) => open(`10.0.1.${i + 1}`, 1));

function cycle(): void {
  for (const [index, { host, port }] of clients.entries()) {
    const peer = host.connect(server.port.localAddress, 8, index);
    port.requestWake();
    network.advance(2000);
    for (let channel = 0; channel < 8; channel++) {
      peer?.send(channel, new Packet(new Uint8Array(20_000), PacketFlag.RELIABLE));
      peer?.send(channel, new Packet(new Uint8Array(5000), PacketFlag.UNRELIABLE_FRAGMENT));
      peer?.send(channel, new Packet(new Uint8Array(50), PacketFlag.UNSEQUENCED));
    }
    port.requestWake();
    network.advance(500);
    // Some leave properly, some vanish in the middle of it all.
    if (index % 2 === 0) peer?.disconnect(0, port.now());
    else peer?.reset();
    port.drain();
  }
  network.advance(120_000);
  for (const { host } of [server, ...clients]) {
    for (const peer of host.peers())
      throw new Error(`slot ${peer.slot} is still in use (${network.describe()})`);
  }
}

function level(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('run with --expose-gc');
  gc();
  gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

for (let i = 0; i < CYCLES; i++) cycle();
const levels = [level()];
for (let quarter = 0; quarter < 4; quarter++) {
  for (let i = 0; i < CYCLES; i++) cycle();
  levels.push(level());
}
process.stdout.write(JSON.stringify({ levels }));
