/** Completion, asked in the shells themselves; those that are not installed are skipped by name. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built } from '../support/built.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

let folder = '';
const scripts = new Map<string, string>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-completion-'));
  for (const shell of SHELLS) {
    const text = execFileSync(process.execPath, [built('src/cli/main.js'), 'completion', shell], {
      encoding: 'utf8',
    });
    const file = join(folder, `_godot-enet.${shell}`);
    writeFileSync(file, text);
    scripts.set(shell, file);
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What bash offers for the last of some words. */
function bash(...words: string[]): string[] {
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _godot_enet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['-c', program, 'bash', scripts.get('bash') ?? '', 'godot-enet', ...words];
  return execFileSync('bash', args, { encoding: 'utf8' }).trim().split('\n').sort();
}

/** What fish offers. */
function fish(line: string): string[] {
  const program = `source $argv[1]; complete -C $argv[2]`;
  return execFileSync('fish', ['-c', program, scripts.get('fish') ?? '', line], {
    encoding: 'utf8',
    cwd: folder,
  })
    .trim()
    .split('\n')
    .map((one) => one.split('\t')[0] ?? '')
    .sort();
}

describe.each(SHELLS)('%s', (shell) => {
  test.skipIf(!isThere(shell))(
    `reads its script${isThere(shell) ? '' : ` [skipped: needs ${shell}]`}`,
    () => {
      const { status, stderr } = spawnSync(shell, ['-n', scripts.get(shell) ?? ''], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    },
  );
});

test.skipIf(!isThere('bash'))('bash: commands, options, choices, commands below commands', () => {
  expect(bash('d')).toEqual(['dissect', 'doctor']);
  expect(bash('dissect', '--c')).toEqual(['--checksum', '--compression']);
  expect(bash('dissect', '--compression', 'z')).toEqual(['zlib', 'zstd']);
  expect(bash('dissect', '--compression', 'zlib', '--key')).toEqual(['--key-log']);
  expect(bash('scene', 'v')).toEqual(['validate']);
  expect(bash('scene', 'validate', '--pro')).toEqual(['--project']);
  expect(bash('completion', '')).toEqual(['--help', 'bash', 'fish', 'zsh']);
  // A file: bash's own default follows.
  expect(bash('dissect', 'game')).toEqual(['']);
  expect(bash('dissect', '--key-log', '')).toEqual(['']);
});

test.skipIf(!isThere('fish'))(`fish: the same${isThere('fish') ? '' : ' [skipped: needs fish]'}`, () => {
  expect(fish('godot-enet d')).toEqual(['dissect', 'doctor']);
  expect(fish('godot-enet dissect --comp')).toEqual(['--compression']);
  expect(fish('godot-enet dissect --compression z')).toEqual(['zlib', 'zstd']);
  expect(fish('godot-enet scene va')).toEqual(['validate']);
  expect(fish('godot-enet completion ')).toEqual(['bash', 'fish', 'zsh']);
});
