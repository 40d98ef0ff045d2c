/** Random use and odd values: nothing throws, and ids, signals and status stay consistent. godot-enet-classes 4. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { fcParameters } from '../support/fc.ts';
import { callOddly, methodNames, ODD_VALUES } from '../support/oddValues.ts';
import { type Player, PlayerWorld, PORT, SERVER_IP } from './multiplayerSupport.ts';

expectDiagnoses('compression is switched at random, on one side alone');

const CALLS = [
  'createServer',
  'createClient',
  'createMesh',
  'addMeshPeer',
  'put',
  'disconnect',
  'force',
  'close',
  'reset',
  'disconnectNow',
  'disconnectLater',
  'destroyHost',
  'refuse',
  'compress',
  'block',
] as const;

const action = fc.record({
  player: fc.nat(4),
  other: fc.nat(4),
  what: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...CALLS) },
    { weight: 1, arbitrary: fc.constantFrom('createServer', 'createClient', 'disconnect', 'addMeshPeer') },
    { weight: 3, arbitrary: fc.constant('put') },
  ),
  number: fc.integer({ min: -4, max: 9 }),
  waitMs: fc.nat(90),
});

/** Follows who is there by the signals of one player. */
class Witness {
  readonly present = new Set<number>();
  readonly #player: Player;
  #life: object | null = null;

  constructor(player: Player) {
    this.#player = player;
    const { peer } = player;
    peer.on('peerConnected', (id) => {
      this.#follow();
      // A mesh replaces a peer without a signal.
      expect(this.present.has(id) && peer.isServerRelaySupported()).toBe(false);
      expect(peer.getPeer(id)).not.toBe(null);
      this.present.add(id);
    });
    peer.on('peerDisconnected', (id) => {
      expect(this.present.delete(id)).toBe(true);
    });
  }

  /** What close() and a forced disconnect take away has no signals. */
  #follow(): void {
    const { peer } = this.#player;
    const life = peer.isServerRelaySupported() ? peer.host : null;
    if (life !== this.#life) this.present.clear();
    this.#life = life;
  }

  forget(id?: number): void {
    if (id === undefined) this.present.clear();
    else this.present.delete(id);
  }

  check(): void {
    const { peer, status, id, lines, failures } = this.#player;
    expect(failures).toEqual([]);
    expect([0, 1, 2]).toContain(status);
    expect(id === 0).toBe(status === 0);
    expect(peer.isServer() ? [id, status] : [1, 2]).toEqual([1, 2]);
    if (status === 0) this.present.clear();
    for (const present of this.present)
      expect(peer.getPeer(present), `${present} ${lines.join()}`).not.toBe(null);
    if (status === 1) expect(this.present.size).toBe(0);
    if (peer.isServerRelaySupported() && !peer.isServer()) expect(id).toBeGreaterThan(1);
  }
}

test('whatever applications do, nothing throws, every peerDisconnected had its peerConnected, and ids fit the status', () => {
  const seen = { runs: 0, signals: 0, packets: 0 };
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(action, { minLength: 12, maxLength: 50, size: 'max' }),
      (seed, actions) => {
        const arena = new PlayerWorld({ seed, loss: 0.1, duplicate: 0.1, reorder: 0.1, jitterMs: 10 });
        const players = Array.from({ length: 5 }, () => arena.player());
        const witnesses = players.map((player) => new Witness(player));
        const spare: ENetConnection[] = [];
        players[0]?.peer.createServer(PORT, 3);
        players[1]?.peer.createClient(SERVER_IP, PORT);
        players[2]?.peer.createClient(SERVER_IP, PORT);
        players[3]?.peer.createMesh(4);
        players[4]?.peer.createMesh(5);
        arena.run(100);
        for (const { player: index, other: otherIndex, what, number, waitMs } of actions) {
          const [player, other, witness] = [players[index], players[otherIndex], witnesses[index]];
          if (!player || !other || !witness) continue;
          const { peer } = player;
          const { present } = witness;
          const target = [...present][Math.abs(number) % (present.size + 1)] ?? number;
          const connection =
            what.startsWith('d') || what === 'reset' || what === 'force' ? peer.getPeer(target) : null;
          if (what === 'createServer') peer.createServer(PORT, 3, number);
          else if (what === 'createClient') {
            const goal = players.find((one) => one.peer.isServer()) ?? other;
            peer.createClient(number < -2 ? 'nowhere.example' : goal.ip, PORT, number);
          } else if (what === 'createMesh') peer.createMesh(number);
          else if (what === 'addMeshPeer') {
            const hosts = arena.link(player, other);
            spare.push(...hosts);
            peer.addMeshPeer(number, hosts[0]);
            other.peer.addMeshPeer(index + 1, hosts[1]);
          } else if (what === 'put') {
            const mode = ([0, 1, 2] as const)[Math.abs(number) % 3] ?? 2;
            player.put(
              new Uint8Array(Math.abs(number) * 700),
              [target, -target, 0][otherIndex % 3],
              mode,
              number,
            );
          } else if (what === 'disconnect') peer.disconnectPeer(target);
          else if (what === 'force') {
            if (connection) witness.forget(target);
            peer.disconnectPeer(target, true);
          } else if (what === 'close') {
            peer.close();
            witness.forget();
          } else if (what === 'reset') connection?.reset();
          else if (what === 'disconnectNow') connection?.peerDisconnectNow(number);
          else if (what === 'disconnectLater') connection?.peerDisconnectLater(number);
          else if (what === 'destroyHost') peer.host?.destroy();
          else if (what === 'refuse') peer.refuseNewConnections = number > 3;
          else if (what === 'compress') peer.host?.compress(number % 2 === 0 ? 0 : 1);
          else if (number > 6) arena.net.block(player.ip, other.ip);
          else arena.net.heal();
          arena.run(waitMs);
          for (const one of witnesses) one.check();
        }
        arena.net.heal();
        arena.run(500);
        for (const one of witnesses) one.check();
        for (const { peer } of players) {
          peer.close();
          expect([peer.getConnectionStatus(), peer.getUniqueId(), peer.getAvailablePacketCount()]).toEqual([
            0, 0, 0,
          ]);
        }
        seen.runs++;
        seen.signals += players.reduce((sum, { signals }) => sum + signals.length, 0);
        seen.packets += players.reduce((sum, { got }) => sum + got.length, 0);
        for (const host of spare) if (host.getLocalPort() !== 0) host.destroy();
      },
    ),
    fcParameters(60),
  );
  // Otherwise the actions would have missed each other.
  if (seen.runs >= 50) {
    expect(seen.signals).toBeGreaterThan(seen.runs);
    expect(seen.packets).toBeGreaterThan(seen.runs);
  }
});

