/**
 * `npm start`: the arena, with bots, for native players, browsers and whoever looks on, until Ctrl-C.
 *
 *   node dist/examples/arena/main.js [--port 7777] [--page-port 7780] [--bots 4] [--clients 32] [--room 16] [--no-play] [--no-page]
 */
import { parseArgs } from 'node:util';
import { type ArenaServer, PortError, ArenaServer as Server } from './ArenaServer.ts';
import { MAX_CLIENTS, ROOM_PLAYERS } from './rules.ts';
import { ENGINE_TEXT } from './webEngine.ts';

const USAGE = `Usage: npm start -- [options]

  --port N       UDP port, for native players, 0 for any free one (default 7777)
  --page-port N  TCP port of the page and of the game in the browser, on 127.0.0.1, 0 for any free one (default 7780)
  --bots N       how many bots play, 0..16 (default 4)
  --clients N    clients at once over each of UDP and WebSockets, 1..4095 (default 32)
  --room N       players in one arena, 1..4095; the next one is opened when it is full (default ${ROOM_PLAYERS})
  --no-play      no game in the browser
  --no-page      nothing over HTTP: no page, no game in the browser, no WebSockets
  --help         this text

The variable CONSOLE_TOKEN, with 16 characters or more, is what operators log in to the page with; with it they may call methods by hand.`;
const NAMES = [
  'Ada',
  'Bob',
  'Cleo',
  'Dan',
  'Eve',
  'Finn',
  'Gus',
  'Hal',
  'Ida',
  'Jo',
  'Kim',
  'Lou',
  'Mia',
  'Ned',
];

const options = readArguments();
const server = await open();
console.log(nextSteps(server));
for (let i = 0; i < options.bots; i++) server.addBot(`${NAMES[i % NAMES.length]} (bot)`);
// A second signal finds no listener, so Node ends the process at once.
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

function readArguments(): {
  port: number;
  pagePort: number | undefined;
  bots: number;
  clients: number;
  players: number;
  hasPlay: boolean;
  token: string | undefined;
} {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '7777' },
        'page-port': { type: 'string', default: '7780' },
        bots: { type: 'string', default: '4' },
        clients: { type: 'string', default: String(MAX_CLIENTS) },
        room: { type: 'string', default: String(ROOM_PLAYERS) },
        'no-play': { type: 'boolean', default: false },
        'no-page': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return {
      port: readInteger('--port', values.port, 65_535),
      pagePort: values['no-page'] ? undefined : readInteger('--page-port', values['page-port'], 65_535),
      bots: readInteger('--bots', values.bots, 16),
      clients: readInteger('--clients', values.clients, 4095, 1),
      players: readInteger('--room', values.room, 4095, 1),
      hasPlay: !values['no-play'],
      token: readToken(process.env['CONSOLE_TOKEN']),
    };
  } catch (error) {
    return fail(`${describe(error)}\n\n${USAGE}`);
  }
}

function readInteger(name: string, text: string, most: number, least = 0): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most || number < least)
    throw new RangeError(`${name} expected an integer ${least}..${most}, got ${text}`);
  return number;
}

function readToken(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length < 16) throw new RangeError('CONSOLE_TOKEN expected 16 characters or more');
  return text;
}

async function open(): Promise<ArenaServer> {
  try {
    return await Server.open({ ...options, log: (line) => console.log(`[arena] ${line}`) });
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const [what, flag, other] =
      error.option === 'port' ? ['UDP port', 'port', 7778] : ['TCP port', 'page-port', 7781];
    return fail(
      `The arena cannot listen on ${what} ${options[error.option]} (${error.message}). ` +
        `Is another server running there? Choose another: npm start -- --${flag} ${other}`,
    );
  }
}

function nextSteps({ port, url, play }: ArenaServer): string {
  const bots = options.bots === 1 ? '1 bot plays' : `${options.bots} bots play`;
  const lines = [`The arena is open: ${bots}. What to do next:`, ''];
  if (url !== undefined && play !== undefined) {
    lines.push(`  Play in the browser    ${url}play`);
    if (!play.isEngineThere) lines.push(`                         the first visit fetches ${ENGINE_TEXT}`);
  }
  lines.push(
    `  Play in Godot 4        open the folder examples/arena/godot and run it; it joins UDP port ${port}`,
  );
  if (url !== undefined) lines.push(`  See players and calls  ${url}`);
  lines.push('  Read the server        examples/arena/Arena.ts', '  Stop                   Ctrl-C', '');
  return lines.join('\n');
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function fail(text: string): never {
  console.error(text);
  process.exit(1);
}

function stop(): void {
  console.log('\n[arena] stopping, everybody is told');
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  server.close().catch((error: unknown) => fail(`The arena did not close: ${describe(error)}`));
}
