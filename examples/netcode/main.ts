/**
 * Runs the shooting range on UDP until Ctrl-C.
 *
 *   node dist/examples/netcode/main.js [--port 7779]
 */
import { parseArgs } from 'node:util';
import { godotErrorName } from 'godot-enet/godot';
import { ShootingRange } from './range.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '7779' } } });
const port = Number(values.port);
if (!/^\d+$/.test(values.port) || port > 65_535) {
  console.error(`--port expected an integer 0..65535, got ${values.port}`);
  process.exit(1);
}
const range = new ShootingRange((line) => console.log(line));
const error = range.start(port);
if (error !== 0) {
  console.error(
    `The server cannot listen on UDP port ${port} (${godotErrorName(error)}). Choose another: --port 7780`,
  );
  process.exit(1);
}
console.log(
  `listening on UDP port ${range.peer.getLocalPort()}; open examples/netcode/godot with Godot 4 and run it`,
);
process.once('SIGINT', () => range.stop());
process.once('SIGTERM', () => range.stop());
