/** A player over SceneMultiplayer: its mirror with the nodes of the project, and a transport. */
import { SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer, MultiplayerConnectionStatus, type MultiplayerPeer } from '../../godot/index.ts';
import { createCompressor } from '../../io/internal.ts';
import { SceneMultiplayer } from '../../multiplayer/index.ts';
import type { Project } from '../../project/index.ts';
import { WebSocketMultiplayerPeer } from '../../websocket/index.ts';
import { loadWs } from '../../websocket/internal.ts';
import { messageOf } from '../statistics/problems.ts';
import { EnetMeter } from './enetMeter.ts';
import { causeText, isOfScript, type LinkParts, type PlayerLink } from './link.ts';
import type { TransportMeter } from './meter.ts';
import { ScenePlayer } from './ScenePlayer.ts';
import { WebSocketMeter } from './webSocketMeter.ts';

/** What it needs beside. */
export interface SceneLinkParts extends LinkParts {
  /** The project whose scenes and scripts both sides have. */
  readonly project: Project | undefined;
}

/** One player. */
export class SceneLink implements PlayerLink {
  readonly player: ScenePlayer;
  readonly meter: TransportMeter;
  readonly #parts: SceneLinkParts;
  readonly #peer: MultiplayerPeer;
  readonly #open: () => number;
  /** The last lines of the multiplayer and of the transport. */
  #lastRefusal = '';
  #lastTrace = '';
  #isOver = false;

  /** @throws what the project's scenes, or `setUp`, throw. */
  constructor(parts: SceneLinkParts) {
    const { runtime, project, events } = parts;
    this.#parts = parts;
    const mirror = new SceneMirror(project === undefined ? {} : { resources: project.files });
    project?.register(mirror);
    const multiplayer = new SceneMultiplayer({
      mirror,
      runtime,
      onTrace: (line) => {
        this.#lastRefusal = line;
      },
      onError: (error, where) => events.threw(where, error),
    });
    this.player = new ScenePlayer({ ...parts.player, multiplayer, lastRefusal: () => this.#lastRefusal });
    const [peer, meter, open] = parts.target.transport === 'enet' ? this.#enet() : this.#webSocket();
    this.#peer = peer;
    this.meter = meter;
    this.#open = open;
    parts.setUp(this.player);
    project?.addAutoloads(mirror);
    if (project !== undefined && project.mainScene !== '') {
      this.player.main = mirror.root.addChild(mirror.instantiate(project.mainScene));
    }
    multiplayer.on('connectedToServer', () => {
      if (!this.#isOver) events.joined();
    });
    multiplayer.on('connectionFailed', () => this.#end('failed'));
    multiplayer.on('serverDisconnected', () => this.#end('lost'));
  }

  connect(): void {
    const error = this.#open();
    if (error !== 0) {
      this.#end('failed');
      return;
    }
    this.player.multiplayer.multiplayerPeer = this.#peer;
    this.player.multiplayer.start({ tickHz: this.#parts.tickHz });
  }

  eachTick(callback: (deltaSec: number) => void): void {
    const deltaSec = 1 / this.#parts.tickHz;
    this.player.mirror.watchTree({
      processed: () => {
        if (!this.#isOver) callback(deltaSec);
      },
    });
  }

  progress(): string {
    const isConnected = this.#peer.getConnectionStatus() === MultiplayerConnectionStatus.CONNECTION_CONNECTED;
    return isConnected ? 'connected, but not admitted' : `not connected${this.#detail()}`;
  }

  close(): void {
    this.#isOver = true;
    this.player.multiplayer.close();
    // One that never became the transport.
    this.#peer.close();
  }

  #enet(): [MultiplayerPeer, TransportMeter, () => number] {
    const { runtime, target, tls, compression, meter: meterParts } = this.#parts;
    const meter = new EnetMeter(meterParts, compression === 0 ? undefined : createCompressor(compression));
    const peer = new ENetMultiplayerPeer({
      runtime,
      createCompressor,
      host: { trace: meter.trace },
      // Acknowledgements are taken when they come, and not with the next tick.
      onWake: () => peer.poll(),
      onTrace: (line) => this.#note(line),
      onError: (error, where) => this.#wrong(error, where),
      ...(tls === undefined ? {} : { tls }),
    });
    const open = (): number => {
      const error = peer.createClient(target.host, target.port);
      if (error === 0 && compression !== 0) peer.host?.compress(compression);
      return error;
    };
    return [peer, meter, open];
  }

  #webSocket(): [MultiplayerPeer, TransportMeter, () => number] {
    const { runtime, target, tls, meter: meterParts } = this.#parts;
    const startTimer = runtime.startTimer.bind(runtime);
    const meter: WebSocketMeter = new WebSocketMeter(
      { ...meterParts, startTimer, traffic: () => peer.metrics() },
      loadWs('godot-enet load'),
    );
    const peer: WebSocketMultiplayerPeer = new WebSocketMultiplayerPeer({
      runtime,
      ws: meter.ws,
      onTrace: (line) => this.#note(line),
      onError: (error, where) => this.#wrong(error, where),
    });
    peer.inboundBufferSize = INBOUND_BYTES;
    return [peer, meter, () => peer.createClient(target.url, tls ?? null)];
  }

  #end(how: 'failed' | 'lost'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.events[how](causeText(this.#peer.disconnectCause, this.#lastTrace));
  }

  #wrong(error: unknown, where: string): void {
    if (isOfScript(where)) this.#parts.events.threw(where, error);
    else this.#note(messageOf(error));
  }

  #note(line: string): void {
    this.#lastTrace = line;
  }

  #detail(): string {
    return this.#lastTrace === '' ? '' : ` (${this.#lastTrace})`;
  }
}

/** A server that sends more between two ticks is told of by its own trace line; here it is not what is looked for. */
const INBOUND_BYTES = 1_048_576;
