/** Every 16-bit counter and the 32-bit clock wrap in the middle of traffic over a bad path. enet-protocol 0.4, 0.5, 5.2. */
import { expect, test } from 'vitest';
import { EventType, Host, Packet, PacketFlag, type Peer, parseDatagram } from '../../src/enet.ts';
import { type AttachedHost, SimNetwork } from '../../src/testing.ts';
import { attached } from '../io/support.ts';

const [RELIABLE_CHANNEL, UNRELIABLE_CHANNEL, UNSEQUENCED_CHANNEL] = [0, 1, 2];
const TOTAL = 70_000;

/** Counts how often the numbers that a host sends go from the top to 0. */
class WrapCounter {
  readonly wraps = new Map<string, number>();
  readonly #last = new Map<string, number>();

  take(kind: string, number: number): void {
    const last = this.#last.get(kind) ?? 0;
    // Retransmissions go back; only what goes forward is the new place.
    if (((number - last) << 16) >> 16 <= 0) return;
    if (number < last) this.wraps.set(kind, (this.wraps.get(kind) ?? 0) + 1);
    this.#last.set(kind, number);
  }
}

interface End {
  readonly host: Host;
  readonly port: AttachedHost;
}

function open(network: SimNetwork, ip: string, onPacket: (channel: number, bytes: Uint8Array) => void): End {
  const runtime = network.createRuntime(ip);
  const host = new Host({ peerCount: 1, random32: () => runtime.random32() });
  const port = attached(runtime.attach(host, { port: 7000 }));
  port.setWakeListener(() => {
    for (let event = port.service(); event !== undefined; event = port.service()) {
      if (event.type === EventType.RECEIVE) onPacket(event.channel, event.bytes);
      if (event.type === EventType.DISCONNECT) throw new Error(`disconnected (${network.describe()})`);
    }
  });
  return { host, port };
}

test.each([1, 2])(
  'seed %d: 70,000 packets of each kind, 70,000 pings, and the clock',
  (seed) => {
    const clockOffsetMs = 0xffff_ffff - 20_000;
    const network = new SimNetwork({ seed, latencyMs: 5, clockOffsetMs });
    const got: number[][] = [[], [], []];
    const server = open(network, '10.0.0.1', (channel, bytes) => {
      got[channel]?.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
    });
    const client = open(network, '10.0.0.2', () => {});
    const counter = new WrapCounter();
    network.onDatagram(({ from, bytes, fate }) => {
      if (fate === 'delivered' || from.ip !== '10.0.0.2') return;
      for (const command of parseDatagram(bytes)?.commands ?? []) {
        if (command.name === 'PING') counter.take('control', command.reliableSeq);
        else if (command.name === 'SEND_RELIABLE' && command.channel === RELIABLE_CHANNEL) {
          counter.take('reliable', command.reliableSeq);
        } else if (command.name === 'SEND_UNRELIABLE') counter.take('unreliable', command.unreliableSeq);
        else if (command.name === 'SEND_UNSEQUENCED') counter.take('unsequenced', command.unreliableSeq);
      }
    });
    const peer = client.host.connect(server.port.localAddress, 3, 0) as Peer;
    client.port.requestWake();
    network.runUntil(() => client.host.connectedPeerCount === 1, 10_000, 'the connection');
    for (const each of [peer, ...server.host.peers()]) each.setTimeout(0x7fffffff, 600_000, 600_000);
    // The throttle would thin the unreliable packets out; they must come to their wrap.
    peer.throttleConfigure(1000, 32, 0);
    network.setLink('*', '*', { loss: 0.05, duplicate: 0.05, reorder: 0.05, reorderMs: 8, jitterMs: 2 });

    const packet = (number: number, flags: number): Packet => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, number);
      return new Packet(bytes, flags);
    };
    for (let number = 0; number < TOTAL; number++) {
      peer.send(RELIABLE_CHANNEL, packet(number, PacketFlag.RELIABLE));
      peer.send(UNRELIABLE_CHANNEL, packet(number, PacketFlag.NONE));
      peer.send(UNSEQUENCED_CHANNEL, packet(number, PacketFlag.UNSEQUENCED));
      peer.ping();
      if (number % 20 === 19) {
        client.port.requestWake();
        network.advance(10);
        // A sender that must not outrun the window of 4096 numbers (5.5 A) waits for it.
        if (peer.outgoingBytes > 500_000) {
          network.runUntil(() => peer.outgoingBytes < 250_000, 60_000, 'the queue gets shorter');
        }
      }
    }
    network.setLink('*', '*', { loss: 0, duplicate: 0, reorder: 0 });
    network.runUntil(
      () => got[RELIABLE_CHANNEL]?.length === TOTAL,
      120_000,
      'every reliable packet has arrived',
    );
    network.advance(2000);

    const [reliable = [], unreliable = [], unsequenced = []] = got;
    network.check(
      reliable.every((number, index) => number === index),
      'reliable: all, once, in order',
    );
    network.check(
      unreliable.every((number, index) => number > (unreliable[index - 1] ?? -1)),
      'unreliable: in order',
    );
    network.check(new Set(unsequenced).size === unsequenced.length, 'unsequenced: never twice');
    // Most of what was not lost arrives also after the wraps.
    for (const list of [unreliable, unsequenced]) {
      expect(list.length).toBeGreaterThan(TOTAL * 0.5);
      expect(list.filter((number) => number > 66_000).length).toBeGreaterThan(1000);
    }
    for (const kind of ['reliable', 'unsequenced', 'control']) expect(counter.wraps.get(kind), kind).toBe(1);
    // 5.1: the unreliable counter never wraps by itself. A reliable packet takes the place of the 65,536th.
    expect(counter.wraps.get('unreliable')).toBe(1);
    expect(client.port.now()).toBeLessThan(clockOffsetMs);
    expect([peer.outgoingBytes, peer.reliableBytesInTransit]).toEqual([0, 0]);
  },
  120_000,
);
