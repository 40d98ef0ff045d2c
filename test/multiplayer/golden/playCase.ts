/** Plays one golden case with our SceneMultiplayer and says what happened, in the form of the case. */
import {
  bytesToVar,
  type Dialect,
  Dictionary,
  type VariantInput,
  type VariantValue,
  varToBytes,
} from '../../../codec/index.ts';
import {
  type MirrorNode,
  type ReplicationMode,
  type RpcConfigInput,
  SceneMirror,
  SceneReplicationConfig,
  type ScriptClass,
} from '../../../schema/index.ts';
import type { GodotError } from '../../../src/godot/errors.ts';
import { NodeScript } from '../../../src/multiplayer/NodeScript.ts';
import type { MultiplayerSynchronizer } from '../../../src/multiplayer/replication/MultiplayerSynchronizer.ts';
import { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';
import type { GoldenCase, GoldenClass, GoldenEvent, GoldenNode, GoldenRpc, GoldenStep } from './cases.ts';
import { GoldenPeer } from './transport.ts';

/** What a step did: its result, if it has one, and its events. */
export interface Played {
  readonly result: unknown;
  readonly events: readonly GoldenEvent[];
}

/** How a case is played. */
export interface PlayOptions {
  readonly dialect: Dialect;
  readonly compatibility: 'engine' | 'safe';
}

/** Plays all steps of a case. */
export function playCase(golden: GoldenCase, options: PlayOptions): Played[] {
  return withoutObjects(new Player(withObjects(golden), options).play());
}

/** One case under way. */
class Player {
  readonly #golden: GoldenCase;
  readonly #options: PlayOptions;
  readonly #mirror = new SceneMirror();
  readonly #game: MirrorNode;
  readonly #multiplayer: SceneMultiplayer;
  #peer: GoldenPeer | undefined;
  #events: GoldenEvent[] = [];
  /** Properties of nodes before the step: `set` tells what differs after it. */
  readonly #before = new Map<MirrorNode, Map<string, string>>();
  readonly #filters = new Map<MirrorNode, { says: GoldenFilter; filter: (peer: number) => boolean }>();
  /** What `str()` makes of the data of the spawn that is under way. */
  #spawnName = '';
  #nowMs = 1000;

  constructor(golden: GoldenCase, options: PlayOptions) {
    this.#golden = golden;
    this.#options = options;
    for (const name of Object.keys(golden.classes ?? {})) this.#mirror.registerScript(this.#script(name));
    const asked = golden.options ?? {};
    this.#multiplayer = new SceneMultiplayer({
      mirror: this.#mirror,
      rootPath: (asked['root_path'] as string | undefined) ?? '/root/Game',
      compatibility: options.compatibility,
      dialect: options.dialect,
      exact: true,
      serverRelay: asked['server_relay'] !== false,
      authTimeout: (asked['auth_timeout'] as number | undefined) ?? 3,
      runtime: { now: () => this.#nowMs, startTimer: () => ({ cancel: () => undefined }) },
      instantiate: (path) => this.#instantiate(path),
      onError: (error) => {
        throw error;
      },
    });
    for (const name of ['max_sync_packet_size', 'max_delta_packet_size'])
      if (asked[name] !== undefined) this.#setOption(name, asked[name]);
    if (asked['auth'] === true) this.#setAuth(true);
    if (asked['no_peer'] !== true) this.#newPeer(golden.role, (asked['status'] as number | undefined) ?? 2);
    if (this.#peer && asked['transport_relay'] === false) this.#peer.canRelay = false;
    this.#listen();
    this.#game = this.#mirror.root.addChild({ name: 'Game', class: 'Node' });
    for (const node of golden.tree) this.#build(this.#game, node, false);
    this.#events = [];
  }

  play(): Played[] {
    return this.#golden.steps.map((step) => {
      this.#events = [];
      this.#remember();
      const result = this.#step(step);
      this.#tellSets();
      return { result, events: this.#events };
    });
  }

  #step(step: GoldenStep): unknown {
    const text = (name: string): string => String(step[name]);
    const int = (name: string): number => Number(step[name]);
    const peer = this.#peer;
    switch (step.do) {
      case 'transport_connected':
        peer?.join(int('peer'));
        return undefined;
      case 'transport_disconnected':
        peer?.leave(int('peer'));
        return undefined;
      case 'transport_status':
        if (peer) peer.status = int('status') as 0 | 1 | 2;
        return undefined;
      case 'transport_put_result':
        if (peer) peer.putResult = int('value') as GodotError;
        return undefined;
      case 'inject':
        peer?.inject(int('from'), int('mode'), int('channel'), text('hex'));
        return undefined;
      case 'receive':
        peer?.inject(int('from'), int('mode'), int('channel'), text('hex'));
        this.#multiplayer.poll();
        return undefined;
      case 'poll':
        this.#multiplayer.poll();
        return undefined;
      case 'polls':
        for (let i = 0; i < int('count'); i++) this.#multiplayer.poll();
        this.#events = [];
        return undefined;
      case 'rpc':
        return this.#multiplayer.rpc(
          int('peer'),
          this.#node(text('path')),
          text('method'),
          (step['args'] as string[]).map(decode),
        );
      case 'send_bytes':
        return this.#multiplayer.sendBytes(
          bytesOf(text('hex')),
          int('peer'),
          int('mode') as 0 | 1 | 2,
          int('channel'),
        );
      case 'send_auth':
        return this.#multiplayer.sendAuth(int('peer'), bytesOf(text('hex')));
      case 'complete_auth':
        return this.#multiplayer.completeAuth(int('peer'));
      case 'disconnect_peer':
        this.#multiplayer.disconnectPeer(int('peer'));
        return undefined;
      case 'clear':
        this.#multiplayer.clear();
        return undefined;
      case 'option':
        this.#setOption(text('name'), step['value']);
        return undefined;
      case 'ask':
        return this.#ask(text('method'));
      case 'multiplayer_peer_null':
        this.#multiplayer.multiplayerPeer = null;
        return undefined;
      case 'multiplayer_peer_new':
        this.#newPeer(int('id'), int('status'));
        return undefined;
      case 'set':
        this.#set(this.#node(text('path')), text('property'), decode(text('value')));
        return undefined;
      case 'set_many':
        for (const [name, value] of Object.entries(step['values'] as Record<string, string>))
          this.#set(this.#node(text('path')), name, decode(value));
        return undefined;
      case 'mutate':
        this.#mutate(
          this.#node(text('path')),
          text('property'),
          step['keys'] as string[],
          decode(text('value')),
        );
        return undefined;
      case 'spawn': {
        this.#spawnName =
          String(step['result'] ?? '')
            .split('/')
            .at(-1) ?? '';
        const node = this.#multiplayer.spawner(this.#node(text('path'))).spawn(decode(text('data')));
        return node === null ? null : this.#pathOf(node);
      }
      case 'set_visibility_for':
        this.#sync(text('path')).setVisibilityFor(int('peer'), step['value'] === true);
        return undefined;
      case 'update_visibility':
        this.#sync(text('path')).updateVisibility(int('peer'));
        return undefined;
      case 'add_filter':
        this.#addFilter(this.#node(text('path')), step['filter'] as GoldenFilter);
        return undefined;
      case 'change_filter':
        Object.assign(this.#filters.get(this.#node(text('path')))?.says ?? {}, {
          allow: undefined,
          returns: undefined,
          ...(step['filter'] as GoldenFilter),
        });
        return undefined;
      case 'remove_filter': {
        const known = this.#filters.get(this.#node(text('path')));
        if (known) this.#sync(text('path')).removeVisibilityFilter(known.filter);
        return undefined;
      }
      case 'replication_config':
        this.#sync(text('path')).replicationConfig = configOf(step['config'] as GoldenConfig | null);
        return undefined;
      case 'add': {
        const parent = text('parent') === '.' ? this.#game : this.#node(text('parent'));
        return this.#pathOf(this.#build(parent, step['node'] as GoldenNode, step['readable'] === true));
      }
      case 'remove': {
        const node = this.#node(text('path'));
        node.remove();
        node.queueFree();
        return undefined;
      }
      case 'free':
        this.#node(text('path')).free();
        return undefined;
      case 'rename':
        this.#node(text('path')).rename(text('to'));
        return undefined;
      case 'reparent':
        this.#node(text('path')).reparent(text('to') === '.' ? this.#game : this.#node(text('to')));
        return undefined;
      case 'authority':
        this.#node(text('path')).setMultiplayerAuthority(int('id'), step['recursive'] !== false);
        return undefined;
      case 'rpc_config': {
        const config = step['config'] as GoldenRpc | null;
        this.#node(text('path')).rpcConfig(text('method'), config === null ? null : rpcInput(config));
        return undefined;
      }
      case 'burn':
        this.#burn(int('count'), text('class'), text('method'));
        return undefined;
      case 'frame':
        this.#mirror.process(0.02);
        return undefined;
      case 'wait':
        this.#nowMs += int('ms');
        return undefined;
      default:
        throw new Error(`a step that this runner does not know: ${step.do}`);
    }
  }

  #burn(count: number, className: string, method: string): void {
    const events = this.#events;
    for (let i = 0; i < count; i++) {
      this.#events = [];
      const node = this.#build(this.#game, { name: 'Burn', class: className }, true);
      this.#multiplayer.rpc(0, node, method);
      node.free();
    }
    this.#events = events;
  }

  #setOption(name: string, value: unknown): void {
    if (name === 'auth') this.#setAuth(value === true);
    else if (name === 'server_relay') this.#multiplayer.serverRelay = value as boolean;
    else if (name === 'auth_timeout') this.#multiplayer.authTimeout = value as number;
    else if (name === 'root_path') this.#multiplayer.rootPath = value as string;
    else if (name === 'refuse_new_connections') this.#multiplayer.refuseNewConnections = value as boolean;
    else if (name === 'max_sync_packet_size') this.#multiplayer.maxSyncPacketSize = value as number;
    else if (name === 'max_delta_packet_size') this.#multiplayer.maxDeltaPacketSize = value as number;
    else throw new Error(`an option that this runner does not know: ${name}`);
  }

  #ask(method: string): unknown {
    const multiplayer = this.#multiplayer;
    switch (method) {
      case 'get_unique_id':
        return multiplayer.getUniqueId();
      case 'get_peers':
        return multiplayer.getPeers();
      case 'get_authenticating_peers':
        return multiplayer.getAuthenticatingPeers();
      case 'get_auth_timeout':
        return multiplayer.authTimeout;
      case 'is_server':
        return multiplayer.isServer();
      case 'get_remote_sender_id':
        return multiplayer.getRemoteSenderId();
      case 'has_multiplayer_peer':
        return multiplayer.hasMultiplayerPeer();
      case 'get_max_sync_packet_size':
        return multiplayer.maxSyncPacketSize;
      case 'get_max_delta_packet_size':
        return multiplayer.maxDeltaPacketSize;
      default:
        throw new Error(`a question that this runner does not know: ${method}`);
    }
  }

  #setAuth(isOn: boolean): void {
    this.#multiplayer.authCallback = isOn
      ? (id, data) => this.#events.push({ auth: [id, Buffer.from(data).toString('hex')] })
      : null;
  }

  #newPeer(id: number, status: number): void {
    const peer = new GoldenPeer(id, status as 0 | 1 | 2, (event) => this.#events.push(event));
    this.#multiplayer.multiplayerPeer = peer;
    if (this.#multiplayer.multiplayerPeer === peer) this.#peer = peer;
  }

  #listen(): void {
    const names = {
      peerConnected: 'peer_connected',
      peerDisconnected: 'peer_disconnected',
      connectedToServer: 'connected_to_server',
      connectionFailed: 'connection_failed',
      serverDisconnected: 'server_disconnected',
      peerAuthenticating: 'peer_authenticating',
      peerAuthenticationFailed: 'peer_authentication_failed',
    } as const;
    for (const [signal, name] of Object.entries(names)) {
      this.#multiplayer.on(signal as keyof typeof names, (...args: number[]) => {
        this.#events.push({ signal: [name, ...args] });
      });
    }
    this.#multiplayer.on('peerPacket', (id, bytes) => {
      this.#events.push({ signal: ['peer_packet', id, Buffer.from(bytes).toString('hex')] });
    });
  }

  #build(parent: MirrorNode, golden: GoldenNode, readable: boolean): MirrorNode {
    const node = this.#make(golden);
    parent.addChild(node, readable);
    return node;
  }

  /** Makes a node without parent: of a scene, of a class, or native. */
  #make(golden: GoldenNode): MirrorNode {
    const { scene } = golden;
    const node = scene === undefined ? this.#makeBare(golden) : this.#instantiate(scene);
    if (scene !== undefined && golden.name) node.rename(golden.name);
    for (const [name, hex] of Object.entries(golden.props ?? {})) this.#set(node, name, decode(hex));
    for (const child of golden.children ?? []) node.addChild(this.#make(child));
    for (const [path, child] of (golden['inside'] as [string, GoldenNode][] | undefined) ?? [])
      node.getNode(path)?.addChild(this.#make(child));
    if (golden.authority !== undefined)
      node.setMultiplayerAuthority(golden.authority, golden.recursive !== false);
    for (const [method, config] of Object.entries(golden.rpc_config ?? {}))
      node.rpcConfig(method, rpcInput(config));
    if (node.class === 'MultiplayerSpawner') this.#setUpSpawner(node, golden);
    if (node.class === 'MultiplayerSynchronizer') this.#setUpSynchronizer(node, golden);
    return node;
  }

  #makeBare(golden: GoldenNode): MirrorNode {
    const chain = this.#classes(golden.class);
    const native =
      golden.class === undefined ? (golden.type ?? 'Node') : (golden.type ?? chain.at(-1)?.extends ?? 'Node');
    const props = Object.assign({}, ...[...chain].reverse().map(({ props }) => props ?? {})) as Record<
      string,
      string
    >;
    return this.#mirror.createNode({
      name: golden.name,
      class: native,
      scriptVariables: Object.entries(props).map(([name, hex]) => ({
        name,
        type: 'Variant',
        value: decode(hex),
      })),
      ...(golden.class === undefined ? {} : { script: pathOfClass(golden.class) }),
    });
  }

  #instantiate(path: string): MirrorNode {
    const scene = this.#golden.scenes?.[path];
    if (scene === undefined) throw new RangeError(`the case has no scene ${path}`);
    const node = this.#make(scene);
    node.instance = path;
    return node;
  }

  #setUpSpawner(node: MirrorNode, golden: GoldenNode): void {
    const spawner = this.#multiplayer.spawner(node);
    if (golden['spawn_path'] !== undefined) spawner.spawnPath = String(golden['spawn_path']);
    for (const path of (golden['spawnable'] as string[] | undefined) ?? []) spawner.addSpawnableScene(path);
    if (golden['spawn_limit'] !== undefined) spawner.spawnLimit = Number(golden['spawn_limit']);
    const recipe = golden['spawn_function'] as string | undefined;
    if (recipe !== undefined)
      spawner.spawnFunction = (data) => {
        this.#events.push({ factory: encode(data as VariantInput) });
        return this.#cook(recipe, data);
      };
    for (const signal of ['spawned', 'despawned'] as const)
      spawner.on(signal, (made) => {
        const state = signal === 'spawned' ? [stateOf(made)] : [];
        this.#events.push({ emit: [this.#pathOf(node), signal, made.name, ...state] });
      });
  }

  /** What the spawn functions of the cases make. */
  #cook(recipe: string, data: VariantValue): MirrorNode {
    if (recipe === 'null') return null as unknown as MirrorNode;
    if (recipe === 'number') return 7 as unknown as MirrorNode;
    if (recipe === 'unnamed') return this.#mirror.createNode({ name: 'Node2D', class: 'Node2D' });
    if (recipe === 'named')
      return this.#mirror.createNode({ name: this.#spawnName || 'Unnamed', class: 'Node' });
    if (recipe.startsWith('scene:')) return this.#instantiate(recipe.slice(6));
    const given = data instanceof Dictionary ? data : new Dictionary<VariantValue, VariantValue>();
    const scene = given.get('scene');
    const node =
      typeof scene === 'string'
        ? this.#instantiate(scene)
        : this.#mirror.createNode({
            name: String(given.get('type') ?? 'Node'),
            class: String(given.get('type') ?? 'Node'),
          });
    const name = given.get('name');
    if (name !== undefined) node.rename(String(name));
    const props = given.get('props');
    if (props instanceof Dictionary)
      for (const [property, value] of props) this.#set(node, String(property), value as VariantInput);
    return node;
  }

  #setUpSynchronizer(node: MirrorNode, golden: GoldenNode): void {
    const sync = this.#multiplayer.synchronizer(node);
    if (golden['root_path'] !== undefined) sync.rootPath = String(golden['root_path']);
    if (golden['config'] !== undefined) sync.replicationConfig = configOf(golden['config'] as GoldenConfig);
    if (golden['replication_interval'] !== undefined)
      sync.replicationInterval = Number(golden['replication_interval']);
    if (golden['delta_interval'] !== undefined) sync.deltaInterval = Number(golden['delta_interval']);
    if (golden['visibility_update_mode'] !== undefined)
      sync.visibilityUpdateMode = Number(golden['visibility_update_mode']) as 0 | 1 | 2;
    if (golden['public'] === false) sync.publicVisibility = false;
    for (const peer of (golden['visible'] as number[] | undefined) ?? []) sync.setVisibilityFor(peer, true);
    if (golden['filter'] !== undefined) this.#addFilter(node, golden['filter'] as GoldenFilter);
    const names = {
      synchronized: 'synchronized',
      deltaSynchronized: 'delta_synchronized',
      visibilityChanged: 'visibility_changed',
    } as const;
    for (const [signal, name] of Object.entries(names))
      sync.on(signal as keyof typeof names, (...args: number[]) => {
        this.#events.push({ emit: [this.#pathOf(node), name, ...args] });
      });
  }

  #addFilter(node: MirrorNode, says: GoldenFilter): void {
    const own = { ...says };
    const filter = (peer: number): boolean =>
      (own.returns === undefined ? own.allow?.includes(peer) === true : decode(own.returns)) as boolean;
    this.#filters.set(node, { says: own, filter });
    this.#multiplayer.synchronizer(node).addVisibilityFilter(filter);
  }

  #sync(path: string): MultiplayerSynchronizer {
    return this.#multiplayer.synchronizer(this.#node(path));
  }

  /** Properties of synchronizers are those of their behaviour: they take effect at once. */
  #set(node: MirrorNode, property: string, value: VariantInput): void {
    const sync = node.class === 'MultiplayerSynchronizer' ? this.#multiplayer.synchronizer(node) : undefined;
    if (sync !== undefined && property === 'public_visibility') sync.publicVisibility = value as boolean;
    else if (sync !== undefined && property === 'visibility_update_mode')
      sync.visibilityUpdateMode = Number(value) as 0 | 1 | 2;
    else if (sync !== undefined && property === 'root_path') sync.rootPath = String(value);
    else setAsEngine(node, property, value);
  }

  /** Changes what is inside of a container: nodes hold copies, so it is set as a whole. */
  #mutate(node: MirrorNode, property: string, keys: readonly (string | number)[], value: VariantInput): void {
    const whole = decode(encode(exactValue(node, property) ?? null));
    let at: unknown = whole;
    for (const key of keys.slice(0, -1))
      at = at instanceof Dictionary ? at.get(key) : (at as unknown[])[Number(key)];
    const last = keys.at(-1) ?? 0;
    if (at instanceof Dictionary) at.set(last, value as VariantValue);
    else (at as unknown[])[Number(last)] = value;
    node.set(property, whole);
  }

  /** A class and those that it inherits from. */
  #classes(name: string | undefined): GoldenClass[] {
    const chain: GoldenClass[] = [];
    for (let at = name; at !== undefined; ) {
      const found: GoldenClass | undefined = this.#golden.classes?.[at];
      if (found === undefined) break;
      chain.push(found);
      at = found.extends;
    }
    return chain;
  }

  #script(name: string): ScriptClass {
    const chain = this.#classes(name).reverse();
    const methods = Object.assign({}, ...chain.map((entry) => entry.methods ?? {})) as NonNullable<
      GoldenClass['methods']
    >;
    const rpc = this.#golden.classes?.[name]?.rpc ?? {};
    const tell = (node: MirrorNode, method: string, args: unknown[]): void => {
      this.#events.push({
        call: [
          this.#pathOf(node),
          method,
          args.map((value) => encode((value ?? null) as VariantInput)),
          this.#multiplayer.getRemoteSenderId(),
        ],
      });
    };
    const rpcs = Object.fromEntries(
      Object.entries(rpc).map(([method, config]) => {
        const { args: [least, most] = [0, -1], types } = methods[method] ?? {};
        return [
          method,
          {
            ...rpcInput(config),
            leastArguments: least,
            mostArguments: most < 0 ? Number.POSITIVE_INFINITY : most,
            ...(types === undefined ? {} : { argumentTypes: types }),
          },
        ];
      }),
    );
    const enters = chain.flatMap((entry) => entry.enter_tree ?? []);
    const isTold = chain.some((entry) => entry.ready === true);
    const ready = (node: MirrorNode): void => {
      if (isTold) this.#events.push({ ready: [this.#pathOf(node), stateOf(node)] });
    };
    const script = class extends NodeScript {
      static override readonly path = pathOfClass(name);
      static override readonly rpcs = rpcs;
      override _ready(): void {
        ready(this.node);
      }
      override _enterTree(): void {
        for (const [, child] of enters)
          this.node.getNode(child)?.setMultiplayerAuthority(Number(this.node.name.replace(/\D/g, '')) || 0);
      }
    };
    for (const method of Object.keys(methods)) {
      Object.defineProperty(script.prototype, method, {
        value(this: NodeScript, ...args: unknown[]) {
          const most = methods[method]?.args[1] ?? -1;
          // Optional arguments that were not given are null in these scripts.
          while (args.length < most) args.push(null);
          tell(this.node, method, args);
        },
      });
    }
    return script;
  }

  #node(path: string): MirrorNode {
    const node = path === '.' ? this.#game : this.#game.getNode(path);
    if (node === undefined) throw new Error(`the case has no node ${path}`);
    return node;
  }

  #pathOf(node: MirrorNode): string {
    if (!node.isInsideTree()) return '(none)';
    const path = node.getPath().toString();
    return path === '/root/Game' ? '.' : path.replace('/root/Game/', '');
  }

  #remember(): void {
    this.#before.clear();
    for (const node of this.#game.walk()) this.#before.set(node, watched(node));
  }

  #tellSets(): void {
    for (const [node, before] of this.#before) {
      if (!node.isInsideTree()) continue;
      for (const [name, hex] of watched(node)) {
        if (before.get(name) !== hex) this.#events.push({ set: [this.#pathOf(node), name, hex] });
      }
    }
  }
}

