/**
 * `npm run lobby`: runs the lobby on UDP, shows two scripted players in it, then serves until Ctrl-C.
 *
 *   node dist/examples/lobby/main.js [--port 7777] [--page-port 7780] [--health-port 9100] [--drain 10] [--no-page] [--no-demo]
 */
import { createServer, type Server } from 'node:http';
import { parseArgs } from 'node:util';
import { godotErrorName } from 'godot-enet/godot';
import { Inspector } from 'godot-enet/inspector';
import { healthHandler } from 'godot-enet/ops';
import { runConversation } from './conversation.ts';
import { Lobby } from './lobby.ts';

const USAGE = `Usage: npm run lobby -- [options]

  --port N       UDP port of the server, 0 for any free one (default 7777)
  --page-port N  TCP port of the page with live traffic, on 127.0.0.1, 0 for any free one (default 7780)
  --health-port N  TCP port of the health check, on 127.0.0.1 (default: none)
  --drain N      seconds that players get to leave after SIGTERM or Ctrl-C (default 10)
  --no-page      no page
  --no-demo      no scripted players
  --help         this text`;

const args = readArguments();
const inspector = args.hasPage ? new Inspector({ title: 'godot-enet lobby' }) : undefined;
const lobby = new Lobby((line) => say('server', line), {
  onDiagnosis: ({ message }) => say('doctor', message),
  ...(inspector === undefined ? {} : { host: { trace: inspector.trace } }),
});

const error = lobby.start(args.port);
if (error !== 0) {
  fail(
    `The server cannot listen on UDP port ${args.port} (${godotErrorName(error)}). ` +
      'Is another server running there? Choose another port: npm run lobby -- --port 7778',
  );
}
const port = lobby.server.getLocalPort();
say('server', `listening on UDP port ${port}`);
if (inspector !== undefined) {
  inspector.watch(lobby.server);
  try {
    say('server', `live traffic: ${await inspector.listen(args.pagePort)}`);
  } catch (cause) {
    lobby.stop();
    fail(
      `The page cannot listen on TCP port ${args.pagePort}: ${describe(cause)}. Choose another: --page-port 7781`,
    );
  }
}
let health: Server | undefined;
if (args.healthPort !== undefined) {
  health = createServer(healthHandler(lobby.server)).listen(args.healthPort, '127.0.0.1');
  health.on('error', (cause) => {
    lobby.stop();
    fail(`The health check cannot listen on TCP port ${args.healthPort}: ${describe(cause)}`);
  });
}
// A second signal finds no listener, so Node ends the process at once.
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

if (args.hasDemo) {
  console.log('\nTwo scripted players join over UDP:\n');
  await runConversation('127.0.0.1', port, say);
}
console.log(`\n${joinText(port)}\nServing. Ctrl-C stops the server and tells every client.\n`);

function readArguments(): {
  port: number;
  pagePort: number;
  healthPort: number | undefined;
  drainMs: number;
  hasPage: boolean;
  hasDemo: boolean;
} {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '7777' },
        'page-port': { type: 'string', default: '7780' },
        'health-port': { type: 'string' },
        drain: { type: 'string', default: '10' },
        'no-page': { type: 'boolean', default: false },
        'no-demo': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return {
      port: readPort('--port', values.port),
      pagePort: readPort('--page-port', values['page-port']),
      healthPort:
        values['health-port'] === undefined ? undefined : readPort('--health-port', values['health-port']),
      drainMs: 1000 * readPort('--drain', values.drain),
      hasPage: !values['no-page'],
      hasDemo: !values['no-demo'],
    };
  } catch (cause) {
    return fail(`${describe(cause)}\n\n${USAGE}`);
  }
}

function readPort(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new RangeError(`${name} expected an integer 0..65535, got ${text}`);
  }
  return port;
}

function joinText(port: number): string {
  return `Join from Godot 4 with the project in examples/lobby/godot, or with this script on any node:

extends Node
var host := ENetConnection.new()
var server: ENetPacketPeer

func _ready() -> void:
    host.create_host(1)
    server = host.connect_to_host("127.0.0.1", ${port}, 2)

func _process(_delta: float) -> void:
    var event := host.service()
    while event[0] > ENetConnection.EVENT_NONE:
        if event[0] == ENetConnection.EVENT_CONNECT:
            # A packet is a type byte and a Variant: 1 = Variant.
            server.send(0, PackedByteArray([1]) + var_to_bytes({"name": "Godot"}), ENetPacketPeer.FLAG_RELIABLE)
        elif event[0] == ENetConnection.EVENT_RECEIVE:
            print(bytes_to_var(server.get_packet().slice(1)))
        event = host.service()
`;
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
  console.log();
  say('server', 'stopping, every client is told');
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  void lobby.drain(args.drainMs).then(({ isEmpty }) => {
    say('server', isEmpty ? 'stopped, nobody was left' : 'stopped, the last players were disconnected');
    health?.close();
    closePage();
  });
}

function closePage(): void {
  // Nothing holds the process any more once the page is closed too.
  inspector?.close().catch((cause: unknown) => fail(`The page did not close: ${describe(cause)}`));
}
