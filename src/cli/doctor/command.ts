/** The options of `godot-enet doctor`, and what it prints. */
import { type Command, InvalidArgumentError } from 'commander';
import { nodeRuntime } from '../../io/nodeRuntime.ts';
import { printable } from '../printable.ts';
import { type ProbeReport, probeServer } from './probe.ts';
import { readTarget } from './target.ts';

interface DoctorFlags {
  readonly json?: true;
  readonly timeout: number;
}

const DEFAULT_TIMEOUT_MS = 2000;
const WATCH_MS = 1500;

const EXAMPLES = `
Examples:
  godot-enet doctor 127.0.0.1 7777
  godot-enet doctor game.example:7777 --json
  godot-enet doctor '[::1]:7777'

It asks as a client would, with a handful of datagrams, and leaves with a DISCONNECT; a high-level multiplayer server
announces it to nobody. Exit codes: 0 a Godot client can reach an ENet server there, with DTLS or without, 1 wrong
usage, 3 it cannot.`;

/** Adds the command to the program. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('find out what a server speaks')
    .description(
      'Asks a server what it speaks: ENet and its compression, DTLS, Godot 3 or 4, or why nothing answers.',
    )
    .argument('<HOST>', 'a name or an IP address, or HOST:PORT')
    .argument('[PORT]', 'its UDP port')
    .option(
      '--timeout <MS>',
      'how long to wait for each kind of answer, 100..60000',
      timeout,
      DEFAULT_TIMEOUT_MS,
    )
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (host: string, port: string | undefined, flags: DoctorFlags, command: Command) => {
      const target = readTarget(host, port);
      if (typeof target === 'string') command.error(`error: ${target}`);
      const report = await probeServer({
        runtime: nodeRuntime,
        ...target,
        timeoutMs: flags.timeout,
        watchMs: WATCH_MS,
      });
      process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : textOf(report));
      if (report.verdict !== 'ENET' && report.verdict !== 'ENET_OVER_DTLS') process.exitCode = 3;
    });
}

function textOf({ address, verdict, lines }: ProbeReport): string {
  return `${[`${printable(address)}: ${verdict}`, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}

function timeout(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 100 || number > 60_000) {
    throw new InvalidArgumentError('expected 100..60000.');
  }
  return number;
}
