/** How a mirror comes to be replicated. */

import type { MirrorTree } from '../mirror/MirrorTree.ts';
import type { MirrorNode } from '../mirror/mirrorNode.ts';
import type { ReplicationPeer, ReplicationServer } from './link.ts';
import { NodeSpeaker } from './nodePackets.ts';
import { checkReplicationOptions, type ReplicationOptions } from './options.ts';
import { Replication } from './Replication.ts';

/**
 * Sends a mirror to the authenticated peers of a server: whole to newcomers, and then what changes, at a rate. What
 * {@link SceneMirror.replicate} does.
 *
 * @param server - An `ENetServer`, or anything with a `replicationLink`.
 * @returns What stops it. A mirror can be replicated several times, to several servers.
 * @throws TypeError or RangeError for a bad option.
 */
export function replicate<P extends ReplicationPeer>(
  mirror: MirrorTree,
  server: ReplicationServer<P>,
  options: ReplicationOptions<P> = {},
): Replication<P> {
  if (typeof server !== 'object' || server === null || typeof server.replicationLink !== 'function') {
    throw new TypeError(`"server" expected an ENetServer, got ${server === null ? 'null' : typeof server}`);
  }
  const settings = checkReplicationOptions(mirror, options);
  const running = RUNNING.get(mirror) ?? new Set();
  RUNNING.set(mirror, running);
  const replication = new Replication(
    server.replicationLink(),
    settings,
    (maker) => new NodeSpeaker(maker, settings.events),
    () => running.delete(known),
  );
  const known: Running = { server, peersWith: (node) => replication.peersWith(node) };
  running.add(known);
  return replication;
}

/**
 * The peers of a server that have a node of a mirror by replications that run; `undefined` when none of them replicates it. For the console.
 *
 * @internal
 */
export function replicationPeers(server: object, node: MirrorNode): ReplicationPeer[] | undefined {
  let all: Set<ReplicationPeer> | undefined;
  for (const one of RUNNING.get(node.mirror) ?? []) {
    const peers = one.server === server ? one.peersWith(node) : undefined;
    if (peers !== undefined) all = new Set([...(all ?? []), ...peers]);
  }
  return all && [...all];
}

/** A replication that is not stopped. */
interface Running {
  readonly server: object;
  peersWith(node: MirrorNode): ReplicationPeer[] | undefined;
}

/** Those of each mirror. */
const RUNNING = new WeakMap<MirrorTree, Set<Running>>();
