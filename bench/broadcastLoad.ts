/** Clients of libenet that take what a server sends to all of them, and what that costs the server. */
import { CPeer } from '../test/interop/libenet/cPeer.ts';
import { numberOf } from '../test/interop/libenet/numberOf.ts';
import type { Server } from './servers.ts';

/** A server with its clients. */
export interface Contestant {
  /** `libenet`, or our transport. */
  readonly name: string;
  readonly server: Server;
  readonly clients: CPeer;
  readonly peers: number;
  /** How many sockets the clients share. */
  readonly sockets: number;
}

/** What is sent. */
export interface Load {
  /** Bytes of a packet. */
  readonly size: number;
  /** Of the packets, the numbers of `PacketFlag`. */
  readonly flags: number;
  /** Broadcasts per second. */
  readonly rate: number;
  readonly ms: number;
}

/** What a server used for a load. */
export interface Sample {
  /** Microseconds of the server's CPU for each packet that was delivered. */
  readonly cpuUs: number;
  /** Packets that reached the application of a client. */
  readonly packets: number;
  /** The same as a share of those that were sent. */
  readonly delivered: number;
  /** Microseconds of the server's CPU for each datagram that it sent or received. */
  readonly cpuUsPerDatagram: number;
  /** Datagrams sent and received by the server for each packet. */
  readonly sent: number;
  readonly received: number;
}

/** What is under way arrives in this time. */
const REST_MS = 300;

/**
 * Connects all clients of one server. Neighbours are at different sockets where there are several: a server that sends what
 * goes to one address as one message has nothing to join then, as with players.
 */
export async function enter(
  name: string,
  server: Server,
  peers: number,
  sockets: number,
): Promise<Contestant> {
  const clients = await CPeer.start(`clients of ${name}`, 900);
  for (let host = 0; host < sockets; host++)
    await clients.run('host', { peers: Math.ceil((peers - host) / sockets) });
  for (let done = 0; done < peers; done += sockets) {
    const slots: number[] = [];
    for (let host = 0; host < Math.min(sockets, peers - done); host++) {
      slots.push(numberOf(await clients.run('connect', { host, port: server.port, channels: 1 }), 'peer'));
    }
    for (const [host, slot] of slots.entries()) await clients.inbox.wait('connect', { host, peer: slot });
  }
  return { name, server, clients, peers, sockets };
}

/** Measures one load. @throws Error when nobody got anything: a machine so busy that the peers were lost. */
export async function measureLoad(
  { name, server, clients, peers, sockets }: Contestant,
  { size, flags, rate, ms }: Load,
): Promise<Sample> {
  for (let host = 0; host < sockets; host++) await clients.run('collect', { host });
  const count = Math.round((ms * rate) / 1000);
  const before = await server.usage();
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    await sleepUntil(start + (i * 1000) / rate);
    await server.broadcast(size, flags);
  }
  await sleepUntil(start + ms + REST_MS);
  const after = await server.usage();
  let got = 0;
  for (let host = 0; host < sockets; host++) {
    got += numberOf(await clients.run('collected', { host }), 'count');
  }
  if (got === 0) throw new Error(`the peers of ${name} got nothing`);
  const packets = count * peers;
  const cpuUs = after.cpuUs - before.cpuUs;
  const sent = after.sentPackets - before.sentPackets;
  const received = after.receivedPackets - before.receivedPackets;
  return {
    cpuUs: cpuUs / got,
    packets: got,
    delivered: got / packets,
    cpuUsPerDatagram: cpuUs / (sent + received),
    sent: sent / packets,
    received: received / packets,
  };
}

/** Ends them; the clients first, silently: nobody waits for 4,000 goodbyes. */
export async function leave(contestants: readonly Contestant[]): Promise<void> {
  await Promise.all(contestants.map(({ clients }) => clients.close()));
  await Promise.all(contestants.map(({ server }) => server.close()));
}

function sleepUntil(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}
