/** Random use and random input: nothing throws, and the promises about events hold. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ENetPacketPeer } from '../../src/godot/ENetPacketPeer.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes, CLIENT_IP, ConnectionWorld, type Probe, RELIABLE, SERVER_IP } from './support.ts';

expectDiagnoses('random channel counts and raw datagrams');

const CALLS = ['peerDisconnect', 'peerDisconnectLater', 'peerDisconnectNow', 'reset', 'ping'] as const;

/** What an application may do: on whose side, to which of its peers, and what. */
const action = fc.record({
  side: fc.nat(2),
  peer: fc.nat(3),
  what: fc.oneof(
    fc.constantFrom(...CALLS),
    fc.constantFrom('connect', 'connectByName', 'destroy', 'flush', 'getPacket', 'broadcast', 'compress'),
    fc.constant('send'),
  ),
  number: fc.integer({ min: -3, max: 12 }),
  waitMs: fc.nat(60),
});

/** Follows the life of every peer of one connection through its events. */
class Witness {
  readonly #ended = new Set<ENetPacketPeer>();
  readonly #connected = new Set<ENetPacketPeer>();
  #seen = 0;

  check(probe: Probe): void {
    for (; this.#seen < probe.events.length; this.#seen++) {
      const [type, peer] = probe.events[this.#seen] ?? [0, null];
      expect(type).toBeGreaterThan(0);
      if (peer === null) throw new Error('an event without a peer');
      expect(this.#ended.has(peer)).toBe(false);
      if (type === 1) {
        expect(this.#connected.has(peer)).toBe(false);
        this.#connected.add(peer);
      } else if (type === 3) {
        expect(this.#connected.has(peer)).toBe(true);
      } else {
        this.#ended.add(peer);
        expect(peer.isActive()).toBe(false);
      }
    }
    const peers = probe.enet.getLocalPort() === 0 ? [] : probe.enet.getPeers();
    expect(new Set(peers).size).toBe(peers.length);
    expect(peers.some((peer) => this.#ended.has(peer))).toBe(false);
  }
}

test('whatever applications do, every peer has at most one CONNECT, then packets, then at most one DISCONNECT', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(action, { maxLength: 40 }), (seed, actions) => {
      const world = new ConnectionWorld({ seed, loss: 0.1, duplicate: 0.1, reorder: 0.1, jitterMs: 10 });
      world.net.addName('server.example', SERVER_IP);
      const probes = [SERVER_IP, CLIENT_IP, '10.0.0.3'].map((ip) => world.connection(ip));
      const witnesses = probes.map(() => new Witness());
      const open = (probe: Probe, index: number): void => {
        if (probe.enet.getLocalPort() === 0) probe.enet.createHostBound('*', 4000 + index, 3, 3);
      };
      for (const { side, peer, what, number, waitMs } of actions) {
        const probe = probes[side];
        if (!probe) continue;
        open(probe, side);
        const chosen = probe.enet.getPeers()[peer];
        if (what === 'connect') probe.enet.connectToHost(SERVER_IP, 4000, number, number);
        else if (what === 'connectByName') probe.enet.connectToHost('server.example', 4000, number, number);
        else if (what === 'destroy') probe.enet.destroy();
        else if (what === 'flush') probe.enet.flush();
        else if (what === 'broadcast') probe.enet.broadcast(number, bytes('all'), RELIABLE);
        else if (what === 'compress') probe.enet.compress(number % 2 === 0 ? 0 : 2);
        else if (what === 'getPacket') chosen?.getPacket();
        else if (what === 'send') chosen?.send(number, new Uint8Array(Math.abs(number) * 400), number);
        else chosen?.[what](number);
        world.run(waitMs);
        for (const [index, one] of probes.entries()) witnesses[index]?.check(one);
      }
      world.run(1000);
      for (const [index, one] of probes.entries()) witnesses[index]?.check(one);
    }),
    fcParameters(60),
  );
});

test('garbage from anywhere, also from the address of a peer, gives no error event and leaves the host usable', () => {
  const garbage = fc.record({
    isFromPeer: fc.boolean(),
    head: fc.constantFrom([], [0x80, 0], [0, 0], [0x8f, 0xff], [0xc0, 0], [0x90, 0], [0x80, 0, 0, 0]),
    body: fc.uint8Array({ maxLength: 80 }),
  });
  fc.assert(
    fc.property(
      fc.array(garbage, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(0, 1, 2, 3),
      (list, mode) => {
        const world = new ConnectionWorld();
        const { server, client } = world.pair();
        if (mode !== 0) server.enet.compress(mode as 1 | 2 | 3);
        const stranger = world.connection('10.0.0.3');
        stranger.enet.createHost(1);
        for (const { isFromPeer, head, body } of list) {
          const from = isFromPeer ? client : stranger;
          from.enet.socketSend(SERVER_IP, server.enet.getLocalPort(), Uint8Array.of(...head, ...body));
        }
        world.run(200);
        expect(server.events.some(([type]) => type === -1)).toBe(false);
        server.enet.compress(0);
        const late = stranger.enet.connectToHost(SERVER_IP, server.enet.getLocalPort(), 2);
        world.run(3000);
        expect(late?.getState()).toBe(5);
      },
    ),
    fcParameters(100),
  );
});
