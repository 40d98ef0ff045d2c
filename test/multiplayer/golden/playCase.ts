/** Plays one golden case with our SceneMultiplayer and says what happened, in the form of the case. */
import type { Dialect, VariantInput, VariantValue } from '../../../codec/index.ts';
import { Dictionary } from '../../../codec/index.ts';
import { type MirrorNode, SceneMirror } from '../../../schema/index.ts';
import type { GodotError } from '../../../src/godot/errors.ts';
import type { MultiplayerSynchronizer } from '../../../src/multiplayer/replication/MultiplayerSynchronizer.ts';
import { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';
import type { GoldenCase, GoldenEvent, GoldenNode, GoldenRpc, GoldenStep } from './cases.ts';
import { ask } from './questions.ts';
import type { GoldenConfig } from './replicationConfigs.ts';
import { type GoldenFilter, ReplicationSetup } from './replicationSetup.ts';
import { classChain, pathOfClass, rpcInput, scriptOf } from './scripts.ts';
import { GoldenPeer } from './transport.ts';
import { bytesOf, decode, encode, exactValue, watched, withObjects, withoutObjects } from './values.ts';

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
  readonly #replication: ReplicationSetup;
  #nowMs = 1000;

  constructor(golden: GoldenCase, options: PlayOptions) {
    this.#golden = golden;
    this.#options = options;
    const host = {
      tell: (event: GoldenEvent) => this.#events.push(event),
      pathOf: (node: MirrorNode) => this.#pathOf(node),
      remoteSender: () => this.#multiplayer.getRemoteSenderId(),
    };
    for (const name of Object.keys(golden.classes ?? {}))
      this.#mirror.registerScript(scriptOf(golden, name, host));
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
    this.#replication = new ReplicationSetup({
      ...host,
      caseName: golden.name,
      dialect: options.dialect,
      multiplayer: this.#multiplayer,
      instantiate: (path) => this.#instantiate(path),
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
        return ask(this.#multiplayer, text('method'));
      case 'multiplayer_peer_null':
        this.#multiplayer.multiplayerPeer = null;
        return undefined;
      case 'multiplayer_peer_new':
        this.#newPeer(int('id'), int('status'));
        return undefined;
      case 'set':
        this.#replication.set(this.#node(text('path')), text('property'), decode(text('value')));
        return undefined;
      case 'set_many':
        for (const [name, value] of Object.entries(step['values'] as Record<string, string>))
          this.#replication.set(this.#node(text('path')), name, decode(value));
        return undefined;
      case 'mutate':
        this.#mutate(
          this.#node(text('path')),
          text('property'),
          step['keys'] as string[],
          decode(text('value')),
        );
        return undefined;
      case 'spawn':
        return this.#replication.spawn(this.#node(text('path')), decode(text('data')), step['result']);
      case 'set_visibility_for':
        this.#sync(text('path')).setVisibilityFor(int('peer'), step['value'] === true);
        return undefined;
      case 'update_visibility':
        this.#sync(text('path')).updateVisibility(int('peer'));
        return undefined;
      case 'add_filter':
        this.#replication.addFilter(this.#node(text('path')), step['filter'] as GoldenFilter);
        return undefined;
      case 'change_filter':
        this.#replication.changeFilter(this.#node(text('path')), step['filter'] as GoldenFilter);
        return undefined;
      case 'remove_filter':
        this.#replication.removeFilter(this.#node(text('path')));
        return undefined;
      case 'replication_config':
        this.#replication.configure(this.#node(text('path')), step['config'] as GoldenConfig | null);
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
    for (const [name, hex] of Object.entries(golden.props ?? {}))
      this.#replication.set(node, name, decode(hex));
    for (const child of golden.children ?? []) node.addChild(this.#make(child));
    for (const [path, child] of (golden['inside'] as [string, GoldenNode][] | undefined) ?? [])
      node.getNode(path)?.addChild(this.#make(child));
    if (golden.authority !== undefined)
      node.setMultiplayerAuthority(golden.authority, golden.recursive !== false);
    for (const [method, config] of Object.entries(golden.rpc_config ?? {}))
      node.rpcConfig(method, rpcInput(config));
    this.#replication.setUp(node, golden);
    return node;
  }

  #makeBare(golden: GoldenNode): MirrorNode {
    const chain = classChain(this.#golden, golden.class);
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

  #sync(path: string): MultiplayerSynchronizer {
    return this.#multiplayer.synchronizer(this.#node(path));
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
