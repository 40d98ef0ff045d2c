/** The game of the recorded sessions (golden/generate/multiplayer/sessions: game.gd, player.gd, session.gd), for one process. */
import {
  type Dialect,
  Dictionary,
  NodePath,
  strToVar,
  type VariantInput,
  type VariantValue,
  Vector2,
} from '../../../codec/index.ts';
import { type MirrorNode, SceneMirror, SceneReplicationConfig } from '../../../schema/index.ts';
import { NodeScript, rpc } from '../../../src/multiplayer/NodeScript.ts';
import { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';
import type { SessionPlan } from './sessionRecord.ts';
import { GoldenPeer } from './transport.ts';
import { encode as encodeInput, exactValue } from './values.ts';

/** What the process says, as the recording has it: values are hex. */
export type Said = readonly [what: string, ...about: unknown[]];
/** What it sends. */
export type SessionPut = readonly [target: number, mode: number, channel: number, hex: string];

/** One process. */
export class SessionGame {
  readonly said: Said[] = [];
  readonly puts: SessionPut[] = [];
  readonly multiplayer: SceneMultiplayer;
  readonly peer: GoldenPeer;
  nowMs = 1000;
  readonly #me: string;
  readonly #plan: SessionPlan;
  readonly #mirror: SceneMirror;
  readonly #game: MirrorNode;
  #ids = new Map<string, number>();
  #joined = 0;

  constructor(me: string, id: number, plan: SessionPlan, playerScene: string, dialect: Dialect) {
    this.#me = me;
    this.#plan = plan;
    const files = new Map([
      ['res://player.tscn', playerScene],
      ['res://ball.tscn', '[gd_scene format=3]\n\n[node name="Ball" type="Node2D"]\n'],
    ]);
    this.#mirror = new SceneMirror({ resources: (path) => files.get(path) });
    this.#registerScripts();
    this.peer = new GoldenPeer(id, me === 'server' ? 2 : 1, (event) => {
      if ('put' in event) this.puts.push(event.put);
      // A client that ends its connection has none any more.
      else if (event.transport[0] === 'disconnect_peer' && me !== 'server') this.peer.status = 0;
    });
    this.multiplayer = new SceneMultiplayer({
      mirror: this.#mirror,
      rootPath: '/root',
      compatibility: 'engine',
      dialect,
      exact: true,
      serverRelay: plan.relay !== false,
      authTimeout: plan.auth_timeout ?? 3,
      runtime: { now: () => this.nowMs, startTimer: () => ({ cancel: () => undefined }) },
      instantiate: (path) => this.#instantiate(path),
      onError: (error) => {
        throw error;
      },
    });
    this.#listen();
    this.#game = this.#mirror.root.addChild({ name: 'Game', class: 'Node', script: 'res://game.gd' });
    this.#game.addChild({ name: 'Level', class: 'Node' });
    this.#addSpawner();
    if (plan.board === true) this.#addBoard(dialect);
  }

  /** What happens in a frame after packets have been read. */
  frame(ms: number): void {
    this.nowMs = ms + 1000;
    this.multiplayer.poll();
  }

  /** The end of a frame. */
  process(): void {
    this.#mirror.process(1 / 60);
  }

  /** A step of the scenario; arguments as the recording has them, JSON texts. */
  act(what: string, texts: readonly string[]): void {
    const args = texts.map((text) => JSON.parse(text) as unknown);
    const text = (i: number): string => String(args[i]);
    const node = (): MirrorNode => {
      const found = this.#place(text(0));
      if (found === undefined) throw new Error(`there is no ${text(0)}`);
      return found;
    };
    switch (what) {
      case 'serve':
      case 'join':
        this.multiplayer.multiplayerPeer = this.peer;
        return;
      case 'close':
        this.peer.close();
        return;
      case 'rpc': {
        const target = this.#place(text(0));
        if (target === undefined) this.#say('no such node', args[0]);
        else
          this.#say(
            'result',
            this.multiplayer.rpc(this.#who(args[1]), target, text(2), parse(text(3)) as unknown[]),
          );
        return;
      }
      case 'bytes': {
        const [, , mode, channel] = args as [unknown, unknown, 0 | 1 | 2, number];
        const bytes = Uint8Array.from(Buffer.from(text(1), 'hex'));
        this.#say('result', this.multiplayer.sendBytes(bytes, this.#who(args[0]), mode, channel));
        return;
      }
      case 'set':
        node().setIndexed(text(1), parse(text(2)) as VariantInput);
        return;
      case 'add': {
        const made = this.#instantiate(text(0));
        made.rename(text(1));
        this.#level.addChild(made, true);
        return;
      }
      case 'spawn':
        this.multiplayer.spawner('/root/Game/Spawner').spawn(parse(text(0)) as VariantInput);
        return;
      case 'free':
        node().queueFree();
        return;
      case 'visible':
        this.multiplayer.synchronizer(node()).setVisibilityFor(this.#who(args[1]), args[2] === true);
        return;
      case 'public':
        this.multiplayer.synchronizer(node()).publicVisibility = args[1] === true;
        return;
      case 'authority':
        node().setMultiplayerAuthority(this.#who(args[1]));
        return;
      case 'kick':
        this.multiplayer.disconnectPeer(this.#who(args[0]));
        return;
      case 'refuse':
        this.multiplayer.refuseNewConnections = args[0] === true;
        return;
      case 'peers':
        this.#say('peers', this.multiplayer.getPeers().length);
        return;
      default:
        throw new Error(`a step that this game does not know: ${what}`);
    }
  }

  get #level(): MirrorNode {
    const level = this.#game.getNode('Level');
    if (level === undefined) throw new Error('the game has lost its level');
    return level;
  }

  #say(what: string, ...about: unknown[]): void {
    this.said.push([what, ...about]);
  }

  #who(name: unknown): number {
    if (typeof name !== 'string') return Number(name);
    if (name === 'server') return 1;
    return name.startsWith('-') ? -(this.#ids.get(name.slice(1)) ?? 0) : (this.#ids.get(name) ?? 0);
  }

  #place(path: string): MirrorNode | undefined {
    if (path === '.') return this.#game;
    return this.#game.getNode(path.replace(/\{(\w+)\}/g, (_, name: string) => String(this.#who(name))));
  }

  #instantiate(path: string): MirrorNode {
    const node = this.#mirror.instantiate(path);
    // The variables of player.gd.
    if (path === 'res://player.tscn')
      for (const [name, value] of Object.entries({ hp: 100, label: 'new', aim: new Vector2(0, 0) }))
        if (!node.has(name)) node.set(name, value);
    return node;
  }

  #listen(): void {
    const { multiplayer } = this;
    const names = {
      peerConnected: 'peer_connected',
      peerDisconnected: 'peer_disconnected',
      connectionFailed: 'connection_failed',
      serverDisconnected: 'server_disconnected',
      peerAuthenticating: 'peer_authenticating',
      peerAuthenticationFailed: 'peer_authentication_failed',
    } as const;
    for (const [signal, name] of Object.entries(names))
      multiplayer.on(signal as keyof typeof names, (...args: number[]) => this.#say(name, ...args));
    multiplayer.on('connectedToServer', () => this.#say('connected_to_server', multiplayer.getUniqueId()));
    multiplayer.on('peerPacket', (id, bytes) =>
      this.#say('peer_packet', id, Buffer.from(bytes).toString('hex')),
    );
    const hello = this.#plan.hello?.[this.#me];
    multiplayer.on('peerAuthenticating', (id) => {
      if (hello !== undefined) multiplayer.sendAuth(id, new TextEncoder().encode(hello));
    });
    multiplayer.on('peerConnected', (id) => this.#arrived(id));
    if (this.#plan.auth?.includes(this.#me) === true)
      multiplayer.authCallback = (id, data) => this.#authenticate(id, new TextDecoder().decode(data));
  }

  #authenticate(id: number, text: string): void {
    this.#say('auth', id, text);
    const { multiplayer } = this;
    if (this.#me === 'server') {
      if (text.endsWith('bad')) return;
      if (text.endsWith('kick')) {
        multiplayer.disconnectPeer(id);
        return;
      }
      multiplayer.sendAuth(id, new TextEncoder().encode('welcome'));
    }
    multiplayer.completeAuth(id);
  }

  #arrived(id: number): void {
    if (this.#me !== 'server') return;
    const name = this.#plan.order[this.#joined++] ?? `p${this.#joined}`;
    this.#ids.set(name, id);
    this.#game.rpc('roster', new Map(this.#ids));
    if (this.#plan.players !== true) return;
    const player = this.#instantiate('res://player.tscn');
    player.rename(String(id));
    player.set('position', new Vector2(10 * this.#joined, 0));
    player.set('label', name);
    this.#level.addChild(player, true);
  }

  #addSpawner(): void {
    const node = this.#game.addChild({ name: 'Spawner', class: 'MultiplayerSpawner' });
    const spawner = this.multiplayer.spawner(node);
    for (const path of ['res://player.tscn', 'res://ball.tscn']) spawner.addSpawnableScene(path);
    spawner.spawnPath = '../Level';
    spawner.spawnFunction = (data) => {
      const given = data instanceof Dictionary ? data : new Dictionary<VariantValue, VariantValue>();
      const made = this.#mirror.createNode({ name: String(given.get('name')), class: 'Node2D' });
      made.set('position', given.get('at') as VariantInput);
      return made;
    };
    spawner.on('spawned', (made) => this.#say('spawned', made.name, [encode(made.get('position'))]));
    spawner.on('despawned', (made) => this.#say('despawned', made.name));
  }

  #addBoard(dialect: Dialect): void {
    const board = this.#mirror.createNode({ name: 'Board', class: 'Node2D' });
    const node = board.addChild({ name: 'Sync', class: 'MultiplayerSynchronizer' });
    const sync = this.multiplayer.synchronizer(node);
    const paths = ['.:rotation', '.:visible'];
    // 4.0 has no setter that works.
    const config = SceneReplicationConfig.fromProperties(
      paths.map((path, i) => [`properties/${i}/path`, new NodePath(path)]),
    );
    if (dialect !== '4.0') config.propertySetReplicationMode('.:visible', 2);
    sync.replicationConfig = config;
    sync.replicationInterval = 0.1;
    this.#game.addChild(board);
    this.#tell(board, node, { synchronized: 'rotation', deltaSynchronized: 'visible' });
  }

  #tell(
    node: MirrorNode,
    syncNode: MirrorNode,
    names: Readonly<Record<'synchronized' | 'deltaSynchronized', string>>,
  ): void {
    const sync = this.multiplayer.synchronizer(syncNode);
    const values = (list: string): string[] => list.split(' ').map((name) => encode(exactValue(node, name)));
    const path = (): string => node.getPath().toString();
    const first = syncNode.name === 'Input' ? 'input' : 'synchronized';
    sync.on('synchronized', () => this.#say(first, path(), values(names.synchronized)));
    sync.on('deltaSynchronized', () =>
      this.#say('delta_synchronized', path(), values(names.deltaSynchronized)),
    );
  }

  #registerScripts(): void {
    const say = (what: string, ...about: unknown[]): void => this.#say(what, ...about);
    const sender = (): number => this.multiplayer.getRemoteSenderId();
    const learn = (ids: Map<string, number>): void => {
      this.#ids = ids;
    };
    const tell = (node: MirrorNode): void => this.#tellPlayer(node);
    const note = (method: string, ...args: unknown[]): void =>
      say(
        'call',
        'Game',
        method,
        sender(),
        args.map((value) => encode(value ?? null)),
      );
    this.#mirror.registerScript(
      class extends NodeScript {
        static override readonly path: string = 'res://game.gd';
        static override readonly rpcs = {
          chat: { ...rpc('any_peer', 'call_local', 'reliable'), leastArguments: 1, mostArguments: 2 },
          whisper: rpc('any_peer', 'call_remote', 'reliable'),
          tick: rpc('any_peer', 'call_remote', 'unreliable_ordered', 1),
          state: rpc('authority', 'call_remote', 'unreliable', 2),
          announce: rpc('authority', 'call_local'),
          roster: rpc('authority'),
        };
        chat = (text: unknown, extra: unknown): void => note('chat', text, extra);
        whisper = (text: unknown): void => note('whisper', text);
        tick = (number: unknown, at: unknown): void => note('tick', number, at);
        state = (bytes: unknown): void => note('state', bytes);
        announce = (what: unknown): void => note('announce', what);
        roster(ids: Iterable<[string, number | bigint]>): void {
          const all = new Map([...ids].map(([name, id]) => [name, Number(id)] as const));
          learn(all);
          note('roster', all.size);
        }
      },
    );
    this.#mirror.registerScript(
      class extends NodeScript {
        static override readonly path: string = 'res://player.gd';
        static override readonly rpcs = { hurt: rpc('any_peer', 'call_local') };
        override _enterTree(): void {
          this.node.getNode('Input')?.setMultiplayerAuthority(Number(this.node.name));
        }
        override _ready(): void {
          const { node } = this;
          const values = ['position', 'hp', 'label'].map((name) => encode(exactValue(node, name)));
          say('ready', node.getPath().toString(), values);
          tell(node);
        }
        hurt(amount: unknown): void {
          say('call', this.node.getPath().toString(), 'hurt', sender(), [encode(amount)]);
        }
      },
    );
  }

  /** Lets the synchronizers of a player be told of. */
  #tellPlayer(node: MirrorNode): void {
    const [state, input] = ['State', 'Input'].map((name) => node.getNode(name));
    if (state) this.#tell(node, state, { synchronized: 'position', deltaSynchronized: 'hp label' });
    if (input) this.#tell(node, input, { synchronized: 'aim', deltaSynchronized: 'aim' });
  }
}

function encode(value: unknown): string {
  return encodeInput(value as VariantInput);
}

function parse(text: string): unknown {
  return strToVar(text, { exact: true });
}
