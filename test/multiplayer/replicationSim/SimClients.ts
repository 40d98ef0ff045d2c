/** The clients of the simulation: they come, load, leave and come again, set their inputs, call, and one of them spawns. */
import type { SceneMultiplayerOptions } from '../../../src/multiplayer/options.ts';
import type { SimNetwork } from '../../../src/testing/SimNetwork.ts';
import { type Client, type Dice, makeParty, makePeer, nodeAt } from './parties.ts';
import { MOST_MOVE } from './SimServer.ts';
import { followOwners, growLevel, growMain, LEVEL, makeScene, SCENES, VALUES_OF, YARD } from './scenes.ts';

/** Where the server is. */
export interface ServerAddress {
  readonly ip: string;
  readonly ports: readonly number[];
}

/** All clients that have ever come. */
export class SimClients {
  readonly all: Client[] = [];
  readonly #network: SimNetwork;
  readonly #dice: Dice;
  readonly #server: ServerAddress;
  readonly #options: Partial<SceneMultiplayerOptions>;
  readonly #owners = new Map<Client, { obey(): void }>();
  #boxes = 0;
  #tick = 0;

  constructor(
    network: SimNetwork,
    dice: Dice,
    server: ServerAddress,
    options: Partial<SceneMultiplayerOptions>,
  ) {
    this.#network = network;
    this.#dice = dice;
    this.#server = server;
    this.#options = options;
  }

  /** A client comes. */
  join(): void {
    const ip = `10.0.1.${this.all.length + 1}`;
    const party = makeParty(this.#network, ip, this.#options);
    const { multiplayer } = party;
    const isSlow = this.#dice.roll(5) < 2;
    const client: Client = {
      ...party,
      ip,
      port: this.#dice.pick(this.#server.ports),
      peer: makePeer(this.#network, ip),
      loadsAt: isSlow ? this.#tick + 20 + this.#dice.roll(40) : undefined,
      reloads: 0,
    };
    this.#owners.set(client, followOwners(multiplayer));
    growMain(multiplayer);
    if (!isSlow) growLevel(multiplayer);
    const main = nodeAt(client, '/root/Main');
    main.onRpc('ping', (_: number, asked: number) => main.rpcId(1, 'pong', asked));
    main.onRpc('yard', (_: number, owner: number) =>
      nodeAt(client, `${YARD}Spawner`).setMultiplayerAuthority(owner),
    );
    main.onRpc('reload', () => {
      client.mirror.getNode(LEVEL)?.free();
      client.reloads++;
      client.loadsAt = this.#tick + 5 + this.#dice.roll(40);
    });
    multiplayer.on('connectedToServer', () => {
      if (client.loadsAt === undefined) main.rpcId(1, 'loaded');
    });
    this.all.push(client);
    this.#connect(client);
    this.#dice.count('join');
  }

  /** A tick of all. */
  step(tick: number, seconds: number): void {
    this.#tick = tick;
    for (const client of this.all) {
      client.multiplayer.poll();
      client.mirror.process(seconds);
      this.#owners.get(client)?.obey();
      if (client.loadsAt === undefined || tick < client.loadsAt) continue;
      client.loadsAt = undefined;
      growLevel(client.multiplayer);
      if (isConnected(client)) nodeAt(client, '/root/Main').rpcId(1, 'loaded');
    }
  }

  /** Everybody does something, or not. */
  act(): void {
    for (const client of this.all) this.#act(client);
  }

  /** All inputs are as the server takes them. */
  setInputs(): void {
    for (const client of this.all) this.#setInputs(client, false);
  }

  /** A client closes its connection, and takes away what it has spawned itself. */
  leave(client: Client): void {
    client.peer.close();
    client.multiplayer.poll();
    for (const box of nodeAt(client, YARD).getChildren()) box.free();
  }

  #act(client: Client): void {
    const dice = this.#dice;
    if (dice.roll(150) === 0) {
      this.leave(client);
      dice.count('return');
      client.peer = makePeer(this.#network, client.ip);
      this.#connect(client);
      return;
    }
    if (!isConnected(client)) return;
    if (dice.roll(6) === 0) this.#setInputs(client, true);
    if (dice.roll(8) === 0) this.#build(client);
    if (dice.roll(10) > 0) return;
    const nodes = [...client.mirror.root.walk()].filter((node) => node.rpcHandlers('hit').length > 0);
    if (dice.pick(nodes).rpcId(1, 'hit', dice.roll(100)) === 0) dice.count('call of a client');
  }

  #setInputs(client: Client, mayBeWrong: boolean): void {
    const dice = this.#dice;
    for (const node of client.mirror.root.walk()) {
      const player = node.getParent();
      if (node.name !== 'Input' || player === undefined) continue;
      if (node.getMultiplayerAuthority() !== client.multiplayer.getUniqueId()) continue;
      player.setMeta('move', BigInt(mayBeWrong && dice.roll(10) === 0 ? MOST_MOVE : dice.roll(MOST_MOVE)));
      for (const name of VALUES_OF.get('Input') ?? [])
        if (name !== 'move' && dice.roll(2) === 0) player.setMeta(name, dice.pick(dice.values));
    }
  }

  /** Whose the yard is puts something there, or takes it away. */
  #build(client: Client): void {
    if (nodeAt(client, `${YARD}Spawner`).getMultiplayerAuthority() !== client.multiplayer.getUniqueId())
      return;
    const yard = nodeAt(client, YARD);
    const old = yard.getChildren();
    if (old.length > 2) old[this.#dice.roll(old.length)]?.free();
    else {
      const box = makeScene(client.multiplayer, SCENES[1]);
      box.rename(`B${++this.#boxes}`);
      yard.attach(box);
    }
    this.#dice.count('spawn of a client');
  }

  #connect(client: Client): void {
    client.peer.createClient(this.#server.ip, client.port);
    client.multiplayer.multiplayerPeer = client.peer;
  }
}

/** Whether a client has its server. */
export function isConnected({ multiplayer }: Client): boolean {
  return multiplayer.getPeers().includes(1);
}
