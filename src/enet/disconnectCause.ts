/** Why a connection, or the attempt to make one, has ended. Nothing of it goes over the wire; explained in docs/errors.md. */

/** The stable names of all causes. The ENet core knows the first six; the layers above add theirs. */
export const DisconnectCause = {
  /** The remote said goodbye: it left, it sent this side away, or it refused the attempt to connect. */
  GOODBYE: 'GOODBYE',
  /** The remote stopped answering (enet-protocol 5.9). */
  TIMEOUT: 'TIMEOUT',
  /** An attempt to connect that nobody answered in time. */
  NO_ANSWER: 'NO_ANSWER',
  /** An attempt to connect that was answered with something else than ENet allows (4.5). */
  PROTOCOL: 'PROTOCOL',
  /** The DTLS session has ended or was replaced, or its handshake failed. */
  DTLS: 'DTLS',
  /** This side ended it, in whatever way it does that. */
  LOCAL: 'LOCAL',
  /** An attempt to connect: the system says that nobody listens at that port. */
  REFUSED: 'REFUSED',
  /** An attempt to connect to a name that has no address. */
  UNRESOLVED: 'UNRESOLVED',
  /** A server: the application sent the peer away (`disconnectPeer`, `kickPeer`). */
  KICK: 'KICK',
  /** A server: the login was refused, was wrong or too large, or did not come in time. */
  LOGIN_REFUSED: 'LOGIN_REFUSED',
  /** A server: the peer sent more than its limits allow, or took too little of what was sent to it. */
  LIMIT: 'LIMIT',
  /** A server was stopped. */
  SHUTDOWN: 'SHUTDOWN',
  /** The host, its socket or its thread failed. */
  FAILURE: 'FAILURE',
} as const;

/** One of the names of {@link DisconnectCause}. */
export type DisconnectCause = (typeof DisconnectCause)[keyof typeof DisconnectCause];