test('after any storm a server is reachable: whoever comes gets in, and everybody agrees on who is there', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.nat(5), { maxLength: 30 }), (seed, steps) => {
      const arena = new PlayerWorld({ seed, loss: 0.05, jitterMs: 5 });
      const { server, clients } = arena.crowd(5, 8);
      for (const step of steps) {
        const client = clients[step];
        if (!client) server.put(`${step}`, 0);
        else if (client.status === 0) client.peer.createClient(SERVER_IP, PORT);
        else if (step % 2 === 0) client.peer.close();
        else server.peer.disconnectPeer(client.id, step === 3);
        arena.run(30);
      }
      // Longer than every timeout, so that each side has noticed what the other one did.
      arena.run(45_000);
      for (const client of clients) if (client.status === 0) client.peer.createClient(SERVER_IP, PORT);
      arena.run(5000);
      for (const client of clients) {
        expect(client.status).toBe(2);
        expect(server.peer.getPeer(client.id)?.getRemoteAddress()).toBe(client.ip);
      }
      expect(server.peer.host?.getPeers()).toHaveLength(5);
    }),
    fcParameters(10),
  );
});

/** Protected ones, read from the sources, and those that throw for a wrong use of ours: listeners must be functions. */
const NOT_GODOTS = [
  ...['PacketPeer.ts', 'multiplayer/MultiplayerPeer.ts', 'multiplayer/enetPeer.ts'].flatMap((file) => {
    const source = readFileSync(new URL(`../../src/godot/${file}`, import.meta.url), 'utf8');
    return [...source.matchAll(/^ {2}protected (?:abstract |override |get )*(\w+)[(<]/gm)].map(
      ([, name]) => name ?? '',
    );
  }),
  'on',
  'once',
  'off',
  'listenerCount',
];

test.each(ODD_VALUES)(
  'every method and every property of server, client, mesh and a fresh one takes %s',
  (_name, value) => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1, 4);
    const mesh = arena.player();
    mesh.peer.createMesh(5);
    const fresh = arena.player();
    for (const { peer } of [server, ...clients, mesh, fresh]) {
      for (const name of ['transferMode', 'transferChannel', 'refuseNewConnections', 'encodeBufferMaxSize']) {
        expect(() => Reflect.set(peer, name, value), name).not.toThrow();
        expect(() => Reflect.get(peer, name), name).not.toThrow();
      }
      for (const name of methodNames(peer, [...NOT_GODOTS, 'host', 'className'])) {
        for (let position = 0; position < 6; position++) {
          const args: unknown[] = name === 'createClient' ? [SERVER_IP, 1, 0, 0, 0, 0] : [1, 1, 1, 1, 1];
          args[position] = value;
          const what = `${name}, ${position}`;
          expect(() => callOddly(peer, name, args), what).not.toThrow();
        }
      }
    }
    arena.run(50);
  },
);
