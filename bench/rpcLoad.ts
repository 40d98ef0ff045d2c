/**
 * What a SceneMultiplayer with 100 clients costs over ENet on 127.0.0.1: each client calls 20 times a second, reliably; with "both" the
 * server calls everybody as often. CPU of the server process per second, all threads. Linux only.
 *
 *   npx tsx bench/rpcLoad.ts [--clients=100] [--ms=3000] [--repeats=3] [--json]
 *
 * The clients, as stock ones, are in one other process, with a frame of 60 Hz.
 */
import { parseArgs } from 'node:util';
import { Vector3 } from '../codec/index.ts';
import { SceneMirror } from '../schema/index.ts';
import { ENetMultiplayerPeer } from '../src/godot.ts';
import { NodeScript, rpc, SceneMultiplayer } from '../src/multiplayer.ts';
import { buildServers, median, startServer } from './childServer.ts';
import { describeMachine, TRANSPORTS } from './servers.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '100' },
    ms: { type: 'string', default: '3000' },
    repeats: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const [clientCount = 0, ms = 0, repeats = 0] = [values.clients, values.ms, values.repeats].map(Number);
const FRAME_MS = 1000 / 60;
const CALL_MS = 50;

let received = 0;

class Units extends NodeScript {
  static override readonly path: string = 'res://units.gd';
  static override readonly rpcs = {
    move: rpc('any_peer').args('int', 'Vector3'),
    moved: rpc('authority').args('int', 'Vector3'),
  };
  moved(): void {
    received++;
  }
}

interface Sample {
  readonly cpuMsPerSec: number;
  readonly callsIn: number;
  readonly callsOut: number;
  readonly cpuUsPerCall: number;
  readonly rssMiB: number;
}

buildServers();
const settings = TRANSPORTS.flatMap((transport) =>
  (['in', 'both'] as const).map((mode) => ({ transport, mode, samples: [] as Sample[] })),
);
for (let round = 0; round < repeats; round++)
  for (const { transport, mode, samples } of settings) samples.push(await measure(mode, transport));
const rows = settings.map(({ transport, mode, samples }) => {
  const of = (key: keyof Sample): number => median(samples.map((sample) => sample[key]));
  return {
    transport,
    mode,
    cpuMsPerSec: of('cpuMsPerSec'),
    callsIn: of('callsIn'),
    callsOut: of('callsOut'),
    cpuUsPerCall: of('cpuUsPerCall'),
    rssMiB: of('rssMiB'),
  };
});
if (values.json)
  console.log(
    JSON.stringify({ bench: 'rpcLoad', machine: describeMachine(), clientCount, ms, repeats, rows }),
  );
else {
  for (const { transport, mode, cpuMsPerSec, callsIn, callsOut, cpuUsPerCall, rssMiB } of rows)
    console.log(
      `${transport.padEnd(6)} ${mode.padEnd(5)} ${cpuMsPerSec.toFixed(0).padStart(5)} ms of CPU per second, ` +
        `${callsIn.toFixed(0)} calls/s in, ${callsOut.toFixed(0)} out, ${cpuUsPerCall.toFixed(1)} us per call, ${rssMiB.toFixed(0)} MiB`,
    );
  console.log(describeMachine());
}

/** Clients that play for a while with a server of their own. */
async function measure(mode: string, transport: string): Promise<Sample> {
  const server = await startServer('rpcServer', [mode, transport]);
  const clients = Array.from({ length: clientCount }, () => {
    const mirror = new SceneMirror();
    mirror.registerScript(Units);
    const node = mirror.root.addChild({ name: 'Units', class: 'Node', script: 'res://units.gd' });
    const peer = new ENetMultiplayerPeer();
    peer.createClient('127.0.0.1', server.port);
    const multiplayer = new SceneMultiplayer({ mirror, compatibility: 'engine', dialect: '4.6' });
    multiplayer.multiplayerPeer = peer;
    return { multiplayer, node };
  });
  let isCalling = false;
  let frame = 0;
  const timer = setInterval(() => {
    frame++;
    for (const [i, { multiplayer, node }] of clients.entries()) {
      multiplayer.poll();
      // Not all in the same frame.
      if (isCalling && (frame + i) % Math.round(CALL_MS / FRAME_MS) === 0)
        node.rpcId(1, 'move', frame, new Vector3(i, frame, 1));
    }
  }, FRAME_MS);
  try {
    const isThere = (): boolean => clients.every(({ multiplayer }) => multiplayer.getPeers().includes(1));
    for (let tries = 0; !isThere(); tries++) {
      if (tries > 200) throw new Error('not everybody is connected');
      await passes(50);
    }
    isCalling = true;
    await passes(1000);
    const [before, receivedBefore, start] = [await server.usage(), received, performance.now()];
    await passes(ms);
    const [after, receivedAfter, end] = [await server.usage(), received, performance.now()];
    const seconds = (end - start) / 1000;
    const cpuUs = after.cpuUs - before.cpuUs;
    const [callsIn, callsOut] = [after.calls - before.calls, receivedAfter - receivedBefore];
    return {
      cpuMsPerSec: cpuUs / 1000 / seconds,
      callsIn: callsIn / seconds,
      callsOut: callsOut / seconds,
      cpuUsPerCall: cpuUs / (callsIn + callsOut),
      rssMiB: after.rssBytes / 2 ** 20,
    };
  } finally {
    clearInterval(timer);
    for (const { multiplayer } of clients) multiplayer.close();
    await server.close();
  }
}

function passes(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
