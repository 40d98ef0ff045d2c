import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built } from '../support/built.ts';
import { ethernet, ipv4, pcap, udp } from './captureFiles.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const main = built('src/cli/main.js');
const session = join(root, 'golden/sessions/module-none.json');
const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
const PING = Uint8Array.of(0x80, 0, 0, 1, 0x85, 0xff, 0, 3);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godot-enet-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built program. `stopAfter` closes its standard output after that many bytes, as `head` does. */
function run(
  args: readonly string[],
  input: Uint8Array | string = '',
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: 'pipe' });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.length > stopAfter) child.stdout.destroy();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    // A program that ends early does not read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('exit code 0', () => {
  test('--version and --help', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    expect(help.out).toContain('dissect [FILE]');
    const dissect = await run(['dissect', '--help']);
    expect(dissect.code).toBe(0);
    for (const option of [
      '--hex',
      '--compression',
      '--checksum',
      '--payload',
      '--json',
      '--full',
      '--filter',
      '--port',
    ]) {
      expect(dissect.out).toContain(option);
    }
    expect(dissect.out).toContain('Examples:');
    expect(dissect.out).toContain('Exit codes:');
  });

  test('a session', async () => {
    const { code, out, err } = await run(['dissect', session]);
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').at(-2)).toBe(
      '39 datagrams, 64 commands, 15 packets; 0 datagrams not fully read; 0 packets not decoded',
    );
  });

  test('hexadecimal on the command line, more than once', async () => {
    const { code, out } = await run(['dissect', '--hex', '80000001 85ff0003', '--hex', '0000']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      '[1]  8 bytes, slot 0, session 0, sent at 1',
      '    PING #3',
      '[2]  2 bytes, slot 0, session 0',
      '    NOT READ: it has no commands',
      '2 datagrams, 1 command, 0 packets; 1 datagram not fully read; 0 packets not decoded',
      '',
    ]);
  });

  test('standard input', async () => {
    const { code, out } = await run(['dissect', '-', '--json'], '# a ping\n8000000185ff0003\n');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ index: 1, commands: [{ name: 'PING', reliableSeq: 3 }] });
  });

  test('all options together on a capture', async () => {
    const frames = [{ seconds: 1, fraction: 0, bytes: ethernet(ipv4(udp(PING))) }];
    const path = file('game.pcap', pcap(1, frames));
    const args = [
      '--port',
      '7777',
      '--compression',
      'range-coder',
      '--payload',
      'raw',
      '--filter',
      'ping',
      '--full',
    ];
    const { code, out } = await run(['dissect', path, ...args]);
    expect(code).toBe(0);
    expect(out).toContain('10.0.0.1:5000 > 10.0.0.2:7777');
  });

  test('long output arrives whole, through a pipe that is full most of the time', async () => {
    const path = file('long.txt', '8000000185ff0003\n'.repeat(40_000));
    const { code, out, err } = await run(['dissect', path, '--json']);
    expect([code, err]).toEqual([0, '']);
    const all = out.trimEnd().split('\n');
    expect(all).toHaveLength(40_000);
    expect(JSON.parse(all.at(-1) ?? '')).toMatchObject({ index: 40_000, commands: [{ name: 'PING' }] });
  });

  test('a reader that goes away is no error', async () => {
    const path = file('many.txt', '8000000185ff0003\n'.repeat(50_000));
    const { code, out, err } = await run(['dissect', path], '', 1);
    expect([code, err]).toEqual([0, '']);
    expect(out.length).toBeLessThan(2_000_000);
  });
});

describe('exit code 1: usage', () => {
  test.each([
    [['dissect'], 'error: expected either FILE or --hex HEX'],
    [['dissect', 'a', '--hex', '00'], 'error: expected either FILE or --hex HEX'],
    [
      ['dissect', '--hex', '0'],
      "error: option '--hex <HEX>' argument '0' is invalid. expected an even number of hexadecimal digits.",
    ],
    [
      ['dissect', '--hex', '00', '--port', '1'],
      'error: --port needs a pcap or pcapng file, or a dump of frames',
    ],
    [
      ['dissect', 'a', '--port', '65536'],
      "error: option '--port <N>' argument '65536' is invalid. expected 1..65535.",
    ],
    [
      ['dissect', 'a', '--compression', 'lzma'],
      "error: option '--compression <MODE>' argument 'lzma' is invalid. Allowed choices are none, range-coder, fastlz, zlib, zstd, auto.",
    ],
    [
      ['dissect', 'a', '--payload', 'x'],
      "error: option '--payload <KIND>' argument 'x' is invalid. Allowed choices are packet, variant, multiplayer, raw.",
    ],
    [['dissect', 'a', 'b'], "error: too many arguments for 'dissect'. Expected 1 argument but got 2."],
    [['dissect', 'a', '--colour'], "error: unknown option '--colour'"],
    [['frobnicate'], "error: unknown command 'frobnicate'"],
  ])('%j', async (args, message) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([1, '']);
    expect(err.split('\n')[0]).toBe(message);
  });

  test.each([
    [['disect', 'a'], 'dissect'],
    [['dissect', 'a', '--cheksum'], '--checksum'],
  ])('%j is told what was meant', async (args, meant) => {
    const { code, err } = await run(args);
    expect(code).toBe(1);
    expect(err.split('\n').slice(1)).toEqual([`(Did you mean ${meant}?)`, '(see --help)', '']);
  });

  test('no command at all shows the help', async () => {
    const { code, err } = await run([]);
    expect(code).toBe(1);
    expect(err).toContain('Usage: godot-enet');
  });
});

describe('exit code 2: input', () => {
  test('a damaged capture: what is whole comes out, the error is one line', async () => {
    const frames = [1, 2].map((seconds) => ({ seconds, fraction: 0, bytes: ethernet(ipv4(udp(PING))) }));
    const path = file('cut.pcap', pcap(1, frames).subarray(0, -3));
    expect(await run(['dissect', path])).toEqual({
      code: 2,
      out: '[1]  0.0 ms  10.0.0.1:5000 > 10.0.0.2:7777  8 bytes, slot 0, session 0, sent at 1\n    PING #3\n',
      err: `godot-enet: ${path}: the packet at byte 90 is cut off\n`,
    });
  });

  test('files that are not there, folders, and other content', async () => {
    const missing = join(folder, 'missing.pcap');
    expect(await run(['dissect', missing])).toEqual({
      code: 2,
      out: '',
      err: `godot-enet: ${missing}: ENOENT: no such file or directory, stat '${missing}'\n`,
    });
    expect((await run(['dissect', folder])).err).toMatch(/^godot-enet: .*: EISDIR: [^\n]*\n$/);
    const other = file('other.bin', 'hello\u001b[31m\n');
    expect(await run(['dissect', other])).toEqual({
      code: 2,
      out: '',
      err: `godot-enet: ${other}: line 1 expected an even number of hexadecimal digits\n`,
    });
    const { code, err } = await run(['dissect', '-'], '{');
    expect(code).toBe(2);
    expect(err).toMatch(/^godot-enet: standard input: not JSON: [^\n]*\n$/);
  });

  test('--port with a session', async () => {
    expect(await run(['dissect', session, '--port', '7777'])).toEqual({
      code: 2,
      out: '',
      err: `godot-enet: ${session}: ports are known in pcap and pcapng files, and in dumps of frames, only\n`,
    });
  });
});
