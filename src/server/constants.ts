/** The enumerations of the server module, with Godot's numbers. enet-server-module section 2. */

/** `ENetServer.AuthMode`: what a new connection has to do before it may play. */
export const AuthMode = {
  /** Nothing: a peer is authenticated as soon as it is connected. */
  AUTH_NONE: 0,
  /** The handler of `peerPrelogin` decides with `authenticate()` or `reject()`. */
  AUTH_PRELOGIN_ONLY: 1,
  /** The function given to `setCustomAuthenticator` decides. */
  AUTH_CUSTOM: 2,
} as const;

/** One of the numbers of {@link AuthMode}. */
export type AuthMode = (typeof AuthMode)[keyof typeof AuthMode];

/** `ENetServerPeer.ConnectionState`: how far a peer has come. */
export const ConnectionState = {
  /** `peerConnecting` is being emitted. */
  STATE_CONNECTING: 0,
  /** Connected, and a login is expected. */
  STATE_PRELOGIN: 1,
  /** Packets and events are delivered. */
  STATE_AUTHENTICATED: 2,
  /** The server is ending the connection; nothing more is delivered. */
  STATE_DISCONNECTING: 3,
} as const;

/** One of the numbers of {@link ConnectionState}. */
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

/** `ENetServerPeer.AuthState`: what was decided about a peer. */
export const AuthState = {
  /** Nothing yet. */
  AUTH_PENDING: 0,
  /** Let in. */
  AUTH_APPROVED: 1,
  /** Turned away. */
  AUTH_REJECTED: 2,
} as const;

/** One of the numbers of {@link AuthState}. */
export type AuthState = (typeof AuthState)[keyof typeof AuthState];

/** `ENetClient.ConnectionStatus`. */
export const ConnectionStatus = {
  /** No connection and none under way. */
  STATUS_DISCONNECTED: 0,
  /** `connectToServer` was called and has not ended yet. */
  STATUS_CONNECTING: 1,
  /** The server has accepted. */
  STATUS_CONNECTED: 2,
} as const;

/** One of the numbers of {@link ConnectionStatus}. */
export type ConnectionStatus = (typeof ConnectionStatus)[keyof typeof ConnectionStatus];
