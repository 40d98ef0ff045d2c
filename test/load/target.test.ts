/** Which server is meant, whose it is, and which process it is. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findListener, listeningInodes, parseUse, probeProcess } from '../../src/load/process/procfs.ts';
import { isLoopback, isPrivate, readLoadTarget } from '../../src/load/target.ts';

describe('readLoadTarget', () => {
  test.each([
    ['enet://127.0.0.1:7777', 'enet', false, '127.0.0.1', 7777],
    ['ENET://game.example:80', 'enet', false, 'game.example', 80],
    ['enets://[::1]:7777/', 'enet', true, '::1', 7777],
    ['ws://127.0.0.1:7780/play/socket?a=b', 'websocket', false, '127.0.0.1', 7780],
    ['ws://game.example', 'websocket', false, 'game.example', 80],
    ['wss://game.example', 'websocket', true, 'game.example', 443],
  ])('%s', (url, transport, isEncrypted, host, port) => {
    expect(readLoadTarget(url)).toEqual({ url, transport, isEncrypted, host, port });
  });

  test.each([
    ['127.0.0.1:7777', 'TARGET expected enet://HOST:PORT'],
    ['udp://127.0.0.1:7777', 'TARGET expected enet://HOST:PORT'],
    ['constructor://127.0.0.1:7777', 'TARGET expected enet://HOST:PORT'],
    ['enet://127.0.0.1', 'TARGET expected a port: enet://127.0.0.1:PORT'],
    ['enet://127.0.0.1:0', 'TARGET expected a port: enet://127.0.0.1:PORT'],
    ['enet://127.0.0.1:65536', 'TARGET expected a host'],
    ['enet://', 'TARGET expected a host'],
    ['enet://127.0.0.1:7777/game', 'TARGET expected enet://HOST:PORT and nothing behind it'],
    ['ws://user:word@127.0.0.1', 'TARGET expected no user and no fragment'],
    ['ws://127.0.0.1/#here', 'TARGET expected no user and no fragment'],
  ])('%s is none', (url, message) => {
    expect(readLoadTarget(url)).toContain(message);
  });
});

test('whose an address is', () => {
  const own = [
    '127.0.0.1',
    '127.8.8.8',
    '::1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.1.1',
    'fd00::1',
    'fe80::1%eth0',
  ];
  expect(own.filter((ip) => !isPrivate(ip))).toEqual([]);
  const others = ['8.8.8.8', '172.32.0.1', '192.169.0.1', '2001:db8::1', 'game.example', ''];
  expect(others.filter((ip) => isPrivate(ip))).toEqual([]);
  expect(['127.0.0.1', '::1', '10.0.0.1'].map(isLoopback)).toEqual([true, true, false]);
});

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, remote: string, state: string, inode: number): string =>
  `  1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 2 0000000000000000 0\n`;

test('who listens: connected sockets are clients, also those with the same port', () => {
  const udp =
    HEAD +
    row('0100007F:1E61', '00000000:0000', '07', 11) +
    row('0100007F:1E61', '0100007F:0400', '01', 12) +
    row('0100007F:1E62', '00000000:0000', '07', 13) +
    row('00000000:1E61', '00000000:0000', '07', 0);
  expect(listeningInodes(udp, 7777, 'udp')).toEqual(['11']);
  const tcp =
    HEAD + row('0100007F:1E61', '00000000:0000', '0A', 21) + row('0100007F:1E61', '0100007F:0400', '01', 22);
  expect(listeningInodes(tcp, 7777, 'tcp')).toEqual(['21']);
  expect(listeningInodes('', 7777, 'tcp')).toEqual([]);
});

test('what a process uses: its name may have spaces and brackets', () => {
  const stat = '42 (a) b ) S 1 42 42 0 -1 4194304 100 0 0 0 123 45 0 0 20 0 11 0 100 1000 200';
  expect(parseUse(stat, 'Name:\ta\nVmRSS:\t    2048 kB\nThreads:\t1\n')).toEqual({
    cpuMs: 1680,
    memoryBytes: 2_097_152,
  });
  // One that has ended, but whose end nobody has asked for, has no memory.
  expect(parseUse(stat, 'Name:\ta\nState:\tZ (zombie)\n')).toBeUndefined();
  expect(parseUse('', '')).toBeUndefined();
});

describe('a /proc of our own', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'godot-enet-proc-'));
    for (const folder of ['net', '7/fd', '8/fd', '9']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'net/udp'), HEAD + row('0100007F:1E61', '00000000:0000', '07', 11));
    writeFileSync(
      join(root, 'net/udp6'),
      HEAD + row(`${'0'.repeat(32)}:1E62`, `${'0'.repeat(32)}:0000`, '07', 12),
    );
    symlinkSync('/dev/null', join(root, '7/fd/0'));
    symlinkSync('socket:[11]', join(root, '8/fd/3'));
    writeFileSync(join(root, '8/stat'), '8 (node) S 1 8 8 0 -1 0 0 0 0 0 5 5 0');
    writeFileSync(join(root, '8/status'), 'VmRSS:\t10 kB\n');
  });
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  test('the process of a port, and what it uses', () => {
    expect(findListener(7777, 'udp', root)).toBe(8);
    const probe = probeProcess(8, root);
    expect(typeof probe === 'string' ? probe : probe.read()).toEqual({ cpuMs: 100, memoryBytes: 10_240 });
  });

  test('why it is not known', () => {
    expect(findListener(7778, 'udp', root)).toContain('the process at UDP port 7778 cannot be seen');
    expect(findListener(7779, 'udp', root)).toBe('nobody on this machine is seen to listen at UDP port 7779');
    expect(findListener(7777, 'tcp', root)).toBe('nobody on this machine is seen to listen at TCP port 7777');
    expect(probeProcess(99, root)).toBe(`there is nothing to read of process 99 in ${root}`);
  });
});
