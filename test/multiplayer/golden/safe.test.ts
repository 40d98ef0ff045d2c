/**
 * Where the defaults do otherwise than the engine: every golden case differs from it nowhere, or first at a step of a documented
 * kind (docs/guide/scene-multiplayer.md, "What differs from the engine").
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type GoldenCase, type GoldenStep, readCases } from './cases.ts';
import { comparable, exempt } from './comparable.ts';
import { type Played, playCase } from './playCase.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const guide = readFileSync(join(project, 'docs/guide/scene-multiplayer.md'), 'utf8');

/** What a step that differs is an example of, and the cases that the guide names for it. */
const DIFFERENCES = {
  'a call with a damaged argument': ['rpc/receive/bad-arguments', 'rpc/receive/truncated-cached'],
  'paths that lead out of the root': ['paths/not-found', 'paths/root-path-_root_Game_Main'],
  'one empty PackedByteArray': ['rpc/send/byte-array', 'rpc/send/byte-array-unconfirmed'],
  'a call of a node outside of the tree': ['paths/queue-free'],
  'a call that cannot be encoded': ['rpc/send/argument-counts', 'rpc/send/argument-counts-unconfirmed'],
  'ADD_PEER of a peer that is known': ['system/random/1', 'system/random/19'],
} as const;
type Difference = keyof typeof DIFFERENCES;

test('every case is played as the engine did, or differs by what the guide says', () => {
  const found = new Map<string, Difference>();
  for (const kind of ['rpc', 'paths', 'system']) {
    for (const golden of readCases(join(project, 'golden/multiplayer', `${kind}.json`))) {
      if (exempt(golden) || USES_UP_NUMBERS.test(golden.name)) continue;
      const difference = firstDifference(golden);
      if (difference !== undefined) found.set(golden.name, difference);
    }
  }
  for (const [difference, names] of Object.entries(DIFFERENCES)) {
    for (const name of names) {
      expect([name, found.get(name)]).toEqual([name, difference]);
      expect(guide).toContain(`\`${name}\``);
    }
  }
});

function firstDifference(golden: GoldenCase): Difference | undefined {
  const played = playCase(golden, { dialect: '4.6', compatibility: 'safe' });
  for (const [i, step] of golden.steps.entries()) {
    const got = played[i];
    if (got === undefined) throw new Error(`${golden.name} has no step ${i}`);
    const ours = comparable(got.result, got.events);
    const theirs = comparable(step.result, step.then ?? []);
    try {
      expect(ours).toEqual(theirs);
    } catch {
      const difference = differenceOf(step, got, golden.steps.slice(0, i));
      if (difference === undefined)
        expect({ name: golden.name, step: i, ...ours }).toEqual({ name: golden.name, step: i, ...theirs });
      return difference;
    }
  }
  return undefined;
}

function differenceOf(step: GoldenStep, got: Played, before: readonly GoldenStep[]): Difference | undefined {
  const args = step['args'] as readonly string[] | undefined;
  if (step.do === 'rpc' && args !== undefined) {
    if (args.length > 255 && got.result === 31) return 'a call that cannot be encoded';
    return args.length === 1 && args[0] === EMPTY_BYTES ? 'one empty PackedByteArray' : undefined;
  }
  if (step.do !== 'receive' || got.events.length > 0) return undefined;
  const events = step.then ?? [];
  if (events.some((event) => 'error' in event) && events.some((event) => 'call' in event))
    return 'a call with a damaged argument';
  if (events.some((event) => Array.isArray(event['call']) && event['call'][0] === '(none)'))
    return 'a call of a node outside of the tree';
  const bytes = Buffer.from(String(step['hex']), 'hex');
  if (bytes[0] === 7 && bytes[1] === 1) {
    const told = JSON.stringify(['peer_connected', bytes.readInt32LE(2)]);
    const isKnown = before.some(({ then }) => then?.some(({ signal }) => JSON.stringify(signal) === told));
    return isKnown ? 'ADD_PEER of a peer that is known' : undefined;
  }
  const path = bytes.subarray(38).toString();
  return /^(\/root|\.\.)/.test(path) ? 'paths that lead out of the root' : undefined;
}

const EMPTY_BYTES = '1d00000000000000';
/** One case uses up 65,536 numbers of nodes; it is played once, as the engine. */
const USES_UP_NUMBERS = /ids-over-65535/;
