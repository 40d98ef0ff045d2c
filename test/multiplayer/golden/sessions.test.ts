/**
 * Recorded sessions of real engines over ENet (golden/multiplayer/README.md, golden/dialects/README.md), with our SceneMultiplayer in the
 * place of each process in turn: it is given the packets of the others at their times and does what the process did. Compared with what
 * the engine did: everything that was told but states, in order; the states told and sent, without repetitions, by synchronizer; all
 * other packets by target, mode and channel, in order, CONFIRM_PATH apart. Not compared: how often an unchanged state is sent, and in
 * which packet. GOLDEN_MULTIPLAYER and GOLDEN_DIALECTS name other folders.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../../codec/index.ts';
import { readSession } from './sessionRecord.ts';
import { recorded, replayed } from './sessionReplay.ts';

const golden = (name: string): string => fileURLToPath(new URL(`../../../golden/${name}`, import.meta.url));
const folders = [
  process.env['GOLDEN_MULTIPLAYER'] ?? golden('multiplayer'),
  process.env['GOLDEN_DIALECTS'] ?? golden('dialects'),
].map((folder) => join(folder, 'sessions'));
const files = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));

test('there are sessions', () => expect(files.length).toBeGreaterThan(0));

describe.each(files.map((file) => [basename(file), file] as const))('%s', (_name, file) => {
  const session = readSession(file);
  const [, version = '4.6'] = /(4\.\d)\.json$/.exec(file) ?? [];
  const dialect = version as Dialect;
  test.each(Object.keys(session.events))('%s', (me) => {
    expect(replayed(session, me, dialect)).toEqual(recorded(session, me, dialect));
  });
});
