/** Runs a program: what is asked for goes to the standard output, wrong usage to the standard error. */
import { printable } from '../printable.ts';
import { type Program, UsageError } from './command.ts';
import { commandHelp, programHelp } from './help.ts';
import { readCommandLine } from './read.ts';

/**
 * Runs what a command line asks for. Wrong usage sets the exit code 1.
 *
 * @param args - The words behind the name of the program.
 * @throws whatever a command throws that is no UsageError.
 */
export async function runProgram(program: Program, args: readonly string[]): Promise<void> {
  if (args.length === 0) {
    process.stderr.write(programHelp(program));
    process.exitCode = 1;
    return;
  }
  try {
    const request = readCommandLine(program, args);
    if (request.kind === 'run') return await request.run();
    process.stdout.write(request.kind === 'version' ? `${program.version}\n` : helpText(program, request));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const hint = error.hint === undefined ? '' : `(Did you mean ${error.hint}?)\n`;
    process.stderr.write(`${printable(`error: ${error.message}`)}\n${hint}(see --help)\n`);
    process.exitCode = 1;
  }
}

function helpText(
  program: Program,
  {
    path,
    command,
  }: { readonly path: string; readonly command: Parameters<typeof commandHelp>[1] | undefined },
): string {
  return command === undefined ? programHelp(program) : commandHelp(path, command);
}
