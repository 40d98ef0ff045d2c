/** What the page says about each reason for which a SceneMultiplayer turned something away: the short form of docs/errors.md. */
import type { MultiplayerRefusal } from '../multiplayer/index.ts';

/** A sentence for each reason. */
export const REFUSAL_TEXT: Readonly<Record<MultiplayerRefusal, string>> = {
  malformed: 'A packet that is not what its first byte says: no Godot, or an attack.',
  'unknown-peer': 'A packet of somebody who is not admitted. It happens around the end of a connection.',
  'not-authenticated': 'Sent before it has authenticated: set auth_callback in the client, too.',
  'auth-unexpected': 'Authentication data where nobody asks for it.',
  'auth-bytes': 'More than maxAuthBytes before it was admitted; it was disconnected.',
  'no-root': 'There is no root path: nothing but SYS packets is read.',
  'unknown-command': 'A command that does not exist, or not there.',
  'relay-refused': 'A relay that is off, or from somebody who may not send it.',
  'relay-budget': 'More to others than maxRelayedBytesPerSec; it was dropped.',
  'call-budget': 'More calls than maxCallsPerSec; they were dropped.',
  'unknown-node': 'A number or a path that leads to no node here.',
  'outside-root': 'A path that leads out of the root.',
  'duplicate-id': 'A number that the peer has given to another node already.',
  'too-many-paths': 'More nodes announced than maxPathsPerPeer.',
  'confirm-unexpected': 'A confirmation of something that the peer was not told.',
  checksum: 'The list of @rpc functions of a node differs; calls may reach wrong methods.',
  'unknown-method': 'A call of a method number that the node does not have.',
  'not-allowed': 'A call of somebody who may not make it.',
  'damaged-arguments': 'Arguments that cannot be decoded.',
  'wrong-arguments': 'Arguments of other types, or another number of them, than declared.',
  'no-handler': 'Nobody handles the method.',
  'not-sent': 'A call of ours that did not go to a peer.',
  'spawn-refused': 'A SPAWN that makes no node, or not all of it.',
  'damaged-state': 'A state that cannot be decoded, or whose values do not fit.',
  'state-refused': 'A state that the validator of its synchronizer refuses.',
  unconfirmed: 'A client that has not loaded a node that it was told of. Nothing was turned away.',
  'dialect-unknown': 'A peer that did not say which version it is. Nothing was turned away.',
  'dialect-corrected': 'A peer that said late which version it is. Nothing was turned away.',
};
