/** What parts of a cluster that build on a node have of it. Nothing of it is public API. */
import type { ClusterBus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import type { Lease } from '../Lease.ts';
import type { MatchmakingState } from './clusterOps.ts';
import type { ClusterPayload } from './frames.ts';
import type { RequestHandler } from './Requests.ts';
import type { RoomCalls } from './RoomCalls.ts';
import type { RoomRecords } from './RoomRecords.ts';

/** The inside of a node. */
export interface NodeInside {
  readonly id: string;
  readonly bus: ClusterBus;
  readonly clock: Clock;
  readonly calls: RoomCalls;
  /** The claims of its rooms. */
  readonly records: RoomRecords;
  /** Where clients reach it. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The root of the node; `undefined` while it has none. */
  readonly root: Lease | undefined;
  /** Leases under the root that are put back when the bus has lost them. */
  readonly leases: Set<Lease>;
  /** Asks a node, also by names that begin with `#`. @throws as `ClusterNode.request` */
  ask(node: string, name: string, payload: ClusterPayload, timeoutMs: number): Promise<unknown>;
  /** Sets who answers requests of a name, also of one that begins with `#`. */
  handle(name: string, handler: RequestHandler): void;
  /** Looks which nodes there are. @throws BusError (as rejection) DOWN */
  lookForNodes(): Promise<void>;
  /** Operators see a matchmaking from now on. @returns a function that ends it. */
  show(state: () => MatchmakingState): () => void;
  /** Calls a function when the node is closed. */
  onClose(end: () => void): void;
  /** @throws ClusterError NOT_RUNNING */
  checkRunning(): void;
  /** Takes errors of listeners, and what is strange. */
  readonly report: (error: unknown, where: string) => void;
  /** Reports what is not just the bus or a node being away. */
  strange(error: unknown, where: string): void;
}
