/** What parts of a cluster that build on a node have of it. Nothing of it is public API. */
import type { ClusterBus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import type { Lease } from '../Lease.ts';
import type { MatchmakingState } from './clusterOps.ts';
import type { JsonValue } from './frames.ts';
import type { RequestHandler } from './Requests.ts';
import type { RoomCalls } from './RoomCalls.ts';

/** The inside of a node. */
export interface NodeInside {
  readonly id: string;
  readonly bus: ClusterBus;
  readonly clock: Clock;
  readonly calls: RoomCalls;
  /** The root of the node; `undefined` while it has none. */
  readonly root: Lease | undefined;
  /** Leases under the root that are put back when the bus has lost them. */
  readonly leases: Set<Lease>;
  /** Takes the key of a room that must not be made any more: see `RoomRecords.bar`. */
  bar(roomId: string, value: string, forMs: number): Promise<boolean>;
  /** Asks a node. @throws as `ClusterNode.request` */
  ask(node: string, name: string, payload: JsonValue, timeoutMs: number): Promise<unknown>;
  /** Sets who answers requests of a name. */
  readonly handle: (name: string, handler: RequestHandler) => void;
  /** Operators see a matchmaking from now on. @returns a function that ends it. */
  show(state: () => MatchmakingState): () => void;
  /** Calls a function when the node is closed. */
  onClose(end: () => void): void;
  /** @throws ClusterError NOT_RUNNING */
  checkRunning(): void;
  /** Resolves after a while. */
  wait(ms: number): Promise<void>;
  /** Takes errors of listeners, and what is strange. */
  readonly report: (error: unknown, where: string) => void;
  /** Reports what is not just the bus or a node being away. */
  strange(error: unknown, where: string): void;
}
