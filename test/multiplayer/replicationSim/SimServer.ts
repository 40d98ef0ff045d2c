/** What the server of the simulation does: it changes its tree at random, and tells the sight what it has asked for. */
import type { MirrorNode } from '../../../schema/index.ts';
import { type Dice, nodeAt, type Party, place, textOf, uidOf } from './parties.ts';
import type { SimSight } from './SimSight.ts';
import {
  DOORS,
  followOwners,
  growLevel,
  growMain,
  isPlayer,
  LEVEL,
  makeScene,
  PENS,
  PLAYERS,
  SCENES,
  VALUES_OF,
  YARD,
} from './scenes.ts';
import { isOwnSync, type WireWatch } from './WireWatch.ts';

/** The server. */
export class SimServer {
  readonly party: Party;
  /** The answers to questions. */
  readonly pongs = new Map<number, number>();
  /** What waits for gates. */
  readonly opened: Promise<void>[] = [];
  /** Values of `born` that nodes have had. */
  readonly born = new Map<bigint, Set<string>>();
  /** The tick of the last change that nobody has asked for: somebody has left. */
  lastEnd = 0;
  readonly #dice: Dice;
  readonly #sight: SimSight;
  readonly #watch: WireWatch;
  readonly #isGated: boolean;
  readonly #owners: { obey(): void };
  readonly #renamed = new WeakSet<MirrorNode>();
  readonly #called = new WeakSet<MirrorNode>();
  /** Nodes that come back. */
  readonly #away: { readonly node: MirrorNode; readonly parent: MirrorNode; readonly at: number }[] = [];
  /** Names that may be given again, with the path of the parent. */
  #freeNames: (readonly [parent: string, name: string])[] = [];
  #lastUid = 0n;
  #tick = 0;

