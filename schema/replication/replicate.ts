/** How a mirror comes to be replicated. */
import type { MirrorTree } from '../mirror/MirrorTree.ts';
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
  return new Replication(
    server.replicationLink(),
    settings,
    (maker) => new NodeSpeaker(maker, settings.events),
  );
}
