/**
 * A game of the simulation of replication: a server that changes its tree at random, and clients that come and go, on a virtual network
 * that loses, delays and reorders. Everything follows from the seed.
 */
import { SimNetwork } from '../../../src/testing/SimNetwork.ts';
import { JoinedMultiplayerPeer } from '../../../src/websocket/JoinedMultiplayerPeer.ts';
import { differencesOf, spawnedIn, yardDifferencesOf } from './compare.ts';
import { type Client, Dice, makeParty, makePeer, type Party } from './parties.ts';
import { isConnected, SimClients } from './SimClients.ts';
import { SimServer } from './SimServer.ts';
import { type InterestKind, SimSight } from './SimSight.ts';
import { LEVEL } from './scenes.ts';
import { WireWatch } from './WireWatch.ts';

/** The game. */
export class SimGame {
  readonly seed: number;
  readonly dice: Dice;
  readonly watch: WireWatch;
  readonly clients: SimClients;
  /** Whether clients get nothing of the level before they have loaded it. */
  readonly isGated: boolean;
  readonly #network: SimNetwork;
  readonly #server: SimServer;
  readonly #sight: SimSight;
  /** The most clients that come. */
  readonly #most: number;
  #tick = 0;
  #pings = 0;

  constructor(seed: number) {
    this.seed = seed;
    this.#network = new SimNetwork({ seed, ...NETWORK });
    const dice = new Dice(seed);
    this.dice = dice;
    this.#most = 3 + dice.roll(10);
    this.isGated = dice.roll(4) > 0;
    const serverRelay = dice.roll(2) === 0;
    const interestTicks = 1 + dice.roll(4);
    const kind = dice.pick<InterestKind>(['none', 'none', 'function', 'radius']);
    const sight = new SimSight(() => party, kind, interestTicks);
    this.#sight = sight;
    const party: Party = makeParty(this.#network, SERVER_IP, {
      serverRelay,
      initialGates: (peer) => {
        if (!this.isGated) return [];
        sight.closed.set(peer, new Set([LEVEL]));
        return [LEVEL];
      },
      replication: {
        interest: sight.interest,
        interestTicks,
        bytesPerTick: dice.roll(3) === 0 ? 300 + dice.roll(700) : undefined,
        priority: (peer, node) => (node.isFreed ? 0 : 1 + (peer % 3)),
      },
    });
    this.watch = new WireWatch(party.multiplayer, sight, !this.isGated);
    this.#server = new SimServer(party, dice, sight, this.watch, this.isGated);
    const isJoined = dice.roll(4) === 0;
    const ports = isJoined ? PORTS : PORTS.slice(0, 1);
    this.clients = new SimClients(this.#network, dice, { ip: SERVER_IP, ports }, { serverRelay });
    const peers = ports.map((port) => {
      const peer = makePeer(this.#network, SERVER_IP);
      peer.createServer(port, 32);
      return peer;
    });
    const [first] = peers;
    const transport = isJoined || first === undefined ? new JoinedMultiplayerPeer(peers) : first;
    this.watch.watch(transport);
    party.multiplayer.multiplayerPeer = transport;
  }

  /** The server. */
  get server(): Party {
    return this.#server.party;
  }

  /** Everybody. */
  get parties(): readonly Party[] {
    return [this.server, ...this.clients.all];
  }

  /** Ticks in which the game changes. */
  play(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      if (this.clients.all.length < this.#most && this.dice.roll(8) === 0) this.clients.join();
      for (let acts = this.dice.roll(4); acts > 0; acts--) this.#server.act();
      this.clients.act();
      this.#run();
    }
  }

  /** The last changes: everybody is there or gone, and has loaded, nothing is away, and inputs are as the server takes them. */
  finish(): void {
    const isSettled = (): boolean => {
      const here = new Set(this.here());
      const isGone = ({ peer }: Client): boolean => peer.getConnectionStatus() === 0;
      return this.clients.all.every((one) => one.loadsAt === undefined && (here.has(one) || isGone(one)));
    };
    this.#until(() => !this.#server.isWaiting && isSettled());
    this.#wait(1000);
    this.clients.setInputs();
  }

  /** Waits until all that is reliable has arrived, and what follows from it, and two seconds more. */
  settle(): void {
    let end: number;
    do {
      end = this.#server.lastEnd;
      // The longest interval of changes.
      this.#wait(600);
      this.#until(() =>
        this.parties.every(({ multiplayer }) => multiplayer.metrics().unconfirmedPaths === 0),
      );
      // There, back, and there again: an announcement, its confirmation, and the changes that waited for it.
      for (let round = 0; round < 3; round++) this.#ask();
      this.#wait(2100);
    } while (this.#server.lastEnd !== end);
  }

  /** What clients have that they should not have, and the other way round. */
  differences(): string[] {
    const { born } = this.#server;
    const here = this.here();
    return [
      ...here.flatMap((client) => differencesOf(client, this.server, this.#sight, born)),
      ...yardDifferencesOf(here, this.server),
    ];
  }

  /** How many spawned nodes those have who are connected. */
  nodes(): number {
    return this.here().reduce((all, client) => all + spawnedIn(client).length, 0);
  }

  /** Those who are connected, on both sides. */
  here(): Client[] {
    const ids = new Set(this.server.multiplayer.getPeers());
    return this.clients.all.filter(
      (client) => isConnected(client) && ids.has(client.multiplayer.getUniqueId()),
    );
  }

  /** Everybody leaves, and the server frees all nodes. @returns what of theirs remains at clients. */
  async end(): Promise<string[]> {
    for (const client of this.clients.all) this.clients.leave(client);
    this.#until(() => this.server.multiplayer.getPeers().length === 0);
    this.#server.clearNodes();
    this.#run();
    await Promise.all(this.#server.opened);
    return this.parties.flatMap((party) => spawnedIn(party).map((node) => node.getPath().toString()));
  }

  /** Lets go of everything. */
  close(): void {
    for (const { multiplayer } of this.parties) multiplayer.close();
  }

  #run(): void {
    this.#tick++;
    this.#network.advance(TICK_MS);
    this.#server.step(this.#tick);
    this.server.mirror.process(TICK_MS / 1000);
    this.#sight.step(this.#server.nodes());
    this.server.multiplayer.poll();
    this.clients.step(this.#tick, TICK_MS / 1000);
  }

  #wait(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) this.#run();
  }

  /** ENet gives up a connection, or an attempt, after half a minute; what needs longer shows in the comparison. */
  #until(condition: () => boolean): void {
    for (let passed = 0; passed < 60_000 && !condition(); passed += TICK_MS) this.#run();
  }

  /** Asks everybody a question, and waits for the answers. */
  #ask(): void {
    const number = ++this.#pings;
    const { pongs } = this.#server;
    for (const { multiplayer } of this.here()) this.#server.ping(multiplayer.getUniqueId(), number);
    this.#until(() =>
      this.here().every(({ multiplayer }) => pongs.get(multiplayer.getUniqueId()) === number),
    );
  }
}

const TICK_MS = 50;
const SERVER_IP = '10.0.0.1';
const PORTS: readonly number[] = [7777, 7778];
const NETWORK = {
  loss: 0.2,
  latencyMs: 25,
  jitterMs: 10,
  reorder: 0.1,
  reorderMs: 60,
  duplicate: 0.02,
} as const;
