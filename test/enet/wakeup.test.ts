/** `nextWakeup`: a host that sleeps as long as it says misses nothing, and it never asks to be woken for nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Packet, PacketFlag, type Peer } from '../../src/enet.ts';
import { fcParameters } from '../support/fc.ts';
import { HostWorld, type Node } from './harness.ts';

interface Act {
  readonly atMs: number;
  readonly kind: number;
  readonly byServer: boolean;
  readonly length: number;
}

interface Scene {
  readonly startMs: number;
  readonly delayMs: number;
  /** Which datagrams of each side are lost, counted round and round. */
  readonly losses: readonly boolean[];
  readonly acts: readonly Act[];
}

const RUN_MS = 12_000;

/** Plays a scene. `mustService` says, before each millisecond's work, whether a host is serviced. */
function play(scene: Scene, isLazy: boolean): { log: string[]; services: number } {
  const world = new HostWorld(scene.startMs);
  const server = world.add({ peerCount: 2 });
  const client = world.add({ peerCount: 2 });
  const log: string[] = [];
  const seen = new Map<Node, number>();
  let services = 0;
  const nodes = [server, client];
  for (const node of nodes) {
    node.path = (_sent, index) => ({
      copies: scene.losses[index % scene.losses.length] === true ? 0 : 1,
      delayMs: scene.delayMs,
    });
    node.service();
  }
  let peer: Peer | undefined = client.host.connect(server.address, 2, 5);
  let idle = 0;
  for (let ms = 0; ms < RUN_MS; ms++) {
    for (const act of scene.acts) {
      if (act.atMs === ms) peer = perform(act, act.byServer ? server : client, client, server, peer);
    }
    world.deliver();
    for (const node of nodes) {
      const due = node.host.nextWakeup(world.now);
      // While nobody is connected nothing is due once a second (6.12), but when the second begins shows later.
      if (isLazy && due !== 0 && !(ms % 1000 === 0 && node.host.connectedPeerCount === 0)) continue;
      node.service();
      services++;
      // After a complete service something may be left for the next one, but not for ever.
      idle = 0;
      while (node.host.nextWakeup(world.now) === 0 && idle < 20) {
        node.service();
        idle++;
      }
      if (idle >= 20) throw new Error(`the host spins at ${ms} ms`);
    }
    for (const node of nodes) {
      const from = seen.get(node) ?? 0;
      for (const { hex } of node.sent.slice(from)) log.push(`${ms} ${node === server ? 'S' : 'C'} ${hex}`);
      seen.set(node, node.sent.length);
      for (const text of node.log) log.push(`${ms} ${node === server ? 'S' : 'C'} ${text.slice(0, 60)}`);
      node.events.length = 0;
    }
    world.skip(1);
  }
  return { log, services };
}

function perform(act: Act, node: Node, client: Node, server: Node, peer: Peer | undefined): Peer | undefined {
  const target = [...node.host.peers()][0];
  const { now } = node.world;
  const payload = new Uint8Array(act.length);
  switch (act.kind) {
    case 0:
      target?.send(0, new Packet(payload, PacketFlag.RELIABLE));
      break;
    case 1:
      target?.send(1, new Packet(payload, PacketFlag.UNRELIABLE_FRAGMENT));
      break;
    case 2:
      target?.send(1, new Packet(payload, PacketFlag.UNSEQUENCED));
      break;
    case 3:
      target?.ping();
      break;
    case 4:
      target?.setPingInterval(act.length + 1);
      break;
    case 5:
      target?.setTimeout(4, 1000 + act.length, 3000 + act.length);
      break;
    case 6:
      node.host.setBandwidthLimit(act.length * 20, act.length * 10);
      break;
    case 7:
      target?.throttleConfigure(act.length, 3, 1);
      break;
    case 8:
      target?.disconnect(act.length, now);
      break;
    case 9:
      target?.disconnectLater(act.length, now);
      break;
    case 10:
      target?.disconnectNow(act.length, now);
      break;
    case 11:
      target?.reset();
      break;
    case 12:
      node.host.flush(now);
      break;
    default:
      return client.host.connect(server.address, 2, act.length) ?? peer;
  }
  node.drain();
  return peer;
}

const scene: fc.Arbitrary<Scene> = fc.record({
  startMs: fc.constantFrom(1000, 0x7fff_ff00, 0x8000_0000, 0xc000_0000, 0xffff_e000, 0xffff_fb00),
  delayMs: fc.integer({ min: 0, max: 90 }),
  losses: fc.array(
    fc.boolean().map((x) => x),
    { minLength: 1, maxLength: 12 },
  ),
  acts: fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: RUN_MS - 1 }),
      kind: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 0, max: 7 }) },
        { weight: 2, arbitrary: fc.integer({ min: 8, max: 14 }) },
      ),
      byServer: fc.boolean(),
      length: fc.integer({ min: 0, max: 4000 }),
    }),
    { maxLength: 30 },
  ),
});

describe('nextWakeup', () => {
  test('a host driven by it alone does the same as one serviced every millisecond, and never spins', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const eager = play(s, false);
        const lazy = play(s, true);
        expect(lazy.log).toEqual(eager.log);
        expect(lazy.services).toBeLessThan(eager.services);
      }),
      fcParameters(60),
    );
  }, 300_000);
});
