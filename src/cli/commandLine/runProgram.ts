/** Runs a program: what is asked for goes to the standard output, wrong usage to the standard error. */
import { err, out, type Rule } from '../look/index.ts';
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
    process.stderr.write(err.highlight(programHelp(program), HELP));
    process.exitCode = 1;
    return;
  }
  try {
    const request = readCommandLine(program, args);
    if (request.kind === 'run') return await request.run();
    const isVersion = request.kind === 'version';
    process.stdout.write(
      isVersion ? `${program.version}\n` : out.highlight(helpText(program, request), HELP),
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const hint = error.hint === undefined ? '' : `(Did you mean ${error.hint}?)\n`;
    const text = `${printable(`error: ${error.message}`)}\n${hint}(see --help)\n`;
    process.stderr.write(err.highlight(text, WRONG));
    process.exitCode = 1;
  }
}

const HELP: readonly Rule[] = [
  [/^Usage:|^[A-Z][a-z]+:$|^Exit codes:/, 'title'],
  [/^ {2}(?:[\w-]+ )*(?:-\S, )?-\S+(?: [<[][^>\]]*[>\]])?(?= {2})/, 'name'],
  [/^ {2}[a-z]+(?: [<[][^>\]]*[>\]])*(?= {2})/, 'name'],
  [/^ {2}[A-Z]+(?= {2})/, 'name'],
  [/\((?:default|choices): .*$/, 'dim'],
];
const WRONG: readonly Rule[] = [
  [/^error:/, 'bad'],
  [/(?<=^\(Did you mean ).*(?=\?\)$)/, 'good'],
];

function helpText(
  program: Program,
  {
    path,
    command,
  }: { readonly path: string; readonly command: Parameters<typeof commandHelp>[1] | undefined },
): string {
  return command === undefined ? programHelp(program) : commandHelp(path, command);
}
