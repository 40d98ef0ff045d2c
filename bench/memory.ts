/**
 * What a host holds for what a hostile peer has sent: the heap and the arrays after a collection, against the bytes received
 * and against what the host itself counts.
 *
 *   node --import tsx bench/memory.ts [--mib=1] [--peers=1] [--budget=256]
 *
 * `budget` is `maxHeldBytes` in MiB.
 */
import { parseArgs } from 'node:util';
import { GAP_TRAFFIC } from '../test/support/gapTraffic.ts';
import { measureHeld } from '../test/support/heldMemory.ts';

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1' },
    peers: { type: 'string', default: '1' },
    budget: { type: 'string', default: '256' },
  },
});
const MIB = 2 ** 20;

for (const [name, traffic] of Object.entries(GAP_TRAFFIC)) {
  const held = measureHeld(
    traffic,
    Number(values.peers),
    Number(values.mib) * MIB,
    Number(values.budget) * MIB,
  );
  const perByte = (held.grown / held.sent).toFixed(2);
  const [real, counted] = [held.grown, held.counted].map((bytes) => (bytes / MIB).toFixed(1));
  console.log(`${name.padEnd(30)} ${perByte} bytes held per byte, ${real} MiB held, ${counted} MiB counted`);
}
