/** Sees the ENet host of a connection while it is attached, for its counters. */
import type { Host } from '../enet/host.ts';
import type { Runtime } from '../enet/transport.ts';

/** The same runtime; `onHost` is called with every host that is attached to a socket. */
export function observeHost(runtime: Runtime, onHost: (host: Host) => void): Runtime {
  return {
    now: () => runtime.now(),
    random32: () => runtime.random32(),
    startTimer: (delayMs, callback) => runtime.startTimer(delayMs, callback),
    attach: (host, bind) => {
      const port = runtime.attach(host, bind);
      if (!('code' in port)) onHost(host);
      return port;
    },
    ...(runtime.attachRemote === undefined ? {} : { attachRemote: runtime.attachRemote }),
    resolve: (name, done) => runtime.resolve(name, done),
  };
}