/** The native properties that cases tell of. */
function watched(node: MirrorNode): Map<string, string> {
  const values = new Map<string, string>();
  for (const name of [...NATIVE, ...node.scriptVariables().map((info) => info.name)]) {
    const value = exactValue(node, name);
    if (value !== undefined) values.set(name, encode(value));
  }
  return values;
}

/** "State" of the cases: variables, and native properties that are not at their default. */
function stateOf(node: MirrorNode): Record<string, string> {
  const fresh = node.mirror.createNode({ name: 'Fresh', class: node.class });
  const state: Record<string, string> = {};
  for (const [name, hex] of watched(node))
    if (!NATIVE.includes(name) || watched(fresh).get(name) !== hex) state[name] = hex;
  return state;
}

/** A part of a vector that is set to what is no number stays as it is. */
function setAsEngine(node: MirrorNode, property: string, value: VariantInput): void {
  try {
    node.setIndexed(property, value);
  } catch (error) {
    if (!(error instanceof TypeError) || !property.includes(':')) throw error;
  }
}

function exactValue(node: MirrorNode, name: string): VariantInput | undefined {
  const info = node.propertyInfo(name);
  return info === undefined ? undefined : (node.storedValue(info) as VariantInput);
}

/** A replication configuration as cases write it. */
function configOf(rows: GoldenConfig | null): SceneReplicationConfig | null {
  if (rows === null) return null;
  const config = new SceneReplicationConfig();
  for (const [path, spawn, mode] of rows) {
    config.addProperty(path);
    config.propertySetSpawn(path, spawn);
    config.propertySetReplicationMode(path, mode);
  }
  return config;
}

