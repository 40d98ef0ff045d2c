/** A client of ours that goes where it is sent, as `handoff.gd` of the add-on does in the engine. */
import type { SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer, GodotError, MultiplayerConnectionStatus } from '../../../src/godot/index.ts';
import { createCompressor } from '../../../src/io/compression.ts';
import { SceneMultiplayer } from '../../../src/multiplayer/index.ts';
import type { Runtime } from '../../../src/runtime/index.ts';

/** Where to go. */
interface Plan {
  readonly transfer: string;
  readonly address: string;
  readonly ticket: string;
  readonly home: string;
  readonly homeTicket: string;
}

interface Marked {
  readonly number: number;
  readonly path: string;
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Its connection may be announced when the multiplayer has it. */
class NextPeer extends ENetMultiplayerPeer {
  announce(): void {
    this.emitSignal('peerConnected', 1);
  }
}

/** Where a client lives: the virtual network, or a process. */
export interface ClientWorld {
  /** Now, in ms. */
  readonly time: number;
  createRuntime(ip: string): Runtime;
}

/** A client. */
export class HandoffClient {
  readonly name: string;
  readonly ip: string;
  readonly mirror: SceneMirror;
  readonly multiplayer: SceneMultiplayer;
  readonly lines: string[] = [];
  /** `prepared`, `switch`, `arrived`, `home`, `lost`, with the time. */
  readonly log: string[] = [];
  /** How long it was in no room, each time, in ms. */
  readonly gaps: number[] = [];
  stage: 'playing' | 'preparing' | 'prepared' | 'going' | 'home' | 'lost' = 'playing';
  /** Whether it never goes. */
  isStubborn = false;
  /** Whether it answers nothing about handoffs. */
  isDeaf = false;
  readonly #network: ClientWorld;
  readonly #run: string;
  #login: string;
  #plan: Plan | undefined;
  #next: NextPeer | undefined;
  #old: ENetMultiplayerPeer[] = [];
  #sinceMs = 0;
  #deadlineMs = 0;
  #wantsSwitch = false;
  #isLost = false;
  #calls: Marked[] = [];
  #number = 0;
  #progressMs = 0;

