/** What is done otherwise than by the engine, and which engine is meant. Rows of docs/guide/scene-multiplayer.md. */
import type { Dialect } from '../../codec/index.ts';
import { describe } from '../godot/internal.ts';
import type { SceneMultiplayerOptions } from './options.ts';
import { type BadText, MARKED } from './wire/systemPackets.ts';

/** The differences from the engine, one by one, and the habits of the engine that is imitated. */
export interface Behaviour {
  /** A call with a damaged argument is refused; the engine calls with nulls. */
  readonly refusesDamage: boolean;
  /** Paths lead nowhere outside of the root. */
  readonly confinesPaths: boolean;
  /** A node that left the tree is called under its number as long as it lives, as the engine does it. */
  readonly callsOutside: boolean;
  /** Paths of more than 1024 characters find nothing, and names of spawned nodes have no more; the engine takes any. */
  readonly boundsPaths: boolean;
  /** One empty PackedByteArray arrives as such; the engine sends a call without arguments. */
  readonly keepsEmptyBytes: boolean;
  /** A call that cannot be encoded is an error number; the engine answers OK and sends nothing. */
  readonly tellsUnsent: boolean;
  /** Ids in ADD_PEER that no peer can have, or that are known, are refused, and those of more peers than a server has. */
  readonly checksPeerIds: boolean;
  /** The version of each peer is asked for; the engine takes everybody for one of its own version. */
  readonly asksVersions: boolean;
  /** A number that a peer does not confirm is announced again; the engine announces once. */
  readonly announcesAgain: boolean;
  /** What is sent in one tick leaves together; the engine sends a datagram for each packet. */
  readonly coalesces: boolean;
  /** What a peer sends before it is admitted is bounded; the engine takes all. */
  readonly boundsLogins: boolean;
  /** What is relayed for one peer is bounded; the engine relays all. */
  readonly boundsRelay: boolean;
  /** What one peer calls is bounded; the engine takes all. */
  readonly boundsCalls: boolean;
  /** Nodes that come back into the tree are spawned again; the engine waits for ever for them to be ready. */
  readonly spawnsAgain: boolean;
  /** A node whose spawner is gone speaks to nobody: the others have lost it; the engine goes on under its old numbers. */
  readonly silencesOrphans: boolean;
  /** A late joiner hears of synchronizers in the order of the tree; the engine's is another one once one has left. */
  readonly ordersSynchronizers: boolean;
  /** Filters are asked for each peer; the engine shows everybody what is visible to "0". */
  readonly asksEachPeer: boolean;
  /** A synchronizer has, for each peer, a number that this peer was told; the engine says the one of the latest SPAWN to all. */
  readonly numbersForEachPeer: boolean;
  /** Whom `setVisibilityFor` let see a node is forgotten when it leaves; the engine lets see it who comes under its id. */
  readonly forgetsVisibility: boolean;
  /** What is below a node that a peer does not have is hidden from it, too; the engine sends it all the same. */
  readonly hidesBelow: boolean;
  /** NaN inside a container is the same as before; the engine sends such a value in every step. */
  readonly knowsNan: boolean;
  /** All values of a state are looked at before any is set, and have to be of the right type; the engine converts and sets one by one. */
  readonly checksStates: boolean;
  /** Whole states that have not changed are left out, once they were sent reliably; the engine sends them in every step. */
  readonly skipsUnchanged: boolean;
  /** Nodes of peers that are gone are freed by the next poll, too; the engine has frames for that. */
  readonly freesNodes: boolean;
  /** Plain containers are sent with the types that the method declares; the engine sends them as they are. */
  readonly typesContainers: boolean;
  /** What an old engine did; all off unless one is imitated. */
  readonly habits: Habits;
}