type GoldenConfig = readonly [path: string, spawn: boolean, mode: ReplicationMode][];

/** What a filter answers. */
interface GoldenFilter {
  allow?: readonly number[] | undefined;
  returns?: string | undefined;
}

const NATIVE = ['position', 'rotation', 'scale', 'visible', 'modulate', 'text'];

function rpcInput(config: GoldenRpc): RpcConfigInput {
  return {
    rpcMode: config.rpc_mode as 0 | 1 | 2 | undefined,
    transferMode: config.transfer_mode as 0 | 1 | 2 | undefined,
    callLocal: config.call_local,
    channel: config.channel,
  };
}

function pathOfClass(name: string): string {
  return `res://${name}.gd`;
}

function decode(hex: string): VariantInput {
  return bytesToVar(bytesOf(hex), { exact: true, allowObjects: true }) as VariantInput;
}

function encode(value: VariantInput): string {
  return Buffer.from(varToBytes(value)).toString('hex');
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** The golden files have zeros for ids of objects, which would be no reference at all: others take their place. */
function withObjects(golden: GoldenCase): GoldenCase {
  // Here the id is 0 indeed: null.
  if (golden.name === 'spawn/receive-scene-index') return golden;
  return JSON.parse(JSON.stringify(golden).replaceAll(OBJECT_ID_0, OBJECT_ID_7)) as GoldenCase;
}

/** Undoes {@link withObjects} in what happened. */
function withoutObjects(played: Played[]): Played[] {
  return JSON.parse(
    JSON.stringify(played).replaceAll(OBJECT_ID_7, OBJECT_ID_0).replaceAll(MADE_UP, '@$1@#'),
  ) as Played[];
}

/** Names that the engine makes up; their numbers are its own affair. */
const MADE_UP = /@(\w+)@\d+/g;
const OBJECT_ID_0 = '180001000000000000000000';
const OBJECT_ID_7 = '180001000700000000000000';