  constructor(network: ClientWorld, ip: string, name: string, mirror: SceneMirror) {
    this.#network = network;
    this.ip = ip;
    this.name = name;
    this.#run = `run of ${name}`;
    this.#login = name;
    this.mirror = mirror;
    const server = ['_prepare', '_switch', '_cancel', '_acked'].map((name) => [name, 'authority'] as const);
    const client = ['_prepared', '_left', '_marked'].map((name) => [name, 'any_peer'] as const);
    mirror.declareScript('res://handoff.gd', {
      rpcs: Object.fromEntries([...server, ...client].map(([name, rpcMode]) => [name, { rpcMode }])),
    });
    const door = mirror.root.addChild({
      name: 'GodotEnetHandoff',
      class: 'Node',
      script: 'res://handoff.gd',
    });
    this.multiplayer = new SceneMultiplayer({
      mirror,
      runtime: network.createRuntime(ip),
      // On bad networks the 3 seconds of the engine are too short; the add-on has more on the way, too.
      authTimeout: 8,
      onTrace: (line) => this.lines.push(line),
      onError: (error) => this.lines.push(String(error)),
    });
    door.onRpc('_prepare', (_sender, ...args: string[]) => this.#prepare(args));
    door.onRpc('_switch', (_sender, transfer: string) => {
      if (transfer === this.#plan?.transfer && !this.isStubborn) this.#wantsSwitch = true;
    });
    door.onRpc('_cancel', (_sender, transfer: string) => {
      if (transfer === this.#plan?.transfer && this.stage !== 'going') this.#stay();
    });
    door.onRpc('_acked', (_sender, number: number, again: boolean) => {
      this.#calls = this.#calls.filter((call) => call.number > number);
      this.#progressMs = network.time;
      if (again) this.#sendMarked();
    });
    this.multiplayer.on('peerAuthenticating', (id) => {
      this.multiplayer.sendAuth(id, new TextEncoder().encode(this.#login));
      this.multiplayer.completeAuth(id);
    });
    this.multiplayer.authCallback = () => undefined;
    this.multiplayer.on('connectedToServer', () => this.#arrived());
    // The multiplayer has to be done with the old peer first.
    const lost = (): void => {
      this.#isLost = true;
    };
    this.multiplayer.on('serverDisconnected', lost);
    this.multiplayer.on('connectionFailed', lost);
    this.multiplayer.on('peerAuthenticationFailed', lost);
  }

  get id(): number {
    return this.multiplayer.getUniqueId();
  }

  get isIn(): boolean {
    return this.multiplayer.getPeers().includes(1);
  }

  /** Marked calls that nobody has acknowledged. */
  get unacked(): number {
    return this.#calls.length;
  }

  join(address: string): void {
    this.multiplayer.multiplayerPeer = this.#peerTo(address);
  }

  /** A call that is done once. */
  callMarked(path: string, method: string, ...args: readonly unknown[]): void {
    const call = { number: ++this.#number, path, id: this.id, method, args };
    this.#calls.push(call);
    if (this.#calls.length === 1) this.#progressMs = this.#network.time;
    if (this.isIn && this.stage !== 'going' && this.stage !== 'home') this.#send(call);
  }

  /** A frame. */
  poll(): void {
    const { time } = this.#network;
    this.multiplayer.poll();
    for (const peer of this.#old) peer.poll();
    this.#old = this.#old.filter((peer) => peer.getConnectionStatus() !== DISCONNECTED);
    const next = this.#next;
    if (next !== undefined) {
      next.poll();
      const status = next.getConnectionStatus();
      if (this.stage === 'preparing' && status === CONNECTED) this.#prepared(true);
      if (status === DISCONNECTED && (this.stage === 'preparing' || this.stage === 'prepared')) {
        this.#prepared(false);
        this.#stay();
      }
    }
    if (this.#isLost) {
      this.#isLost = false;
      this.#lost();
    }
    if (this.#wantsSwitch) this.#leave();
    if ((this.stage === 'going' || this.stage === 'home') && time > this.#deadlineMs) this.#lost();
    if (this.#calls.length > 0 && this.isIn && this.stage === 'playing' && time - this.#progressMs > 2000)
      this.#sendMarked();
  }

  close(): void {
    this.multiplayer.close();
    this.#next?.close();
    for (const peer of this.#old) peer.close();
  }

  #prepare([transfer = '', ...rest]: readonly string[]): void {
    if (this.isDeaf) return;
    const [there, ticket = '', home, homeTicket = ''] = rest;
    this.#plan = { transfer, address: enetOf(there), ticket, home: enetOf(home), homeTicket };
    this.#next?.close();
    this.#next = this.#peerTo(this.#plan.address);
    this.stage = 'preparing';
  }

  #prepared(isReady: boolean): void {
    this.stage = 'prepared';
    this.log.push(isReady ? 'prepared' : 'unprepared');
    this.#door('_prepared', this.#plan?.transfer, isReady);
  }

  #leave(): void {
    this.#wantsSwitch = false;
    this.#door('_left', this.#plan?.transfer);
    this.#goThere();
  }

  #goThere(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return;
    this.log.push('switch');
    this.#sinceMs = this.#network.time;
    this.stage = 'going';
    this.#go(next, this.#plan?.ticket ?? '');
  }

  #go(peer: NextPeer, ticket: string): void {
    this.#login = ticket;
    this.#deadlineMs = this.#network.time + 8000;
    const old = this.multiplayer.multiplayerPeer;
    this.multiplayer.multiplayerPeer = peer;
    if (old instanceof ENetMultiplayerPeer && old.getConnectionStatus() !== DISCONNECTED) this.#old.push(old);
    if (peer.getConnectionStatus() === CONNECTED) peer.announce();
  }

  #arrived(): void {
    const { stage } = this;
    this.stage = 'playing';
    this.#login = this.name;
    if (stage !== 'playing') {
      this.log.push(stage === 'home' ? 'home' : 'arrived');
      this.gaps.push(this.#network.time - this.#sinceMs);
    }
    this.#sendMarked();
  }

  /** A connection has ended, or did not come about. */
  #lost(): void {
    if (this.stage === 'prepared' && this.#next !== undefined) {
      this.#goThere();
      return;
    }
    if (this.stage !== 'going' && this.stage !== 'home') {
      this.log.push('lost');
      this.stage = 'lost';
      return;
    }
    if (this.#network.time - this.#sinceMs > 12_000) {
      this.log.push('lost');
      this.stage = 'lost';
      this.multiplayer.multiplayerPeer = null;
      return;
    }
    const again = this.stage === 'home';
    this.stage = 'home';
    if (!again) this.log.push('turned');
    this.#go(this.#peerTo(this.#plan?.home ?? ''), this.#plan?.homeTicket ?? '');
  }

  #stay(): void {
    this.#next?.close();
    this.#next = undefined;
    this.#plan = undefined;
    this.stage = 'playing';
    this.log.push('stay');
  }

  #sendMarked(): void {
    this.#progressMs = this.#network.time;
    for (const call of this.#calls) this.#send(call);
  }

  #send({ number, path, id, method, args }: Marked): void {
    const now = path.split('/').map((part) => (part === String(id) ? String(this.id) : part));
    this.#door('_marked', this.#run, number, now.join('/'), method, [...args]);
  }

  #door(method: string, ...args: readonly unknown[]): void {
    this.mirror.getNode('/root/GodotEnetHandoff')?.rpcId(1, method, ...args);
  }

  #peerTo(address: string): NextPeer {
    const [host = '', port = '0'] = address.split(':');
    const peer = new NextPeer({ runtime: this.#network.createRuntime(this.ip), createCompressor });
    if (peer.createClient(host, Number(port)) !== GodotError.OK)
      throw new Error(`${this.name} cannot connect to ${address}`);
    return peer;
  }
}

function enetOf(addresses: unknown): string {
  return addresses instanceof Map ? String(addresses.get('enet')) : '';
}

const CONNECTED = MultiplayerConnectionStatus.CONNECTION_CONNECTED;
const DISCONNECTED = MultiplayerConnectionStatus.CONNECTION_DISCONNECTED;
