/** Which networks a server can have. Another one is a file of its own and a line here. */
import { isThreaded } from '../createOps.ts';
import type { ENetServerOptions } from '../options.ts';
import { inlineTransport } from './inlineLink.ts';
import type { Transport } from './link.ts';
import { threadTransport } from './threadLink.ts';

/** The network that the options ask for. */
export function transportOf(options: ENetServerOptions): Transport {
  return isThreaded(options) ? threadTransport : inlineTransport;
}
