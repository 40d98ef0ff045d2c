/** The address of a host name before the call returns: for sockets, which are bound at once. */
import { Worker } from 'node:worker_threads';
import { canonicalIp } from '../enet/internal.ts';

/**
 * Asks the system's resolver (the file of hosts, then DNS) and blocks meanwhile: some 40 ms for a name that the machine knows
 * itself, as `localhost` or `fly-global-services`, at most 5 s. Node has no such call, so a thread asks.
 *
 * @returns a canonical literal address, or `undefined` when the name has none.
 */
export function resolveNow(name: string): string | undefined {
  const shared = new SharedArrayBuffer(HEADER_BYTES + MAX_ADDRESS_BYTES);
  const length = new Int32Array(shared, 0, 1);
  const worker = new Worker(PROGRAM, { eval: true, workerData: { shared, name }, execArgv: [] });
  // Its failure shows as a missing answer.
  worker.on('error', () => undefined);
  worker.unref();
  Atomics.wait(length, 0, 0, TIMEOUT_MS);
  void worker.terminate();
  const bytes = Math.max(0, Atomics.load(length, 0));
  return canonicalIp(new TextDecoder().decode(new Uint8Array(shared, HEADER_BYTES).slice(0, bytes)));
}

/** Writes the address, and then its length; -1 when there is none. */
const PROGRAM = `
const { workerData } = require('node:worker_threads');
const length = new Int32Array(workerData.shared, 0, 1);
require('node:dns').lookup(workerData.name, (error, address) => {
  const text = new TextEncoder().encode(error ? '' : address);
  new Uint8Array(workerData.shared, 4).set(text);
  Atomics.store(length, 0, text.length || -1);
  Atomics.notify(length, 0);
});
`;
const HEADER_BYTES = 4;
/** An IPv6 address with the name of an interface. */
const MAX_ADDRESS_BYTES = 128;
const TIMEOUT_MS = 5_000;
