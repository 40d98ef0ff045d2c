/** The numbers of a WebSocketMultiplayerPeer. */
import type { TransportMetrics } from '../godot/index.ts';
import type { WebSocketRefusal } from './refusals.ts';

/** Numbers of a peer. Counters never go back while the object lives. */
export interface WebSocketMetrics extends TransportMetrics {
  /** TCP connections now that are no WebSockets yet; only with a port of its own. */
  readonly halfOpen: number;
  /** Bytes now that wait to be taken by the other sides. */
  readonly backlogBytes: number;
  /** Counter: what was turned away, by reason; every reason is there. */
  readonly refusals: ReadonlyMap<WebSocketRefusal, number>;
}
