/** What a MultiplayerSynchronizer replicates. */
import { SceneReplicationConfig } from '../values/SceneReplicationConfig.ts';
import type { MirrorNode } from './mirrorNode.ts';

/**
 * The `replication_config` of a MultiplayerSynchronizer: of its scene, or set in code.
 *
 * @returns `null` for none, and for a reference whose content nobody read (`ExtResource` in a mirror without `resources`).
 */
export function replicationConfigOf(node: MirrorNode): SceneReplicationConfig | null {
  const config = node.get('replication_config');
  return config instanceof SceneReplicationConfig ? config : null;
}