  constructor(party: Party, dice: Dice, sight: SimSight, watch: WireWatch, isGated: boolean) {
    this.party = party;
    this.#dice = dice;
    this.#sight = sight;
    this.#watch = watch;
    this.#isGated = isGated;
    const { multiplayer } = party;
    this.#owners = followOwners(multiplayer);
    growMain(multiplayer);
    growLevel(multiplayer);
    const main = this.#main();
    main.onRpc('loaded', (sender: number) => {
      if (sight.closed.get(sender)?.has(LEVEL) === true) this.#open(sender);
    });
    main.onRpc('pong', (sender: number, number: number) => this.pongs.set(sender, number));
    multiplayer.on('peerConnected', (id) => main.rpcId(id, 'yard', this.#yardOwner()));
    multiplayer.on('peerDisconnected', (id) => this.#gone(id));
  }

  /** Spawned nodes, and scene nodes with a synchronizer. */
  nodes(): MirrorNode[] {
    return [...this.#sight.spawned, ...DOORS.map((path) => nodeAt(this.party, path))];
  }

  /** Whether nodes will come back. */
  get isWaiting(): boolean {
    return this.#away.length > 0;
  }

  /** A tick: what was away comes back. */
  step(tick: number): void {
    this.#tick = tick;
    for (const one of [...this.#away]) {
      if (tick < one.at) continue;
      this.#away.splice(this.#away.indexOf(one), 1);
      const { node, parent } = one;
      if (!parent.isInsideTree() || parent.findChild(node.name) !== undefined) this.#free(node);
      else {
        this.#sight.spawned.add(node);
        parent.attach(node);
      }
    }
  }

  /** One change. */
  act(): void {
    const nodes = this.nodes();
    const kind = this.#dice.pick(KINDS);
    this.#sight.noteInterest(nodes);
    if (this.#do(kind, this.#dice.pick(nodes), this.party.multiplayer.getPeers())) this.#dice.count(kind);
  }

  /** Asks a peer a question. */
  ping(peer: number, number: number): void {
    this.#main().rpcId(peer, 'ping', number);
  }

  /** Frees all that was spawned. */
  clearNodes(): void {
    for (const node of [...this.#sight.spawned]) if (!node.isFreed) this.#free(node);
  }

  #do(kind: ActionKind, node: MirrorNode, peers: readonly number[]): boolean {
    const dice = this.#dice;
    switch (kind) {
      case 'add':
        return this.#sight.spawned.size < MOST_NODES && this.#add(this.#pickParent());
      case 'player':
        return this.#addPlayer(peers);
      case 'change':
        return this.#change(node);
      case 'call':
        return this.#call(node, peers);
      case 'visibility':
        return this.#changeVisibility(node, peers);
      case 'interval':
        return this.#changeIntervals(node);
      case 'owner':
        return this.#changeOwner(peers);
      case 'yard':
        return this.#giveYard(peers);
      case 'free':
        if (!this.#sight.spawned.has(node)) return false;
        this.#free(node);
        return true;
      case 'remake': {
        const parent = node.getParent();
        if (parent === undefined || !isMob(node)) return false;
        const { name } = node;
        this.#free(node);
        return this.#add(parent, name);
      }
      case 'rename':
        // Who has not answered yet is told its path again: the new one, which there is only here.
        if (!isMob(node) || node.instance === SCENES[1] || this.#called.has(node)) return false;
        // Clients go on calling it by its first name.
        this.#freeNames = this.#freeNames.filter(([, name]) => name !== node.name);
        node.rename(`R${++this.#lastUid}`);
        this.#renamed.add(node);
        return true;
      case 'reparent': {
        const parent = this.#pickParent();
        if (!isMob(node) || parent.findChild(node.name) !== undefined) return false;
        node.reparent(parent);
        return true;
      }
      case 'away': {
        const parent = node.getParent();
        if (parent === undefined || !isMob(node)) return false;
        node.remove();
        this.#sight.spawned.delete(node);
        this.#away.push({ node, parent, at: this.#tick + dice.roll(3) });
        return true;
      }
      case 'reload':
        return this.#isGated && dice.roll(3) === 0 && peers.length > 0 && this.#reload(dice.pick(peers));
      case 'kick': {
        if (dice.roll(4) > 0 || peers.length < 3) return false;
        const peer = dice.pick(peers);
        this.party.multiplayer.disconnectPeer(peer);
        this.#gone(peer);
        return true;
      }
    }
  }

  #add(parent: MirrorNode, name?: string): boolean {
    const dice = this.#dice;
    const uid = ++this.#lastUid;
    const node = makeScene(this.party.multiplayer, dice.pick(SCENES));
    const at = parent.getPath().toString();
    const freed = dice.roll(3) === 0 ? this.#freeNames.findIndex(([path]) => path === at) : -1;
    const [, free] = this.#freeNames.splice(freed, freed < 0 ? 0 : 1)[0] ?? [];
    node.rename(name ?? free ?? `N${uid}`);
    if (parent.findChild(node.name) !== undefined) return false;
    node.setMeta('uid', uid);
    if (node.instance !== SCENES[1]) node.set('position', place(dice.roll(2)));
    if (dice.roll(2) === 0 && node.hasMeta('watched')) node.setMeta('watched', dice.pick(dice.values));
    this.#taken(node);
    for (const sync of node.getChildren().filter(isOwnSync)) {
      if (dice.roll(5) > 0) continue;
      this.#sight.askedOf(sync).isPublic = false;
      this.party.multiplayer.synchronizer(sync).publicVisibility = false;
    }
    parent.attach(node);
    return true;
  }

  #addPlayer(peers: readonly number[]): boolean {
    const { mirror, multiplayer } = this.party;
    const missing = peers.filter((peer) => mirror.getNode(`${PLAYERS}/P${peer}`) === undefined);
    if (missing.length === 0) return false;
    const peer = this.#dice.pick(missing);
    const uid = ++this.#lastUid;
    const { x } = place(this.#dice.roll(2));
    const node = multiplayer.spawner(`${LEVEL}/PlayerSpawner`).spawn([BigInt(peer), uid, BigInt(x)]);
    const input = node?.findChild('Input');
    if (node === null || input === undefined) return false;
    this.#taken(node);
    multiplayer.synchronizer(input).validate = (values) => {
      const move = values.get('.:metadata/move');
      return move === undefined || (Number(move) >= 0 && Number(move) < MOST_MOVE);
    };
    return true;
  }

  /** A node is spawned, or about to be. */
  #taken(node: MirrorNode): void {
    this.#sight.spawned.add(node);
    this.born.set(uidOf(node), new Set([textOf(node, 'born')]));
  }

  #change(node: MirrorNode): boolean {
    const dice = this.#dice;
    const syncs = node.getChildren().filter((sync) => isOwnSync(sync) && sync.name !== 'Owner');
    const names = ['born', ...syncs.flatMap(({ name }) => VALUES_OF.get(name) ?? [])];
    const name = dice.pick(names);
    if (syncs.length === 0) return false;
    if (name === 'position') node.set('position', place(dice.roll(2)));
    else node.setMeta(name, dice.pick(dice.values));
    if (name === 'born') this.born.get(uidOf(node))?.add(textOf(node, 'born'));
    return true;
  }

  #call(node: MirrorNode, peers: readonly number[]): boolean {
    // Those who know a renamed node by its path cannot be told of it any more.
    if (this.#renamed.has(node) || peers.length === 0) return false;
    const peer = this.#dice.pick(peers);
    this.#called.add(node);
    return node.rpcId(this.#dice.pick([0, 0, peer, -peer]), 'hit', this.#dice.pick(this.#dice.values)) === 0;
  }

  #changeVisibility(node: MirrorNode, peers: readonly number[]): boolean {
    const dice = this.#dice;
    const found = this.#pickSync(node);
    if (found === undefined) return false;
    const sync = this.party.multiplayer.synchronizer(found);
    const asked = this.#sight.askedOf(found);
    const peer = peers.length > 0 && dice.roll(3) > 0 ? dice.pick(peers) : 0;
    if (dice.roll(3) > 0) {
      const isVisible = dice.roll(2) === 0;
      if (peer === 0) asked.isPublic = isVisible;
      else if (isVisible) asked.peers.add(peer);
      else asked.peers.delete(peer);
      sync.setVisibilityFor(peer, isVisible);
      return true;
    }
    if (asked.hidden === undefined) {
      const hidden = new Set<number>();
      asked.hidden = hidden;
      sync.addVisibilityFilter((id) => !hidden.has(id));
      sync.visibilityUpdateMode = dice.roll(2) === 0 ? 2 : 0;
    }
    if (asked.hidden.has(peer)) asked.hidden.delete(peer);
    else if (peer !== 0) asked.hidden.add(peer);
    if (sync.visibilityUpdateMode === 2) sync.updateVisibility(dice.pick([0, peer]));
    else this.party.mirror.process(0);
    return true;
  }

  #changeIntervals(node: MirrorNode): boolean {
    const found = this.#pickSync(node);
    if (found === undefined) return false;
    const sync = this.party.multiplayer.synchronizer(found);
    // Ten times in two seconds: that is how often a state is sent.
    if (this.#dice.roll(2) === 0) sync.replicationInterval = this.#dice.pick([0, 0.05, 0.15, 0.2]);
    else sync.deltaInterval = this.#dice.pick([0, 0.1, 0.5]);
    return true;
  }

  #pickSync(node: MirrorNode): MirrorNode | undefined {
    // Everybody who has a player has to know whose it is.
    const syncs = node.getChildren().filter((sync) => isOwnSync(sync) && sync.name !== 'Owner');
    return syncs.length === 0 ? undefined : this.#dice.pick(syncs);
  }

  /** Another peer, or the server, decides about the input of a player. */
  #changeOwner(peers: readonly number[]): boolean {
    const players = nodeAt(this.party, PLAYERS).getChildren();
    if (players.length === 0) return false;
    const player = this.#dice.pick(players);
    const owner = this.#dice.pick([1, ...peers]);
    if (Number(player.getMeta('owner')) === owner) return false;
    this.#setOwner(player, owner);
    return true;
  }

  #setOwner(player: MirrorNode, owner: number): void {
    player.setMeta('owner', BigInt(owner));
    this.#owners.obey();
  }

  #giveYard(peers: readonly number[]): boolean {
    if (this.#yardOwner() !== 1 || peers.length === 0) return false;
    const owner = this.#dice.pick(peers);
    nodeAt(this.party, `${YARD}Spawner`).setMultiplayerAuthority(owner);
    this.#main().rpc('yard', owner);
    return true;
  }

  #yardOwner(): number {
    return nodeAt(this.party, `${YARD}Spawner`).getMultiplayerAuthority();
  }

  #free(node: MirrorNode): void {
    const parent = node.getParent()?.getPath().toString();
    const below = [...node.walk()];
    if (parent !== undefined && !isPlayer(node)) this.#freeNames.push([parent, node.name]);
    if (this.#freeNames.length > MOST_FREE_NAMES) this.#freeNames.shift();
    node.free();
    for (const one of below) this.#sight.forgetNode(one);
  }

  /** A peer loads its level anew. */
  #reload(peer: number): boolean {
    const { closed } = this.#sight;
    if (closed.has(peer)) return false;
    closed.set(peer, new Set([LEVEL]));
    this.party.multiplayer.gate(peer, LEVEL);
    this.#watch.forgetBelow(peer, LEVEL);
    this.#main().rpcId(peer, 'reload');
    this.opened.push(
      this.party.multiplayer.whenOpen(peer, LEVEL).then(
        () => this.#dice.count('loaded anew'),
        () => this.#dice.count('left before it was open'),
      ),
    );
    return true;
  }

  #open(peer: number): void {
    this.#sight.closed.delete(peer);
    this.party.multiplayer.open(peer, LEVEL);
    this.#dice.count('open');
  }

