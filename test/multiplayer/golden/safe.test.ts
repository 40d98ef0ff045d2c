/**
 * Where the defaults do otherwise than the engine: every golden case differs from it nowhere, or first at a step of a documented
 * kind (docs/guide/scene-multiplayer.md, "What differs from the engine").
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type GoldenCase, type GoldenEvent, type GoldenStep, readCases } from './cases.ts';
import { type Comparable, comparable, exempt } from './comparable.ts';
import { type Played, playCase } from './playCase.ts';
import { RepeatedStates } from './repeatedStates.ts';

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
  'what a peer has already, another order, or empty packets': [
    'sync/many-synchronizers',
    'spawn/auto-before-anybody',
    'sync/small-packets-128',
  ],
  'a state with a value of another type': ['sync/receive-masks-server', 'spawn/receive-state-lengths'],
  'what a peer was told of a node that it has lost': ['spawn/visibility-of-several-synchronizers'],
  'a node that comes back': ['spawn/rename-and-move-after-spawn'],
  'a node whose spawner was freed': ['spawn/spawner-freed'],
  'synchronizers in the order of the tree': ['spawn/synchronizer-freed-before-a-late-joiner'],
  'a filter that is asked for each peer': ['spawn/visibility-filter'],
  'a container with NaN': ['sync/array-with-nan'],
  'changes that are due for another peer alone': ['sync/delta-interval-of-two-peers'],
} as const;
type Difference = keyof typeof DIFFERENCES;

test('every case is played as the engine did, or differs by what the guide says', () => {
  const found = new Map<string, Difference>();
  for (const kind of ['rpc', 'paths', 'system', 'spawn', 'sync']) {
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
  const [ourStates, theirStates] = [new RepeatedStates(), new RepeatedStates()];
  let isShorter = false;
  for (const [i, step] of golden.steps.entries()) {
    const got = played[i];
    if (got === undefined) throw new Error(`${golden.name} has no step ${i}`);
    isShorter ||= JSON.stringify(putsOf(got.events)) !== JSON.stringify(putsOf(step.then ?? []));
    const ours = comparable(got.result, ourStates.without(got.events));
    const theirs = comparable(step.result, theirStates.without(step.then ?? []));
    try {
      expect(ours).toEqual(theirs);
    } catch {
      const difference =
        differenceOf(step, got, golden.steps.slice(0, i)) ??
        replicationDifferenceOf(golden, step, ours, theirs);
      if (difference === undefined)
        expect({ name: golden.name, step: i, ...ours }).toEqual({ name: golden.name, step: i, ...theirs });
      return difference;
    }
  }
  return isShorter ? 'what a peer has already, another order, or empty packets' : undefined;
}

function putsOf(events: readonly GoldenEvent[]): unknown[] {
  return events.flatMap(({ put }) => (put === undefined ? [] : [put]));
}

function replicationDifferenceOf(
  golden: GoldenCase,
  step: GoldenStep,
  ours: Comparable,
  theirs: Comparable,
): Difference | undefined {
  const only = (mine: Comparable, other: Comparable): string[] => {
    const known = new Set(other.events.map((event) => JSON.stringify(event)));
    return mine.events.map((event) => JSON.stringify(event)).filter((event) => !known.has(event));
  };
  const [more, less] = [only(ours, theirs), only(theirs, ours)];
  const arePackets = (events: readonly string[], command: RegExp): boolean =>
    events.length > 0 && events.some((event) => command.test(event));
  const isNothing = more.length === 0;
  switch (step.do) {
    case 'receive': {
      // The engine sets what it makes of the value, and tells; here the values stay as they are.
      const isState = /^(04|06|16)/.test(String(step['hex']));
      const isLess = isNothing || more.every((event) => /^{"(ready|emit)"/.test(event));
      return isState && isLess ? 'a state with a value of another type' : undefined;
    }
    case 'poll':
      if (less.length === 0 && more.every((event) => SIMPLIFY.test(event)))
        return 'what a peer was told of a node that it has lost';
      if (isNothing && less.every((event) => event.includes(NAN))) return 'a container with NaN';
      if (
        isNothing &&
        golden.steps.some(({ do: what, path }) => what === 'free' && /Spawner$/.test(String(path)))
      )
        return 'a node whose spawner was freed';
      if (isNothing && less.every((event) => / changes /.test(event)))
        return JSON.stringify(golden.tree).includes('"delta_interval"')
          ? 'changes that are due for another peer alone'
          : undefined;
      return arePackets(more, SPAWN) ? 'a node that comes back' : undefined;
    case 'transport_connected':
      return arePackets(more, SPAWN) && arePackets(less, SPAWN)
        ? 'synchronizers in the order of the tree'
        : undefined;
    case 'update_visibility':
      return arePackets(more, DESPAWN) && less.length === 0
        ? 'a filter that is asked for each peer'
        : undefined;
    default:
      return undefined;
  }
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

const SIMPLIFY = /^{"put":\[\d+,2,0,"01/;
const SPAWN = /^{"put":\[\d+,2,0,"04/;
const DESPAWN = /^{"put":\[\d+,2,0,"05/;
/** The bytes of a NaN. */
const NAN = '000000000000f87f';
const EMPTY_BYTES = '1d00000000000000';
/** One case uses up 65,536 numbers of nodes; it is played once, as the engine. */
const USES_UP_NUMBERS = /ids-over-65535/;
