/** What is found when two sides of a SceneMultiplayer do not agree: the structured form, and what helps against each reason. */
import { MultiplayerRefusal } from './refusals.ts';

/** A mismatch between this side and a peer, explained. Texts of remotes in it are cut, and break no line. */
export interface MultiplayerDiagnosis {
  /** Which kind it is. Stable; each is explained in docs/errors.md. */
  readonly code: MultiplayerRefusal;
  /** The peer. */
  readonly peer: number;
  /** The node that it is about: absolute when it is here, else as the peer wrote it; `undefined` when it is about none. */
  readonly nodePath: string | undefined;
  /** The method, or `#` and its number when it has no name here; `undefined` when it is about none, or about the whole list. */
  readonly method: string | undefined;
  /** What is the matter, with the difference of both lists where one was found. Not stable. */
  readonly detail: string;
  /** What helps. Not stable. */
  readonly remedy: string;
  /** All of it in one line. Not stable. */
  readonly message: string;
  /** When it was found, in ms on the clock of the SceneMultiplayer, which may wrap at 2^32. */
  readonly timeMs: number;
}

/** Why something was turned away, in words and, where it is about a node, with its parts. */
export interface RefusalDetail {
  /** What is the matter. */
  readonly text: string;
  readonly nodePath?: string;
  readonly method?: string;
  /** What helps here, when it is not {@link remedyFor} the reason. */
  readonly remedy?: string;
}

/** What helps against a reason; `undefined` for those that nobody can mend. */
export function remedyFor(reason: MultiplayerRefusal): string | undefined {
  return REMEDIES[reason];
}

const SAME_LIST = 'both sides need the same ones, by name, inherited ones included';

const REMEDIES: Readonly<Partial<Record<MultiplayerRefusal, string>>> = {
  [MultiplayerRefusal.CHECKSUM]: SAME_LIST,
  [MultiplayerRefusal.UNKNOWN_METHOD]: SAME_LIST,
  [MultiplayerRefusal.NOT_ALLOWED]: 'both sides need the same authority',
  [MultiplayerRefusal.UNKNOWN_NODE]: 'the nodes of both sides have to be alike',
  [MultiplayerRefusal.OUTSIDE_ROOT]: 'set rootPath to what the peer has',
  [MultiplayerRefusal.NO_ROOT]: 'set rootPath',
  [MultiplayerRefusal.TOO_MANY_PATHS]: 'raise maxPathsPerPeer, for games with more nodes that call',
  [MultiplayerRefusal.DAMAGED_ARGUMENTS]:
    'objects cannot travel; else the peer is another version than "dialect" says',
  [MultiplayerRefusal.WRONG_ARGUMENTS]: 'mend the call there, or the declaration here',
  [MultiplayerRefusal.NO_HANDLER]: 'write the method in the script here, or use node.onRpc',
  [MultiplayerRefusal.NOT_AUTHENTICATED]: 'set auth_callback there, too',
  [MultiplayerRefusal.AUTH_UNEXPECTED]: 'set authCallback here before peers connect',
  [MultiplayerRefusal.NOT_SENT]: 'the call has to wait until the peer can take it',
  [MultiplayerRefusal.SPAWN_REFUSED]: 'compare the scene lists and spawn paths of both sides',
  [MultiplayerRefusal.DAMAGED_STATE]: 'compare the replication configurations of both sides',
  [MultiplayerRefusal.UNCONFIRMED]:
    'keep calls out with gate() until the game says that the client has loaded it',
  [MultiplayerRefusal.DIALECT_UNKNOWN]: 'say which version it is with the option "dialect"',
};
