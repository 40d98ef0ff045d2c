/**
 * Bytes on the wire of spawned nodes and watched properties (busyGame.ts), as the engine sends them and as SceneMultiplayer does by
 * default. Nothing in it depends on the machine.
 *
 *   npx tsx bench/replicationWire.ts [--ticks=200]
 */
import { parseArgs } from 'node:util';
import { playBusyGame } from './busyGame.ts';

const { values } = parseArgs({ options: { ticks: { type: 'string' } } });
const ticks = Number(values.ticks ?? 200);
const GAMES = {
  '300 nodes, all move': { callsPerClient: 0, nodes: 300, moving: 1 },
  '300 nodes, a fifth moves': { callsPerClient: 0, nodes: 300, moving: 0.2 },
  '300 nodes, a fifth, in turns': { callsPerClient: 0, nodes: 300, moving: 0.2, hasTurns: true },
  '300 nodes at rest': { callsPerClient: 0, nodes: 300, moving: 0 },
  '6 calls, 4 changes': { callsPerClient: 6, watched: 4 },
};
process.stdout.write(`8 clients, ${ticks} ticks at 20 Hz: bytes of the server with IP and UDP headers\n`);
for (const [name, game] of Object.entries(GAMES)) {
  const engine = playBusyGame('engine', { ticks, ...game });
  const safe = playBusyGame('safe', { ticks, ...game });
  process.stdout.write(
    `${name.padEnd(29)} as the engine ${String(engine.bytes).padStart(10)}, by default ${String(safe.bytes).padStart(10)}: ${(safe.bytes / engine.bytes).toFixed(3)}\n`,
  );
}
