/** The package as a user has it: packed, and unpacked into a folder where no other package can be found. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { built } from '../support/built.ts';

/** What a program left. */
export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A project with nothing but the package in it. */
export interface Project {
  readonly folder: string;
  /** The files of the package. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** The size of the archive in bytes. */
  readonly archiveBytes: number;
  /** Writes a file. @returns its whole path. */
  file(name: string, text: string): string;
  /** Runs Node in the project. */
  run(...args: string[]): Promise<Finished>;
  /** Removes the project. */
  remove(): void;
}

/** Packs and installs the built package. */
export function install(): Project {
  const root = dirname(built('.'));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'godot-enet-package-')));
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed]: { filename: string; size: number; files: { path: string; size: number }[] }[] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }),
  );
  if (packed === undefined) throw new Error('npm pack told nothing');
  execFileSync('tar', ['-xzf', packed.filename], { cwd: folder });
  mkdirSync(join(folder, 'node_modules'));
  renameSync(join(folder, 'package'), join(folder, 'node_modules/godot-enet'));
  return {
    folder,
    files: packed.files,
    archiveBytes: packed.size,
    file(name, text) {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    run: (...args) =>
      new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          args,
          { cwd: folder, timeout: 60_000 },
          (_error, out, err) => {
            resolve({ code: child.exitCode ?? -1, out, err });
          },
        );
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
