/**
 * Games with spawners and synchronizers on the virtual network, with 20 % loss, jitter and reordering: nodes and values of all clients are
 * the server's in the end, nobody hears of what he may not see, nothing is refused that need not be, and nothing remains when all have
 * left. SIM_WORLDS says how many seeds are played (`npm run test:long`: 500).
 */
import { expect, test } from 'vitest';
import type { MultiplayerRefusal } from '../../src/multiplayer/refusals.ts';
import { startReport } from '../support/longRun.ts';
import type { Party } from './replicationSim/parties.ts';
import { SimGame } from './replicationSim/SimGame.ts';

const WORLDS = Number(process.env['SIM_WORLDS'] ?? 4);
const FIRST_SEED = Number(process.env['FC_SEED'] ?? 1);
const TICKS = 120;

/** What the server refuses because of loss and lateness, or because the game asks for it. */
const AT_THE_SERVER: ReadonlySet<MultiplayerRefusal> = new Set([
  // A client calls, or announces, a node that is gone meanwhile, or was renamed.
  'unknown-node',
  // It does not know yet that another peer decides.
  'not-allowed',
  // Its validator says no.
  'state-refused',
  // Somebody was kicked and has not heard of it.
  'unknown-peer',
  // The game calls one who cannot see the node.
  'not-sent',
  // Answers are lost, and come later than expected.
  'unconfirmed',
  'dialect-unknown',
]);

/** What clients refuse because of loss and lateness. */
const AT_CLIENTS: ReadonlySet<MultiplayerRefusal> = new Set([
  'unconfirmed',
  'dialect-unknown',
  'not-allowed',
]);
/** What only those refuse who hear of nodes before they have loaded them, or have just let go of them. */
const WHILE_LOADING: ReadonlySet<MultiplayerRefusal> = new Set(['unknown-node']);

/** What a game came to. */
interface Played {
  /** How often what was done, and packets of each command. */
  readonly counts: ReadonlyMap<string, number>;
  /** Nodes that clients had in the end, of all clients. */
  readonly nodes: number;
}

async function play(seed: number): Promise<Played> {
  const game = new SimGame(seed);
  game.play(TICKS);
  game.finish();
  game.settle();
  const [differences, nodes] = [game.differences(), game.nodes()];
  const remains = await game.end();
  const { multiplayer } = game.server;
  const metrics = multiplayer.metrics();
  const refused = (party: Party): MultiplayerRefusal[] =>
    Object.keys(party.multiplayer.refusals()) as MultiplayerRefusal[];
  const told = {
    seed,
    differences: differences.slice(0, 5),
    faults: game.watch.faults,
    errors: game.parties.flatMap(({ errors }) => errors),
    refusedHere: refused(game.server).filter((reason) => !AT_THE_SERVER.has(reason)),
    refusedThere: game.clients.all.flatMap((client) =>
      refused(client).filter(
        (reason) =>
          !AT_CLIENTS.has(reason) && !(WHILE_LOADING.has(reason) && (!game.isGated || client.reloads > 0)),
      ),
    ),
    remains,
    peers: metrics.peers,
    heldCalls: metrics.heldCalls,
    unconfirmedPaths: metrics.unconfirmedPaths,
    remotePaths: metrics.remotePaths,
    spawnedNodes: metrics.spawnedNodes,
    peerNodes: metrics.peerNodes,
    waitingStates: metrics.waitingStates,
    // Main, two doors with their synchronizers, and three spawners.
    hasManyPaths: metrics.announcedPaths > 8,
  };
  expect(told).toEqual({
    seed,
    differences: [],
    faults: [],
    errors: [],
    refusedHere: [],
    refusedThere: [],
    remains: [],
    peers: 0,
    heldCalls: 0,
    unconfirmedPaths: 0,
    remotePaths: 0,
    spawnedNodes: 0,
    peerNodes: 0,
    waitingStates: 0,
    hasManyPaths: false,
  });
  game.close();
  return { counts: new Map([...game.dice.counts, ...game.watch.counts]), nodes };
}

test(
  'clients have what they may see, and hear of nothing else',
  async () => {
    const report = startReport('games with spawners and synchronizers, 20 % loss', FIRST_SEED);
    const games: Played[] = [];
    for (let i = 0; i < WORLDS; i++) games.push(await play(FIRST_SEED + i));
    const sum = (what: string): number => games.reduce((all, { counts }) => all + (counts.get(what) ?? 0), 0);
    // All of it has happened.
    if (WORLDS >= 4) for (const what of OFTEN) expect(sum(what), what).toBeGreaterThan(2 * WORLDS);
    if (WORLDS >= 40) for (const what of SELDOM) expect(sum(what), what).toBeGreaterThan(WORLDS / 5);
    expect(games.reduce((all, { nodes }) => all + nodes, 0)).toBeGreaterThan(20 * WORLDS);
    report(WORLDS);
  },
  60_000 * WORLDS,
);

const OFTEN = [
  ...['add', 'change', 'call', 'call of a client', 'visibility', 'player', 'interval', 'free', 'remake'],
  ...['join', 'SPAWN', 'DESPAWN', 'SYNC', 'DELTA', 'REMOTE_CALL', 'SIMPLIFY_PATH', 'CONFIRM_PATH'],
];
const SELDOM = [
  ...['rename', 'reparent', 'away', 'reload', 'loaded anew', 'owner', 'yard', 'spawn of a client'],
  ...['kick', 'return', 'open'],
];
