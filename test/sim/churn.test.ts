/** Clients that come, go and vanish on bad paths: events stay paired, and every slot becomes free again. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventType, Host, type HostEvent, Packet, PacketFlag, type Peer } from '../../src/enet.ts';
import { type AttachedHost, SimNetwork } from '../../src/testing.ts';
import { attached } from '../io/support.ts';
import { fcParameters } from '../support/fc.ts';

const CLIENTS = 5;

/** Counts events of one host and checks that CONNECT and DISCONNECT alternate per connection. */
class Ledger {
  readonly open = new Map<Peer, number>();
  connects = 0;
  disconnects = 0;

  take(event: HostEvent, isServer: boolean): void {
    const { peer, type } = event;
    if (type === EventType.CONNECT) {
      this.connects++;
      this.open.set(peer, peer.generation);
    } else if (type === EventType.DISCONNECT) {
      this.disconnects++;
      // A client also reports attempts that came to nothing (4.3); a server reports nothing of the kind (12.2 J).
      if (isServer) expect(this.open.has(peer)).toBe(true);
      this.open.delete(peer);
    } else {
      expect(this.open.get(peer)).toBe(peer.generation);
    }
  }
}

const act = fc.record({
  atMs: fc.integer({ min: 0, max: 20_000 }),
  client: fc.integer({ min: 0, max: CLIENTS - 1 }),
  kind: fc.integer({ min: 0, max: 9 }),
});
const plan = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
  duplicate: fc.double({ min: 0, max: 0.3, noNaN: true }),
  reorder: fc.double({ min: 0, max: 0.3, noNaN: true }),
  latencyMs: fc.integer({ min: 0, max: 150 }),
  acts: fc.array(act, { minLength: 5, maxLength: 60 }),
});

describe('churn', () => {
  test('events are paired and no slot is lost', () => {
    fc.assert(
      fc.property(plan, ({ acts, ...options }) => {
        const network = new SimNetwork({ ...options, jitterMs: 10 });
        const ledgers: Ledger[] = [];
        const open = (ip: string, peerCount: number): { host: Host; port: AttachedHost; ledger: Ledger } => {
          const runtime = network.createRuntime(ip);
          const host = new Host({ peerCount, random32: () => runtime.random32() });
          const port = attached(runtime.attach(host, { port: 7000 }));
          const ledger = new Ledger();
          ledgers.push(ledger);
          port.setWakeListener(() => {
            for (let event = port.service(); event !== undefined; event = port.service()) {
              ledger.take(event, peerCount > 1);
            }
          });
          return { host, port, ledger };
        };
        // Fewer slots than clients with their old connections need, so that slots must be given back.
        const server = open('10.0.0.1', CLIENTS);
        const clients = Array.from({ length: CLIENTS }, (_, i) => open(`10.0.1.${i + 1}`, 1));
        const reset = (ledger: Ledger, peer: Peer | undefined): void => {
          if (peer !== undefined) ledger.open.delete(peer);
        };
        for (const { atMs, client, kind } of [...acts].sort((a, b) => a.atMs - b.atMs)) {
          network.advance(Math.max(0, atMs - network.time));
          const end = clients[client];
          if (end === undefined) continue;
          const [peer] = [...end.host.peers()];
          const now = end.port.now();
          if (kind <= 4) end.host.connect(server.port.localAddress, 2, client);
          else if (kind === 5) peer?.disconnect(1, now);
          else if (kind === 6) peer?.disconnectLater(1, now);
          else if (kind === 7) peer?.send(0, new Packet(new Uint8Array(5000), PacketFlag.RELIABLE));
          else if (kind === 8) {
            reset(end.ledger, peer);
            peer?.disconnectNow(1, now);
          } else {
            reset(end.ledger, peer);
            peer?.reset();
          }
          end.port.drain();
          end.port.requestWake();
        }
        // The paths become good; what is half gone ends by its timeouts.
        network.setLink('*', '*', { loss: 0, duplicate: 0, reorder: 0 });
        network.advance(100_000);
        const connected = clients.filter(({ host }) => host.connectedPeerCount === 1).length;
        expect([...server.host.peers()].length).toBe(connected);
        expect(server.host.connectedPeerCount).toBe(connected);
        expect(server.ledger.open.size).toBe(connected);
        expect(server.ledger.connects - server.ledger.disconnects).toBe(connected);
        for (const { host, ledger } of clients) {
          expect([...host.peers()].length).toBe(host.connectedPeerCount);
          expect(ledger.open.size).toBe(host.connectedPeerCount);
        }
        // Everybody gets in.
        for (const { host, port } of clients) {
          host.connect(server.port.localAddress, 2, 0);
          port.requestWake();
        }
        network.advance(5000);
        expect(server.host.connectedPeerCount).toBe(CLIENTS);
      }),
      fcParameters(80),
    );
  }, 300_000);
});
