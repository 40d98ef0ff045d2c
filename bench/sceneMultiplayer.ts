/**
 * Datagrams and bytes of a busy game (busyGame.ts), as the engine sends it and as SceneMultiplayer does by default. Nothing in it
 * depends on the machine.
 *
 *   npx tsx bench/sceneMultiplayer.ts [--ticks=200] [--json]
 */
import { parseArgs } from 'node:util';
import { playBusyGame } from './busyGame.ts';

const { values } = parseArgs({ options: { ticks: { type: 'string' }, json: { type: 'boolean' } } });
const ticks = Number(values.ticks ?? 200);
const engine = playBusyGame('engine', { ticks });
const safe = playBusyGame('safe', { ticks });
if (values.json === true) process.stdout.write(`${JSON.stringify({ ticks, engine, safe })}\n`);
else {
  const row = (name: string, game: typeof safe): string =>
    `${name.padEnd(28)} ${String(game.datagrams).padStart(9)} ${String(game.bytes).padStart(10)} ${(game.bytes / game.calls).toFixed(1).padStart(14)}`;
  process.stdout.write(
    `${[
      `${safe.calls} calls: 8 clients, ${ticks} ticks at 20 Hz, 6 reliable calls of 2 ints each`,
      `${''.padEnd(28)} ${'datagrams'.padStart(9)} ${'bytes'.padStart(10)} ${'bytes per call'.padStart(14)}`,
      row('one datagram per packet', engine),
      row('as few as possible', safe),
      `ratio ${(safe.datagrams / engine.datagrams).toFixed(3)} of the datagrams, ${(safe.bytes / engine.bytes).toFixed(3)} of the bytes`,
    ].join('\n')}\n`,
  );
}
