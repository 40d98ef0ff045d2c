/** `send_node_state` and `send_node_to_all`: nodes of a mirror as packets (enet-server-module sections 3 and 5). */
import type { PacketEncodeOptions, PacketSource } from '../../codec/index.ts';
import { encodeNode, MirrorNode } from '../../schema/index.ts';
import { describe } from '../godot/internal.ts';

/**
 * What is sent for a node: encoded when the packet is made, so that all errors of encoding end where those of other
 * packets do.
 *
 * @returns the source of the packet, or one line for a human when node or flags are none.
 */
export function nodeSource(
  node: unknown,
  flags: unknown,
  options: PacketEncodeOptions | undefined,
): PacketSource | string {
  if (!(node instanceof MirrorNode)) return `node expected MirrorNode, got ${describe(node)}`;
  if (typeof flags !== 'number' || !Number.isInteger(flags)) {
    return `flags expected integer, got ${describe(flags)}`;
  }
  return { _toPacket: () => encodeNode(node, flags, options) };
}
