/** What a host holds for what hostile peers have sent: the heap and the arrays after a collection. */
import { type Address, Host } from '../../src/enet.ts';
import { type GapTraffic, gapDatagram } from './gapTraffic.ts';
import { heapBytes } from './heap.ts';

/** What {@link measureHeld} saw. */
export interface HeldMemory {
  /** Bytes of the datagrams that the attackers sent. */
  readonly sent: number;
  /** Most bytes by which heap and arrays had grown. */
  readonly grown: number;
  /** What the host counts as held in the end, in bytes. */
  readonly counted: number;
}

/** Lets connected peers send `bytesEach` bytes of a traffic each to a host with a budget, and nobody takes anything. */
export function measureHeld(
  traffic: GapTraffic,
  peers: number,
  bytesEach: number,
  maxHeldBytes: number,
): HeldMemory {
  const { server, addresses } = connectedServer(peers, maxHeldBytes);
  server.isHolding = true;
  const before = heapBytes();
  let sent = 0;
  let grown = 0;
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
    grown = Math.max(grown, heapBytes() - before);
  }
  return { sent, grown, counted: server.heldBytes };
}

/** A server whose clients have connected and say nothing more by themselves. */
function connectedServer(peers: number, maxHeldBytes: number): { server: Host; addresses: Address[] } {
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

const NOW = 5000;
