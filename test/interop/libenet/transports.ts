/** The transports that the live tests put under our side. */
import type { Runtime } from '../../../src/enet/transport.ts';
import { nodeRuntime } from '../../../src/io/nodeRuntime.ts';

/** A way to reach real sockets. */
export interface Transport {
  readonly name: string;
  readonly runtime: Runtime;
}

/** All of them. Every case of our side runs once per entry. */
export const transports: readonly Transport[] = [{ name: 'node:dgram', runtime: nodeRuntime }];
