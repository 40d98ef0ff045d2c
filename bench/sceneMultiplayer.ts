/**
 * Datagrams and bytes of a busy game (busyGame.ts) and of a recorded one (recordedGame.ts, worldGame.ts), as the engine sends them and as
 * SceneMultiplayer does by default. Nothing in it depends on the machine.
 *
 *   npx tsx bench/sceneMultiplayer.ts [--ticks=200] [--json]
 */
import { parseArgs } from 'node:util';
import { playBusyGame } from './busyGame.ts';
import { playRecordedGame, recordedGame, type Sent } from './recordedGame.ts';
import { playWorldGame } from './worldGame.ts';

const { values } = parseArgs({ options: { ticks: { type: 'string' }, json: { type: 'boolean' } } });
const ticks = Number(values.ticks ?? 200);
const engine = playBusyGame('engine', { ticks });
const safe = playBusyGame('safe', { ticks });
const recorded = recordedGame();
const model = playRecordedGame('engine');
const together = playRecordedGame('safe');
const world = playWorldGame('safe');
const columns = (name: string, { datagrams, bytes }: Sent): string =>
  `${name.padEnd(36)} ${String(datagrams).padStart(9)} ${String(bytes).padStart(10)}`;
if (values.json === true)
  process.stdout.write(
    `${JSON.stringify({ ticks, engine, safe, recording: { recorded, model, together, world } })}\n`,
  );
else {
  const row = (name: string, game: typeof safe): string =>
    `${columns(name, game)} ${(game.bytes / game.calls).toFixed(1).padStart(14)}`;
  process.stdout.write(
    `${[
      `${safe.calls} calls: 8 clients, ${ticks} ticks at 20 Hz, 6 reliable calls of 2 ints each`,
      `${''.padEnd(36)} ${'datagrams'.padStart(9)} ${'bytes'.padStart(10)} ${'bytes per call'.padStart(14)}`,
      row('one datagram per packet', engine),
      row('as few as possible', safe),
      `ratio ${(safe.datagrams / engine.datagrams).toFixed(3)} of the datagrams, ${(safe.bytes / engine.bytes).toFixed(3)} of the bytes`,
      '',
      'the recorded game world.json: 3 clients, 60 Hz, spawns, state and calls of an engine, 6.3 s',
      columns('the engine itself', recorded),
      columns('its packets, one datagram each', model),
      columns('its packets, as few as possible', together),
      columns('SceneMultiplayer in that game', world),
      `ratio ${(world.datagrams / recorded.datagrams).toFixed(3)} of the datagrams, ${(world.bytes / recorded.bytes).toFixed(3)} of the bytes; its packets alone: ${(together.datagrams / recorded.datagrams).toFixed(3)} of the datagrams, ${(together.bytes / recorded.bytes).toFixed(3)} of the bytes`,
    ].join('\n')}\n`,
  );
}
