/** Runs the built `godot-enet load`. */
import { spawn } from 'node:child_process';
import { built } from '../support/built.ts';

/** What it did. */
export interface LoadProgramRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs it to its end.
 *
 * @param watch sees what it has written to its standard error, and may stop it as Ctrl-C does.
 */
export function runLoad(
  args: readonly string[],
  watch?: (err: string, stop: () => void) => void,
  cwd?: string,
): Promise<LoadProgramRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [built('src/cli/main.js'), 'load', ...args], {
      stdio: 'pipe',
      cwd,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      watch?.(err, () => child.kill('SIGINT'));
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/**
 * Runs it for a short time, and again for longer while that was too short: on a busy machine players take seconds to join.
 *
 * @param isEnough whether all that shall happen has happened.
 * @returns the last run.
 */
export async function runLongEnough(
  args: readonly string[],
  isEnough: (run: LoadProgramRun) => boolean,
  cwd?: string,
): Promise<LoadProgramRun> {
  for (const holdSec of ['1.5', '6']) {
    const run = await runLoad([...args, '--hold', holdSec], undefined, cwd);
    if (isEnough(run)) return run;
  }
  return runLoad([...args, '--hold', '20'], undefined, cwd);
}
