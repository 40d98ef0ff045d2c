/**
 * Compiles small C programs for the live tests. Results are kept in `.build/` under the hash of their source, so a
 * changed source is compiled again and an unchanged one is not.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Compiles one C file with `cc -O2`.
 *
 * @param source path of the C file.
 * @param libraries names for `-l`.
 * @returns path of the executable.
 * @throws Error with the compiler's output when it fails.
 */
export function compileC(source: string, libraries: readonly string[]): string {
  const flags = ['-O2', '-Wall', '-Wextra'];
  const hash = createHash('sha256')
    .update(readFileSync(source))
    .update([...flags, ...libraries].join(' '))
    .digest('hex')
    .slice(0, 16);
  const program = join(BUILD_FOLDER, `${basename(source, '.c')}-${hash}`);
  if (existsSync(program)) return program;
  mkdirSync(BUILD_FOLDER, { recursive: true });
  // Test files run side by side: each compiles into its own file, and the rename is atomic.
  const unfinished = `${program}.${process.pid}`;
  const result = spawnSync(
    'cc',
    [...flags, '-o', unfinished, source, ...libraries.map((name) => `-l${name}`)],
    { encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(`cc ${source} failed:\n${result.stderr}`);
  renameSync(unfinished, program);
  return program;
}

const BUILD_FOLDER = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.build');
