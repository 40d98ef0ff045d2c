/** The transports that the live tests put under our side. */

import { mmsgProblem } from '../../../src/io/mmsg.ts';
import { createNodeRuntime } from '../../../src/node/nodeRuntime.ts';
import type { Runtime } from '../../../src/runtime/index.ts';

/** A way to reach real sockets. */
export interface Transport {
  readonly name: string;
  readonly runtime: Runtime;
  /** How long the longest run of random traffic lasts. */
  readonly longSeconds: number;
}

/** All that can be had here, the default one first. Every case of our side runs once per entry. */
export const transports: readonly Transport[] =
  mmsgProblem() === undefined
    ? [
        { name: 'mmsg', runtime: createNodeRuntime({ transport: 'mmsg' }), longSeconds: 10 },
        { name: 'dgram', runtime: createNodeRuntime({ transport: 'dgram' }), longSeconds: 4 },
      ]
    : [{ name: 'dgram', runtime: createNodeRuntime({ transport: 'dgram' }), longSeconds: 10 }];
