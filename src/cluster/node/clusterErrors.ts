/** Why a node of a cluster does not get what it asked for. docs/errors.md, "Cluster nodes", explains each. */

/** The stable names of all reasons. */
export const ClusterErrorCode = {
  /** No node takes the room: none fits the placement, or all are full or draining. */
  NO_NODE: 'NO_NODE',
  /** There is no such node, or it has ended before it answered. */
  NODE_GONE: 'NODE_GONE',
  /** A node did not answer in time. What was asked may be done still. */
  TIMEOUT: 'TIMEOUT',
  /** As many requests as there may be are under way, here or there. */
  BUSY: 'BUSY',
  /** That node has no handler of this name. */
  UNHANDLED: 'UNHANDLED',
  /** The handler of that node has thrown. */
  FAILED: 'FAILED',
  /** The node was not started, or is closed. */
  NOT_RUNNING: 'NOT_RUNNING',
} as const;

/** One of the names of {@link ClusterErrorCode}. */
export type ClusterErrorCode = (typeof ClusterErrorCode)[keyof typeof ClusterErrorCode];

/** A node does not get what it asked for. */
export class ClusterError extends Error {
  /** Why. */
  readonly code: ClusterErrorCode;

  /** @param code why. */
  constructor(code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
  }
}
