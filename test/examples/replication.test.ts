/** The replication example: over UDP, and as the program that a newcomer runs. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { runDemo } from '../../examples/replication/demo.ts';
import { LevelServer } from '../../examples/replication/levelServer.ts';
import { ReplicationEvent } from '../../schema/index.ts';
import { built } from '../support/built.ts';
import { type Program, startProgram } from '../support/program.ts';

const main = built('examples/replication/main.js');
const godot = new URL('../../examples/replication/godot/', import.meta.url);
const scene = readFileSync(new URL('level.tscn', godot), 'utf8');
const programs: Program[] = [];

afterEach(() => {
  for (const { child } of programs.splice(0)) child.kill('SIGKILL');
});

function startMain(...args: string[]): Program {
  const program = startProgram([main, ...args]);
  programs.push(program);
  return program;
}

test('a player sees the level, a move, the score, and a coin that comes and goes', async () => {
  const lines: string[] = [];
  const level = new LevelServer(scene, () => undefined, { bindAddress: '127.0.0.1' });
  expect(level.start(0)).toBe(0);
  try {
    await runDemo('127.0.0.1', level.server.getLocalPort(), (line) => lines.push(line));
  } finally {
    level.stop();
  }
  // The player's goodbye comes a moment later.
  await expect.poll(() => lines.at(-1)).toBe('disconnected: bye');
  expect(lines.map((line) => line.replace(/[-\d.]+/g, '#'))).toEqual([
    'has the level, # nodes',
    'the platform moves: (#, #), (#, #)',
    'the score says "Coins so far: #", /root/Level/Coins/Coin# is there',
    'Coin# is gone again',
    'disconnected: bye',
  ]);
});

test('the program serves, and Ctrl-C ends it cleanly', async () => {
  const run = startMain('--port', '0', '--no-demo');
  await run.sees('Serving. Ctrl-C stops the server');
  expect(await run.end('SIGINT')).toEqual([0, null]);
});

test('a bad port and a scene that is not there are told', async () => {
  await startMain('--port', '70000').sees('--port expected an integer 0..65535, got 70000');
  await startMain('--scene', 'nowhere.tscn').sees('The scene nowhere.tscn cannot be used');
});

test('the Godot side handles every event', () => {
  const script = readFileSync(new URL('replica.gd', godot), 'utf8');
  for (const name of Object.values(ReplicationEvent)) expect(script).toContain(`"${name}":`);
});

test('the Godot side removes metadata that is null in a packet', () => {
  const script = readFileSync(new URL('replica.gd', godot), 'utf8');
  const [, state = ''] = script.split('func apply_state');
  expect(state.split('\nfunc ')[0]).toMatch(
    /value == null and .*"metadata\/"[\s\S]*node\.remove_meta\(entry\)/,
  );
});
