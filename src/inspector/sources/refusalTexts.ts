/** What the page says about each reason for which a server turned something away: the short form of docs/errors.md. */
import type { MultiplayerRefusal } from '../../multiplayer/index.ts';
import type { RoomRefusal } from '../../rooms/index.ts';
import type { RefusalReason } from '../../server/index.ts';
import type { WebSocketRefusal } from '../../websocket/index.ts';

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
  late: 'A packet for the room in which its sender, or its receiver, is no more.',
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
  'state-budget': 'A state or spawn beyond maxStatesPerSec.',
  'state-refused': 'A state that the validator of its synchronizer refuses.',
  unconfirmed: 'A client that has not loaded a node that it was told of. Nothing was turned away.',
  'dialect-unknown': 'A peer that did not say which version it is. Nothing was turned away.',
  'dialect-corrected': 'A peer that said late which version it is. Nothing was turned away.',
};

type TransportRefusal = RefusalReason | WebSocketRefusal | 'PEER_ID';

/** Of servers and transports; the same name means the same everywhere. */
const TRANSPORT_TEXT: Readonly<Record<TransportRefusal, string>> = {
  DRAINING: 'A connection while nobody is taken: the door is closed.',
  ADDRESS_DENIED: 'A connection from an address in "deny".',
  ADDRESS_NOT_ALLOWED: 'A connection from an address that is not in "allow".',
  CONNECT_RATE: 'More new connections than connectsPerSec: a rush, or a flood.',
  CONNECT_RATE_ADDRESS: 'More new connections of one address than connectsPerSecPerAddress.',
  NOT_ADMITTED: 'A connection that "admit" of the application refused.',
  HOST_FULL: 'No free slot: it has as many peers as it may.',
  TOO_MANY_FROM_ADDRESS: 'More connections of one address than maxPeersPerAddress.',
  TOO_MANY_HALF_OPEN: 'Too many unfinished handshakes: a flood.',
  PRE_LOGIN_DATA: 'A peer that sent too much before it was authenticated.',
  LOGIN_FORMAT: 'A login that is no Dictionary; the peer was rejected.',
  LOGIN_ATTEMPTS: 'A login beyond maxLoginAttempts; it was dropped.',
  LOGIN_TIMEOUT: 'A peer that did not authenticate in time.',
  REJECTED: 'A peer that the application or its authenticator rejected.',
  RATE_DROPPED: 'An unreliable packet above packetsPerSec or bytesPerSec; it was dropped.',
  RATE_EXCEEDED: 'More than packetsPerSec or bytesPerSec; the peer was disconnected.',
  QUEUE_DROPPED: 'An unreliable packet to a peer that takes too little; it was dropped.',
  QUEUE_OVERFLOW: 'A peer that takes too little; it was disconnected.',
  EVENT_INVALID: 'An event that its schema refused; no handler saw it.',
  PEER_ID: 'A client whose id is none that a client may have, or is taken.',
  HANDSHAKE_TIMEOUT: 'A connection that was not a WebSocket in time.',
  HANDSHAKE_INVALID: 'A request that is no WebSocket handshake, or is for another path.',
  ORIGIN_NOT_ALLOWED: 'A page whose origin is not allowed.',
  SUBPROTOCOL: 'A handshake without a sub-protocol of supportedProtocols.',
  TEXT_MESSAGE: 'A text message to a server; the client was disconnected.',
  EMPTY_MESSAGE: 'An empty message; it was skipped.',
  TOO_LARGE: 'A message larger than inboundBufferSize; the sender was disconnected.',
  PROTOCOL_ERROR: 'Frames that are no WebSocket, or a first message that is no id.',
  SILENT: 'Somebody who was silent for too long.',
};

/** Of a RoomServer. What it has in common with a SceneMultiplayer means the same. */
const ROOM_TEXT: Readonly<Record<RoomRefusal, string>> = {
  auth: '"auth" refused a connection, or threw.',
  login: "A login that the rules of players refuse: no id, a second login, or another's peer id.",
  'no-room': 'A player for whom there is no room; its connection ended.',
  flooded: 'A connection that sends more than its room looks at; it ended.',
  'unhandled-event': 'An event that its room does not handle.',
  late: REFUSAL_TEXT.late,
};

/** A sentence for each reason of every kind of server. */
export const REFUSAL_TEXTS: Readonly<Record<string, string>> = {
  ...TRANSPORT_TEXT,
  ...REFUSAL_TEXT,
  ...ROOM_TEXT,
};
