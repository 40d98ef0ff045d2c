/** The options of `godot-enet load`. */
import {
  argument,
  asText,
  type Command,
  choiceOr,
  command,
  flag,
  InvalidValueError,
  type Parse,
  UsageError,
  value,
  valueOr,
  values,
} from '../commandLine/index.ts';
import { fail, jsonLine, out, type Rule, standardError } from '../look/index.ts';
import { printable } from '../printable.ts';
import { writeOut } from '../standardOutput.ts';
import { LoadInputError, loadTest } from './loadTest.ts';

/** No limit is above this. */
const MOST = 1_000_000_000;

const NOTES = `
Examples:
  godot-enet load enet://127.0.0.1:7777 --players 50 --ramp 10 --hold 30
  godot-enet load ws://127.0.0.1:7780/play/socket --players 20 --project game --script bot.js
  godot-enet load enet://127.0.0.1:7777 --protocol enet-server --players 50,100,200 --html load.html
  godot-enet load enets://127.0.0.1:7777 --insecure --players 20 --max-rtt-p99 50 --max-failed 0

Load only what is yours: a target that is not of this machine or of a private network needs --i-own-this-server.
Ctrl-C ends it, with a report of what was. A script is in JavaScript; .ts needs a Node that reads it, 22.18 and later.
Exit codes: 0 done, 1 wrong usage, 2 a file cannot be read or written or the host has no address, 5 a limit was exceeded,
the server went away, no player could join, or this process could not keep up, 130 stopped by Ctrl-C.`;

/** The command. */
export const loadCommand: Command = command({
  name: 'load',
  summary: 'load-test a server with scripted players',
  description:
    'Lets many scripted players join a server, measures round trips, loss, processor time and memory, and judges them by limits.',
  arguments: [
    argument('TARGET', 'enet://HOST:PORT, enets://HOST:PORT (DTLS), ws://HOST or wss://HOST', asText),
  ],
  options: {
    players: valueOr(
      { placeholder: '<N>', help: 'how many, 1..2000; or rising numbers, as 50,100,200: a stage each' },
      '10',
      asText,
    ),
    ramp: valueOr(
      { placeholder: '<SEC>', help: 'how long each rise takes, 0..86400' },
      10,
      number(0, 86_400),
    ),
    hold: valueOr(
      { placeholder: '<SEC>', help: 'how long each stage lasts then, 0..86400' },
      30,
      number(0, 86_400),
    ),
    script: value({ placeholder: '<FILE>', help: 'what the players do; without it they idle' }, asText),
    protocol: choiceOr(
      { placeholder: '<NAME>', help: "scene: Godot's high-level multiplayer; enet-server: an ENetServer" },
      ['scene', 'enet-server'],
      'scene',
    ),
    project: value(
      {
        placeholder: '<DIR>',
        help: 'the Godot project or pack file whose nodes and RPCs players have (scene)',
      },
      asText,
    ),
    compression: choiceOr(
      { placeholder: '<MODE>', help: 'of ENet: the mode of the server' },
      ['none', 'range-coder', 'fastlz', 'zlib', 'zstd'],
      'none',
    ),
    ca: value(
      {
        placeholder: '<FILE>',
        help: 'the certificates to trust, PEM (default: those of Node)',
        conflicts: 'insecure',
      },
      asText,
    ),
    insecure: flag('trusts any certificate'),
    tickHz: valueOr(
      { placeholder: '<N>', help: 'ticks of a player per second, 1..1000' },
      30,
      number(1, 1000),
    ),
    joinTimeout: valueOr(
      { placeholder: '<SEC>', help: 'how long a player may take to join, 0.1..600' },
      10,
      number(0.1, 600),
    ),
    seed: valueOr({ placeholder: '<N>', help: "of the players' random numbers" }, 1, integer(0, 0xffff_ffff)),
    pid: value(
      { placeholder: '<N>', help: 'the process of the server (default: found by its port on this machine)' },
      integer(1, 0x7fff_ffff),
    ),
    json: value(
      { placeholder: '<FILE>', help: 'writes the report as JSON; "-": prints it instead of the text' },
      asText,
    ),
    html: value({ placeholder: '<FILE>', help: 'writes the report as a page with charts' }, asText),
    maxRttP50: value({ placeholder: '<MS>', help: 'limit: half of the round trips' }, number(0, MOST)),
    maxRttP95: value({ placeholder: '<MS>', help: 'limit: 95 of 100 round trips' }, number(0, MOST)),
    maxRttP99: value({ placeholder: '<MS>', help: 'limit: 99 of 100 round trips' }, number(0, MOST)),
    maxLoss: value({ placeholder: '<PERCENT>', help: 'limit: what had to be sent again' }, number(0, 100)),
    maxFailed: value(
      { placeholder: '<N>', help: 'limit: players that failed or were lost' },
      number(0, MOST),
    ),
    maxScriptErrors: value({ placeholder: '<N>', help: 'limit: errors of the script' }, integer(0, MOST)),
    maxCpu: value(
      { placeholder: '<PERCENT>', help: "limit: the server's processor time in the last stage, of a core" },
      number(0, MOST),
    ),
    maxMemory: value({ placeholder: '<MIB>', help: "limit: the server's memory" }, number(0, MOST)),
    maxMeasure: values(
      {
        placeholder: '<NAME=MS>',
        help: 'limit: 99 of 100 round trips of a name of the script; may be repeated',
      },
      measureLimit,
    ),
    iOwnThisServer: flag('lets players join a server beyond this machine and private networks'),
  },
  notes: NOTES,
  async run([target], options) {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    // A second signal finds no listener, so Node ends the process at once.
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    try {
      const { report, lines, exitCode } = await loadTest(target, options, {
        signal: stop.signal,
        ...standardError(),
      });
      const text = out.highlight(lines.map(printable).join('\n'), REPORTED);
      await writeOut(options.json === '-' ? jsonLine(report) : `${text}\n`);
      process.exitCode = exitCode;
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(error.message);
      if (!isExpected(error)) throw error;
      fail(error.message);
    } finally {
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
    }
  },
});

const REPORTED: readonly Rule[] = [
  [/^(?:enets?|wss?):.*$/, 'title'],
  [/^ {2}EXCEEDED:.*$/, 'bad'],
  [/^ {2}kept:/, 'good'],
  [/^(?:players|measured) {2,}.*(?:failed|unanswered)$/, 'title'],
  [/^[A-Z][\w ]*:$/, 'title'],
  [/^(?:players|joining|rtt|loss|traffic|server|this side)(?= )/, 'name'],
];

/** What is wrong with files and names, and not with this program. */
function isExpected(error: unknown): error is Error {
  return error instanceof LoadInputError || (error instanceof Error && 'syscall' in error);
}

function number(least: number, most: number): Parse<number> {
  return (text) => {
    const read = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && read >= least && read <= most) return read;
    throw new InvalidValueError(`expected ${least}..${most}.`);
  };
}

function integer(least: number, most: number): Parse<number> {
  const read = number(least, most);
  return (text) => {
    if (/^\d+$/.test(text)) return read(text);
    throw new InvalidValueError(`expected an integer ${least}..${most}.`);
  };
}

function measureLimit(text: string): readonly [name: string, ms: number] {
  const [, name, ms] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidValueError('expected NAME=MS.');
  return [name, Number(ms)];
}