/** What older versions did otherwise (golden/dialects/README.md). Only `compatibility: 'engine'` has them. */
export interface Habits {
  /** 4.0, 4.1: numbers stand for paths, not for nodes, and may be given again. */
  readonly numbersPaths: boolean;
  /** 4.2: a number of a peer is forgotten as soon as its node leaves the tree. */
  readonly forgetsGoneNodes: boolean;
  /** Up to 4.2: in a RELAY to a server, -n means n alone, and -1 the server alone. */
  readonly relaysNegativeToOne: boolean;
  /** 4.0, 4.1: `disconnectPeer` waits for the transport; 4.2: nobody ever hears of it. */
  readonly kick: 'told' | 'silent' | 'by-transport';
  /** 4.0, 4.1: after `completeAuth` any packet admits, and "done" goes to whom the transport was last set to. */
  readonly authenticatesLoosely: boolean;
  /** 4.0, 4.1: a spawned node gets its number when it enters, with a connection, or never. */
  readonly numbersSpawnsAtOnce: boolean;
  /** Up to 4.3: a spawned node that leaves gives its place to the last one. */
  readonly swapsSpawned: boolean;
  /** 4.0, 4.1: a synchronizer keeps its number and the time of its last state when its authority changes. */
  readonly keepsNumbers: boolean;
  /** 4.0, 4.1: the time before the first SYNC is 0: a state of time 0 is old. */
  readonly beginsAtTimeZero: boolean;
  /** 4.0, 4.1: a property like `position:x` is one that there is not. */
  readonly knowsNoParts: boolean;
  /** 4.0: there are no changes, only whole states, and those may have 1361 bytes. */
  readonly knowsNoChanges: boolean;
  /** What becomes of bad UTF-8 in the name of a spawned node. */
  readonly badText: BadText;
}

/** The differences that the options stand for. @throws RangeError for an unknown value. */
export function behaviourOf({
  compatibility,
  dialect,
}: Pick<SceneMultiplayerOptions, 'compatibility' | 'dialect'>): Behaviour {
  if (compatibility !== undefined && compatibility !== 'safe' && compatibility !== 'engine')
    throw new RangeError(`"compatibility" expected 'safe' or 'engine', got ${describe(compatibility)}`);
  const isSafe = compatibility !== 'engine';
  const imitated = isSafe || typeof dialect !== 'string' ? '4.6' : dialect;
  return {
    refusesDamage: isSafe,
    confinesPaths: isSafe,
    callsOutside: !isSafe,
    boundsPaths: isSafe,
    keepsEmptyBytes: isSafe,
    tellsUnsent: isSafe,
    checksPeerIds: isSafe,
    asksVersions: isSafe,
    announcesAgain: isSafe,
    coalesces: isSafe,
    boundsLogins: isSafe,
    boundsRelay: isSafe,
    spawnsAgain: isSafe,
    silencesOrphans: isSafe,
    ordersSynchronizers: isSafe,
    asksEachPeer: isSafe,
    numbersForEachPeer: isSafe,
    forgetsVisibility: isSafe,
    hidesBelow: isSafe,
    // 4.1 does; 4.0 looks for no changes at all.
    knowsNan: isSafe || imitated < '4.2',
    checksStates: isSafe,
    skipsUnchanged: isSafe,
    freesNodes: isSafe,
    typesContainers: isSafe,
    boundsCalls: isSafe,
    habits: habitsOf(imitated),
  };
}

function habitsOf(dialect: Dialect): Habits {
  // Names of versions sort as they came.
  const isFirst = dialect < '4.2';
  return {
    numbersPaths: isFirst,
    forgetsGoneNodes: dialect === '4.2',
    relaysNegativeToOne: dialect < '4.3',
    kick: isFirst ? 'by-transport' : dialect === '4.2' ? 'silent' : 'told',
    authenticatesLoosely: isFirst,
    numbersSpawnsAtOnce: isFirst,
    swapsSpawned: dialect < '4.4',
    keepsNumbers: isFirst,
    beginsAtTimeZero: isFirst,
    knowsNoParts: isFirst,
    knowsNoChanges: dialect === '4.0',
    badText: dialect >= '4.4' ? MARKED : { wrong: dialect === '4.0' ? ' ' : MARKED.wrong, cutOff: ' ' },
  };
}
