/**
 * Runs the level on UDP, shows a scripted player in it, then serves until Ctrl-C.
 *
 *   node dist/examples/replication/main.js [--port 7778] [--scene FILE.tscn] [--no-demo]
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { godotErrorName } from 'godot-enet/godot';
import { runDemo } from './demo.ts';
import { LevelServer } from './levelServer.ts';

const USAGE = `Usage: node dist/examples/replication/main.js [options]

  --port N       UDP port of the server, 0 for any free one (default 7778)
  --scene FILE   the scene (default: the level of examples/replication/godot)
  --no-demo      no scripted player
  --help         this text`;

const args = readArguments();
const level = openLevel(args.scene);
const error = level.start(args.port);
if (error !== 0) {
  fail(
    `The server cannot listen on UDP port ${args.port} (${godotErrorName(error)}). ` +
      'Is another server running there? Choose another port: --port 7779',
  );
}
const port = level.server.getLocalPort();
say('server', `listening on UDP port ${port}`);
// A second signal finds no listener, so Node ends the process at once.
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

if (args.hasDemo) await runDemo('127.0.0.1', port, (line) => say('player', line));
console.log(
  `\nJoin from Godot 4: open examples/replication/godot and run it${port === 7778 ? '' : ` with -- --port=${port}`}.\n` +
    'Serving. Ctrl-C stops the server and tells every client.\n',
);

function openLevel(file: string): LevelServer {
  try {
    return new LevelServer(readFileSync(file, 'utf8'), (line) => say('server', line));
  } catch (cause) {
    return fail(`The scene ${file} cannot be used: ${describe(cause)}`);
  }
}

function readArguments(): { port: number; scene: string; hasDemo: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '7778' },
        scene: { type: 'string' },
        'no-demo': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65_535) {
      throw new RangeError(`--port expected an integer 0..65535, got ${values.port}`);
    }
    return { port, scene: values.scene ?? defaultScene(), hasDemo: !values['no-demo'] };
  } catch (cause) {
    return fail(`${describe(cause)}\n\n${USAGE}`);
  }
}

/** Beside the sources: the build does not copy it. */
function defaultScene(): string {
  const beside = fileURLToPath(new URL('godot/level.tscn', import.meta.url));
  if (existsSync(beside)) return beside;
  return fileURLToPath(new URL('../../../examples/replication/godot/level.tscn', import.meta.url));
}

function say(speaker: string, line: string): void {
  console.log(`${`[${speaker}]`.padEnd(9)} ${line}`);
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function fail(text: string): never {
  console.error(text);
  process.exit(1);
}

function stop(): void {
  say('server', 'stopping, every client is told');
  level.stop();
}
