/** What all commands look like. */
import { printable } from '../printable.ts';
import { hasColours, Look, type Rule } from './Look.ts';

export { Look, type Rule } from './Look.ts';
export { ProgressLine, standardError, type TellerOutput } from './ProgressLine.ts';
export { table } from './table.ts';

/** The standard output. */
export const out: Look = new Look(hasColours(process.stdout, process.env));
/** The standard error. */
export const err: Look = new Look(hasColours(process.stderr, process.env));

/** One line about what is wrong, on the standard error, and the exit code 2. */
export function fail(message: string): void {
  process.stderr.write(`${err.highlight(printable(`godot-enet: ${message}`), FAILED)}\n`);
  process.exitCode = 2;
}

/** One line about what is odd in a file, as `file:line:column: what`, on the standard error. */
export function warn(message: string): void {
  process.stderr.write(`${err.highlight(printable(message), WARNED)}\n`);
}

/** One JSON object, as every command with `--json` prints it. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

const FAILED: readonly Rule[] = [[/^godot-enet:/, 'bad']];
const WARNED: readonly Rule[] = [[/^\S+:\d+:\d+:/, 'warning']];
