/** Live: the engine loads what `godot-enet cert` makes. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { makeCertificateFiles } from '../../src/cli/makeCert.ts';
import { peer } from '../support/peers.ts';

const { isMissing, note } = peer('godot3');

let folder = '';
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(isMissing)(`Godot loads the files${note}`, { timeout: 60_000 }, () => {
  test.each([
    {},
    { curve: 'P-384' },
    { curve: 'P-521' },
    { keyType: 'rsa' },
    { keyType: 'rsa', rsaBits: 4096 },
  ] as const)('%j', async (options) => {
    folder = mkdtempSync(join(tmpdir(), 'godot-enet-cert-'));
    await makeCertificateFiles({ ...options, prefix: join(folder, 'server'), replaces: false });
    copyFileSync(fileURLToPath(new URL('./loadCertificate.gd', import.meta.url)), join(folder, 'load.gd'));
    const args = ['--path', folder, '-s', 'load.gd'];
    const output = execFileSync('godot3-server', args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    });
    expect(output.toString()).toContain('LOADED 0 0');
  });
});
