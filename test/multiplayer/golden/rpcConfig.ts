/** `@rpc` as the engine keeps it, in the form of the golden data. */
import type { ProjectRpc } from '../../../src/project/scripts/projectScript.ts';

/** Only what was said: the rest are the engine's defaults. */
export function written({ rpcMode, transferMode, callLocal, channel }: ProjectRpc): Record<string, unknown> {
  return {
    rpc_mode: ['disabled', 'any_peer', 'authority'].indexOf(String(rpcMode)),
    ...(callLocal === undefined ? {} : { call_local: callLocal }),
    ...(transferMode === undefined
      ? {}
      : { transfer_mode: ['unreliable', 'unreliable_ordered', 'reliable'].indexOf(String(transferMode)) }),
    ...(channel === undefined ? {} : { channel }),
  };
}
