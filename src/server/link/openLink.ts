/** Opens the network of a server. */
import { GodotError } from '../../godot/index.ts';
import { isBindAddress } from '../../godot/internal.ts';
import type { LinkListener, LinkRequest, ServerLink, Transport } from './link.ts';

/** @returns the open network, which `ops` watches, or Godot's error number. */
export function openLink(
  transport: Transport,
  request: LinkRequest,
  listener: LinkListener,
): ServerLink | GodotError {
  const bindAddress = findAddress(request);
  if (bindAddress === undefined) return GodotError.ERR_CANT_CREATE;
  const link = transport.open({ ...request, bindAddress }, listener);
  if (typeof link !== 'number') request.ops.watch(link);
  return link;
}

/** The address to bind; `undefined`, with a trace line, for a name without one. */
function findAddress({ bindAddress, runtime, trace }: LinkRequest): string | undefined {
  if (isBindAddress(bindAddress)) return bindAddress;
  const found = runtime.resolveNow?.(bindAddress);
  if (found === undefined) trace(`createServer: ${bindAddress} has no address (ERR_CANT_CREATE)`);
  return found;
}
