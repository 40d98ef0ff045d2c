/** The options of `godot-enet doctor`, and what it prints. */
import { nodeRuntime } from '../../node/internal.ts';
import {
  argument,
  asText,
  type Command,
  command,
  flag,
  InvalidValueError,
  optionalArgument,
  UsageError,
  valueOr,
} from '../commandLine/index.ts';
import { jsonLine, out, ProgressLine, type Rule, standardError } from '../look/index.ts';
import { printable } from '../printable.ts';
import { type ProbeReport, probeServer } from './probe.ts';
import { readTarget } from './target.ts';

const DEFAULT_TIMEOUT_MS = 2000;
const WATCH_MS = 1500;
/** A progress line is told this often. */
const TOLD_MS = 500;

const EXAMPLES = `
Examples:
  godot-enet doctor 127.0.0.1 7777
  godot-enet doctor game.example:7777 --json
  godot-enet doctor '[::1]:7777'

It asks as a client would, with a handful of datagrams, and leaves with a DISCONNECT; a high-level multiplayer server
announces it to nobody. Exit codes: 0 a Godot client can reach an ENet server there, with DTLS or without, 1 wrong
usage, 3 it cannot.`;

/** The command. */
export const doctorCommand: Command = command({
  name: 'doctor',
  summary: 'find out what a server speaks',
  description:
    'Asks a server what it speaks: ENet and its compression, DTLS, Godot 3 or 4, or why nothing answers.',
  arguments: [
    argument('HOST', 'a name or an IP address, or HOST:PORT', asText),
    optionalArgument('PORT', 'its UDP port', asText),
  ],
  options: {
    timeout: valueOr(
      { placeholder: '<MS>', help: 'how long to wait for each kind of answer, 100..60000' },
      DEFAULT_TIMEOUT_MS,
      timeout,
    ),
    json: flag('one JSON object instead of text'),
  },
  notes: EXAMPLES,
  async run([host, port], { timeout: timeoutMs, json }) {
    const target = readTarget(host, port);
    if (typeof target === 'string') throw new UsageError(target);
    const stop = tellProgress(host);
    const report = await probeServer({ runtime: nodeRuntime, ...target, timeoutMs, watchMs: WATCH_MS });
    stop();
    process.stdout.write(json ? jsonLine(report) : out.highlight(textOf(report), FOUND));
    if (report.verdict !== 'ENET' && report.verdict !== 'ENET_OVER_DTLS') process.exitCode = 3;
  },
});

const FOUND: readonly Rule[] = [
  [/(?<=^\S+: )ENET(?:_OVER_DTLS)?$/, 'good'],
  [/(?<=^\S+: )[A-Z_]+$/, 'bad'],
  [/^\S+(?=: [A-Z_]+$)/, 'title'],
];

/** Several kinds of answers are waited for, one after the other. @returns what ends it. */
function tellProgress(host: string): () => void {
  const progress = new ProgressLine(standardError(), Number.POSITIVE_INFINITY);
  const beganMs = performance.now();
  const timer = setInterval(() => {
    const atMs = performance.now() - beganMs;
    progress.show(`asking ${printable(host)}, ${(atMs / 1000).toFixed(0)} s`, atMs);
  }, TOLD_MS);
  return () => {
    clearInterval(timer);
    progress.end();
  };
}

function textOf({ address, verdict, lines }: ProbeReport): string {
  return `${[`${printable(address)}: ${verdict}`, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}

function timeout(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 100 || number > 60_000) {
    throw new InvalidValueError('expected 100..60000.');
  }
  return number;
}
