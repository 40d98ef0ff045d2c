/** Who asks: login and what may be done. */

/** Who asks, and what it may do. */
export interface SessionInfo {
  /** Heading of the page. */
  readonly title: string;
  /** Whether a token is set: without login there is the page alone. */
  readonly hasToken: boolean;
  /** Whether this browser is logged in, or needs not be. */
  readonly isLoggedIn: boolean;
  /** Whether it may act on peers and rooms: on loopback, or logged in. */
  readonly canAct: boolean;
  /** Whether it may call methods by hand: a token is set, and it is logged in. */
  readonly canCall: boolean;
}

/** Body of POST `login`. */
export interface LoginRequest {
  readonly token: string;
}

/** Body of every refusal. */
export interface ErrorAnswer {
  /** A sentence to show. */
  readonly error: string;
}
