/** A shooting range: targets that move, players who shoot at what they see, and a server that looks for hits where they saw it. */
import { PackedVector2Array, Vector2 } from 'godot-enet/codec';
import { ENetMultiplayerPeer } from 'godot-enet/godot';
import { NetworkTime, NodeScript, rpc, SceneMultiplayer, WorldHistory } from 'godot-enet/multiplayer';
import { SceneMirror } from 'godot-enet/schema';

const RADIUS = 16;
const TARGETS = 5;
const TICK_HZ = 30;

/** The counterpart of `godot/range.gd`. */
class RangeScript extends NodeScript {
  static override readonly path = 'res://range.gd';
  static override readonly rpcs = {
    snapshot: rpc('authority', 'unreliable').args('int', 'PackedVector2Array'),
    hit: rpc('authority').args('Vector2'),
  };
  #seconds = 0;

  /** Targets swing from side to side, each at its own pace. */
  override _process(delta: number): void {
    this.#seconds += delta;
    for (const [i, target] of this.node.getChildren().entries())
      target.set('position', placeOf(i, this.#seconds));
  }
}

function placeOf(target: number, seconds: number): Vector2 {
  return new Vector2(400 + 350 * Math.sin(seconds * (1 + target / 3)), 100 + 100 * target);
}

/** The server. */
export class ShootingRange {
  /** The transport, for its port. */
  readonly peer: ENetMultiplayerPeer = new ENetMultiplayerPeer();
  readonly #multiplayer: SceneMultiplayer;

  /** @param say takes a line for everything that happens. */
  constructor(say: (line: string) => void) {
    const mirror = new SceneMirror();
    mirror.registerScript(RangeScript);
    const range = mirror.root.addChild({
      name: 'Range',
      class: 'Node2D',
      script: RangeScript.path,
      children: Array.from({ length: TARGETS }, (_, i) => ({
        name: `Target${i}`,
        class: 'Node2D',
        groups: ['targets'],
      })),
    });
    const multiplayer = new SceneMultiplayer({ mirror });
    this.#multiplayer = multiplayer;
    const time = new NetworkTime(multiplayer, {
      tickHz: TICK_HZ,
      // Each frame brings an input: where the player shot, or null.
      readInput: (value) => (value instanceof Vector2 || value === null ? { aim: value } : undefined),
    });
    const world = new WorldHistory(multiplayer, time, { nodes: 'targets' });
    // The tick is over: its state leaves, with its number.
    time.on('tick', (tick) => {
      const places = range.getChildren().map((target) => target.get('position'));
      range.rpc('snapshot', tick, new PackedVector2Array(places.filter((place) => place instanceof Vector2)));
    });
    time.on('input', ({ peer, tick, value: { aim } }) => {
      if (aim === null) return;
      const then = world.rewind(peer, tick);
      for (const target of then.nodes()) {
        const place = then.positionOf(target);
        if (!(place instanceof Vector2) || Math.hypot(place.x - aim.x, place.y - aim.y) > RADIUS) continue;
        say(`player ${peer} hits ${target.name}, ${time.tick - tick} ticks ago`);
        range.rpc('hit', place);
        return;
      }
      say(`player ${peer} misses`);
    });
    multiplayer.on('peerConnected', (id) => say(`player ${id} comes`));
    multiplayer.on('peerDisconnected', (id) => say(`player ${id} leaves`));
  }

  /** Listens. @returns Godot's Error number. */
  start(port: number, address = '*'): number {
    this.peer.setBindIp(address);
    const error = this.peer.createServer(port);
    if (error !== 0) return error;
    this.#multiplayer.multiplayerPeer = this.peer;
    this.#multiplayer.start({ tickHz: TICK_HZ });
    return error;
  }

  /** Ends it. */
  stop(): void {
    this.#multiplayer.close();
  }
}
