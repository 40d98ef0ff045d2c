/** Which node a room goes to: facts in, an order out. */
import { expect, test } from 'vitest';
import { type NodeFacts, type Placement, placeRoom } from '../../../src/cluster/index.ts';

function node(id: string, facts: Partial<NodeFacts> = {}): NodeFacts {
  return {
    id,
    epoch: 1,
    addresses: {},
    region: '',
    labels: {},
    version: '',
    isDraining: false,
    players: 0,
    rooms: 0,
    maxPlayers: null,
    maxRooms: null,
    ...facts,
  };
}

const ids = (nodes: readonly NodeFacts[], placement?: Placement): string =>
  placeRoom(nodes, placement)
    .map(({ id }) => id)
    .join(' ');

test('the least load comes first, by share of what a node may have; or the most', () => {
  const nodes = [
    node('half', { players: 50, maxPlayers: 100 }),
    node('few', { players: 50, maxPlayers: 1000 }),
    node('none'),
  ];
  expect(ids(nodes)).toBe('none few half');
  expect(ids(nodes, { prefer: 'pack' })).toBe('half few none');
});

test('nodes that are draining or full take nothing', () => {
  const nodes = [
    node('draining', { isDraining: true }),
    node('players', { players: 10, maxPlayers: 10 }),
    node('rooms', { rooms: 3, maxRooms: 3 }),
    node('place', { players: 7, maxPlayers: 10, rooms: 2, maxRooms: 3 }),
  ];
  expect(ids(nodes)).toBe('place');
  expect(ids(nodes, { seats: 3 })).toBe('place');
  expect(ids(nodes, { seats: 4 })).toBe('');
});

test('a region, or the first of several that has a node; labels and a version', () => {
  const nodes = [
    node('eu1', { region: 'eu', players: 5, labels: { gpu: 'yes' }, version: '2' }),
    node('us1', { region: 'us', version: '1' }),
    node('eu2', { region: 'eu', players: 1, version: '1' }),
  ];
  expect(ids(nodes, { region: 'eu' })).toBe('eu2 eu1');
  expect(ids(nodes, { region: ['eu', 'us'] })).toBe('eu2 eu1 us1');
  expect(ids(nodes, { region: ['asia', 'us'] })).toBe('us1');
  expect(ids(nodes, { labels: { gpu: ['yes', 'maybe'] } })).toBe('eu1');
  expect(ids(nodes, { labels: { toString: 'yes' } })).toBe('');
  expect(ids(nodes, { version: '1' })).toBe('us1 eu2');
});

test('the order of the game’s own comes before the load', () => {
  const nodes = [node('b', { rooms: 9 }), node('a'), node('c')];
  expect(ids(nodes, { rank: ({ rooms }) => -rooms })).toBe('b a c');
  expect(ids(nodes, { where: ({ id }) => id !== 'a' })).toBe('c b');
});