  /** A peer has left: so does its player, and what it has owned is the server's. */
  #gone(peer: number): void {
    this.lastEnd = this.#tick;
    this.#sight.forgetPeer(peer);
    this.#watch.forget(peer);
    const player = this.party.mirror.getNode(`${PLAYERS}/P${peer}`);
    if (player !== undefined) this.#free(player);
    for (const other of nodeAt(this.party, PLAYERS).getChildren())
      if (Number(other.getMeta('owner')) === peer) this.#setOwner(other, 1);
    if (this.#yardOwner() !== peer) return;
    nodeAt(this.party, `${YARD}Spawner`).setMultiplayerAuthority(1);
    this.#main().rpc('yard', 1);
  }

  #pickParent(): MirrorNode {
    const broods = [...this.#sight.spawned].flatMap((node) => node.findChild('Brood') ?? []);
    const pens = PENS.map((path) => nodeAt(this.party, path));
    const notDeep = broods.filter((brood) => brood.getPath().names.length < MOST_DEEP);
    return this.#dice.pick([...pens, ...pens, ...notDeep]);
  }

  #main(): MirrorNode {
    return nodeAt(this.party, '/root/Main');
  }
}

/** A node that may be renamed and moved: no player, nothing with nodes below. */
function isMob(node: MirrorNode): boolean {
  return node.instance !== undefined && node.instance !== SCENES[2];
}

/** What is done, and how often in comparison. */
const WEIGHTS = {
  add: 3,
  change: 5,
  call: 2,
  visibility: 2,
  player: 2,
  interval: 1,
  owner: 1,
  yard: 1,
  free: 1,
  remake: 1,
  rename: 1,
  reparent: 1,
  away: 1,
  reload: 1,
  kick: 1,
} as const;
type ActionKind = keyof typeof WEIGHTS;
const KINDS = (Object.keys(WEIGHTS) as ActionKind[]).flatMap((kind) =>
  Array.from({ length: WEIGHTS[kind] }, () => kind),
);
/** What a client may set its `move` to: less than this. */
export const MOST_MOVE = 100;
const MOST_NODES = 40;
const MOST_FREE_NAMES = 8;
/** Names in the path of what nodes are put below. */
const MOST_DEEP = 9;
