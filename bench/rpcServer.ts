/**
 * The server of `rpcLoad.ts`: a SceneMultiplayer over ENet that takes calls, and with `both` calls everybody 20 times a second.
 * Arguments: `in` or `both`; `dgram` or `mmsg`.
 */
import { Vector3 } from '../codec/index.ts';
import { SceneMirror } from '../schema/index.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { NodeScript, rpc, SceneMultiplayer } from '../src/multiplayer.ts';
import { createNodeRuntime, type NodeTransport } from '../src/node/nodeRuntime.ts';
import { answerUsage } from './answerUsage.ts';

const [, , mode = 'both', transport = 'dgram'] = process.argv;
let calls = 0;

class Units extends NodeScript {
  static override readonly path: string = 'res://units.gd';
  static override readonly rpcs = {
    move: rpc('any_peer').args('int', 'Vector3'),
    moved: rpc('authority').args('int', 'Vector3'),
  };
  move(): void {
    calls++;
  }
}

const mirror = new SceneMirror();
mirror.registerScript(Units);
const node = mirror.root.addChild({ name: 'Units', class: 'Node', script: 'res://units.gd' });
const runtime = createNodeRuntime({ transport: transport as NodeTransport });
const peer = new ENetMultiplayerPeer({ runtime });
peer.setBindIp('127.0.0.1');
const error = peer.createServer(0, 256);
if (error !== 0) throw new Error(`createServer gave ${error}`);
const multiplayer = new SceneMultiplayer({ mirror, runtime, serverRelay: false });
multiplayer.multiplayerPeer = peer;
multiplayer.start({ tickHz: 60 });
let tick = 0;
const timer = setInterval(() => {
  if (mode === 'both') node.rpc('moved', tick++, new Vector3(tick, 2, 3));
}, 50);
answerUsage(
  {
    getLocalPort: () => peer.host?.getLocalPort() ?? 0,
    stopServer: () => {
      clearInterval(timer);
      multiplayer.close();
    },
  },
  () => calls,
);
