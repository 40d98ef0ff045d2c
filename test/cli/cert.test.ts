import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certificateText, FileExistsError, makeCertificateFiles } from '../../src/cli/makeCert.ts';
import { readCredentials } from '../../src/dtls/identity/credentials.ts';
import { namesOf } from '../../src/dtls/identity/hostName.ts';
import { built } from '../support/built.ts';

const main = built('src/cli/main.js');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-cert-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('makeCertificateFiles', () => {
  test('writes a pair that belongs together, the key for its owner alone', async () => {
    const prefix = join(folder, 'my "server"');
    const made = await makeCertificateFiles({ prefix, replaces: false, names: ['game.example'], days: 2 });
    const text = certificateText(made);
    const { certificate } = readCredentials(read('my "server".key'), read('my "server".crt'));
    expect(certificate.title).toBe('game.example');
    expect(statSync(`${prefix}.key`).mode & 0o777).toBe(0o600);
    expect(text).toContain(certificate.fingerprint256);
    expect(text).toContain('certificate.load("res://my \\"server\\".crt")');
    expect(text).toContain('peer.host.dtls_client_setup("game.example", TLSOptions.client(certificate))');
    // ENetServer and ENetMultiplayerPeer.create_client do not understand each other: each server has its own client.
    const [, ofServer = '', ofPeer = ''] = text.split(/# Of ENet\w+:/);
    expect(ofServer).toContain(
      'connection.dtls_client_setup("game.example", TLSOptions.client(certificate))',
    );
    expect(ofServer).not.toContain('create_client');
    expect(ofPeer).toContain('peer.create_client("game.example", 7777)');
    expect(text).not.toContain('PRIVATE KEY');
  });

  test.each(['a.key', 'a.crt'])('does not touch anything when %s exists', async (name) => {
    writeFileSync(join(folder, name), 'precious');
    const prefix = join(folder, 'a');
    await expect(makeCertificateFiles({ prefix, replaces: false })).rejects.toThrow(FileExistsError);
    expect(read(name)).toBe('precious');
    expect(['a.key', 'a.crt'].filter((one) => existsSync(join(folder, one)))).toEqual([name]);
  });

  test('replaces when told to, and a file that everybody could read becomes private', async () => {
    writeFileSync(join(folder, 'a.key'), 'old', { mode: 0o644 });
    await makeCertificateFiles({ prefix: join(folder, 'a'), replaces: true });
    expect(read('a.key')).toContain('BEGIN PRIVATE KEY');
    expect(statSync(join(folder, 'a.key')).mode & 0o777).toBe(0o600);
  });
});

describe('the program', () => {
  const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [main, 'cert', ...args],
        { cwd: folder },
        (_error, out, err) => {
          resolve({ code: child.exitCode ?? -1, out, err });
        },
      );
    });

  test('makes an RSA certificate for several names', async () => {
    const { code, out, err } = await run('--rsa', '--name', 'a.example', '--name', '10.0.0.1', '--days', '7');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('server.key  the private key');
    const { keyType, certificate } = readCredentials(read('server.key'), read('server.crt'));
    expect(keyType).toBe('rsa');
    expect(namesOf(certificate)).toEqual(['a.example', '10.0.0.1']);
    expect(certificate.alternativeNames?.map(({ kind }) => kind)).toEqual(['dns', 'ip']);
  });

  test('exit codes', { timeout: 120_000 }, async () => {
    expect((await run('--out', 'a')).code).toBe(0);
    expect(await run('--out', 'a')).toMatchObject({ code: 2, out: '' });
    expect((await run('--out', 'a', '--force')).code).toBe(0);
    const missing = await run('--out', 'no/such/folder/a');
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('ENOENT');
    for (const bad of [
      ['--days', '0'],
      ['--days', 'x'],
      ['--name', 'a b'],
      ['--rsa', '1024'],
      ['--curve', 'P-1'],
    ]) {
      expect((await run('--out', 'b', ...bad)).code, bad.join(' ')).toBe(1);
    }
    expect((await run('--out', 'b', '--rsa', '--curve', 'P-256')).code).toBe(1);
    expect(existsSync(join(folder, 'b.key'))).toBe(false);
  });
});
