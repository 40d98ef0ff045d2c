/** Sessions of an encrypting transport: a peer belongs to one, and ends with it. */
import { describe, expect, test } from 'vitest';
import type { Address, Datagram } from '../../src/enet/address.ts';
import { Host } from '../../src/enet/host.ts';
import { Packet } from '../../src/enet/packet.ts';
import { PacketFlag, PeerState } from '../../src/enet/protocol.ts';
import { EventType } from '../../src/enet/state/hostEvent.ts';

const SERVER: Address = { ip: '10.0.0.1', port: 1 };
const at = (session: number): Address => ({ ip: '10.0.0.2', port: 2, session });
const text = (words: string): Packet => new Packet(new TextEncoder().encode(words), PacketFlag.RELIABLE);

/** A server and clients that reach it through sessions of one address. */
class Scene {
  readonly server: Host;
  now = 1000;
  #random = 1;

  constructor() {
    this.server = this.#host(4);
  }

  /** A client whose CONNECT waits in its outbox. */
  client(): Host {
    const client = this.#host(1);
    client.connect(SERVER, 2, 0);
    return client;
  }

  /** What a client has to send. */
  take(client: Host): Uint8Array[] {
    client.flush(this.now);
    return client.drainOutbox().map(({ bytes }) => bytes);
  }

  /** Lets both talk until nothing more comes. */
  talk(client: Host, session: number): string[] {
    const events: string[] = [];
    for (let round = 0; round < 6; round++) {
      this.now += 1;
      for (const bytes of this.take(client)) this.server.receive(bytes, at(session));
      events.push(...this.run());
      for (const { bytes, to } of this.answers()) if (to.session === session) client.receive(bytes, SERVER);
      while (client.service(this.now) !== undefined);
    }
    return events;
  }

  /** The events of the server now. */
  run(): string[] {
    const events: string[] = [];
    for (let event = this.server.service(this.now); event; event = this.server.service(this.now)) {
      const name = Object.entries(EventType).find(([, type]) => type === event.type)?.[0];
      events.push(`${name} ${event.peer.slot} ${new TextDecoder().decode(event.bytes)}`.trim());
    }
    return events;
  }

  answers(): Datagram[] {
    return this.server.drainOutbox();
  }

  #host(peerCount: number): Host {
    return new Host({ peerCount, random32: () => this.#random++ });
  }
}

function connected(): { scene: Scene; client: Host } {
  const scene = new Scene();
  const client = scene.client();
  expect(scene.talk(client, 1)).toEqual(['CONNECT 0']);
  return { scene, client };
}

describe('a session that ends', () => {
  test('in one pass: what came before it, DISCONNECT, and only then what comes over the next one', () => {
    const { scene, client } = connected();
    client.peer(0)?.send(0, text('last'));
    client.peer(0)?.send(0, text('words'));
    for (const bytes of scene.take(client)) scene.server.receive(bytes, at(1));
    scene.server.sessionEnded(at(1));
    const other = scene.client();
    for (const bytes of scene.take(other)) scene.server.receive(bytes, at(2));
    expect(scene.run()).toEqual(['RECEIVE 0 last', 'RECEIVE 0 words', 'DISCONNECT 0']);
    expect(scene.answers().map(({ to }) => to.session)).toEqual([2]);
    // The answer is here, the connection is made at once.
    expect(scene.talk(other, 2)).toEqual([]);
    scene.now += 600;
    expect(scene.talk(other, 2)).toEqual(['CONNECT 0']);
  });

  test('nothing that waits goes to the next one, and nothing of that is taken for the peer', () => {
    const { scene, client } = connected();
    scene.server.peer(0)?.send(0, text('secret'));
    scene.server.flush(scene.now);
    expect(scene.answers().map(({ to }) => to.session)).toEqual([1]);
    client.peer(0)?.send(0, text('mine'));
    // Over another session of the same address: not heard, even while the old one is open.
    for (const bytes of scene.take(client)) scene.server.receive(bytes, at(2));
    expect(scene.run()).toEqual([]);
    expect(scene.server.dropCount('WRONG_ADDRESS')).toBe(1);
    for (let second = 0; second < 5; second++) {
      scene.now += 1000;
      scene.run();
    }
    expect(new Set(scene.answers().map(({ to }) => to.session))).toEqual(new Set([1]));
    scene.server.sessionEnded(at(1));
    expect(scene.run()).toEqual(['DISCONNECT 0']);
    scene.now += 60_000;
    expect(scene.run()).toEqual([]);
    expect(scene.answers()).toEqual([]);
    expect(scene.server.nextWakeup(scene.now)).toBeUndefined();
  });

  test('while packets are held back nobody connects over the next one before its end was reported', () => {
    const { scene, client } = connected();
    client.peer(0)?.send(0, text('last'));
    scene.server.isHolding = true;
    for (const bytes of scene.take(client)) scene.server.receive(bytes, at(1));
    scene.server.sessionEnded(at(1));
    const other = scene.client();
    const connects = scene.take(other);
    for (const bytes of connects) scene.server.receive(bytes, at(2));
    expect(scene.run()).toEqual([]);
    expect(scene.answers()).toEqual([]);
    expect(scene.server.dropCount('DUPLICATE_CONNECT')).toBe(1);
    scene.server.isHolding = false;
    expect(scene.run()).toEqual(['RECEIVE 0 last', 'DISCONNECT 0']);
    for (const bytes of connects) scene.server.receive(bytes, at(2));
    scene.run();
    expect(scene.answers().map(({ to }) => to.session)).toEqual([2]);
  });

  test('ends peers in every state, and only its own', () => {
    const scene = new Scene();
    const half = scene.client();
    for (const bytes of scene.take(half)) scene.server.receive(bytes, at(1));
    scene.run();
    expect(scene.server.peer(0)?.state).toBe(PeerState.ACKNOWLEDGING_CONNECT);
    const playing = scene.client();
    const elsewhere = { ip: '10.0.0.2', port: 3, session: 2 };
    for (const bytes of scene.take(playing)) scene.server.receive(bytes, elsewhere);
    scene.run();
    expect(scene.server.hasPeerAt(at(1))).toBe(true);
    expect(scene.server.hasPeerAt(at(7))).toBe(false);
    scene.server.sessionEnded(at(1));
    expect(scene.run()).toEqual([]);
    expect([...scene.server.peers()].map(({ address }) => address)).toEqual([elsewhere]);
    for (const leave of ['disconnect', 'disconnectLater'] as const) {
      const { scene: other } = connected();
      const peer = other.server.peer(0);
      peer?.send(0, text('waits'));
      peer?.[leave](5, other.now);
      other.server.sessionEnded(at(1));
      expect(other.run()).toEqual(['DISCONNECT 0']);
    }
  });
});
