/** What Linux tells of processes in `/proc`: who owns a port, and what it uses. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessUse, ServerProbe } from '../run/probes.ts';

/**
 * Measures a process.
 *
 * @param pid its number.
 * @param root where `/proc` is.
 * @returns the probe, or one line that says why there is none.
 */
export function probeProcess(pid: number, root: string = PROC): ServerProbe | string {
  const first = readUse(pid, root);
  if (first === undefined) return `there is nothing to read of process ${pid} in ${root}`;
  return { pid, read: () => readUse(pid, root) };
}

/**
 * Finds the process that listens at a port of this machine. Only processes of the same user can be looked into.
 *
 * @returns its number, or one line that says why it is not known.
 */
export function findListener(port: number, transport: 'udp' | 'tcp', root: string = PROC): number | string {
  const sockets = new Set<string>();
  for (const table of [transport, `${transport}6`]) {
    const text = read(join(root, 'net', table));
    if (text !== undefined) for (const inode of listeningInodes(text, port, transport)) sockets.add(inode);
  }
  const place = `${transport.toUpperCase()} port ${port}`;
  if (sockets.size === 0) return `nobody on this machine is seen to listen at ${place}`;
  for (const name of list(root)) {
    if (!/^\d+$/.test(name)) continue;
    for (const descriptor of list(join(root, name, 'fd'))) {
      const inode = /^socket:\[(\d+)\]$/.exec(readLink(join(root, name, 'fd', descriptor)))?.[1];
      if (inode !== undefined && sockets.has(inode)) return Number(name);
    }
  }
  return `the process at ${place} cannot be seen: it belongs to somebody else; --pid names it`;
}

/** The inodes of the sockets that listen at a port, of a table as `/proc/net/udp`. */
export function listeningInodes(table: string, port: number, transport: 'udp' | 'tcp'): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const found: string[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    const isServer = transport === 'tcp' ? state === TCP_LISTEN : remote.endsWith(':0000');
    if (isServer && local.endsWith(`:${hex}`) && inode !== '0') found.push(inode);
  }
  return found;
}

/**
 * Processor time and memory of a process by its files `stat` and `status`.
 *
 * @returns `undefined` when they tell neither: the process has ended, and nobody has asked how.
 */
export function parseUse(stat: string, status: string): ProcessUse | undefined {
  // The name of the program stands in brackets, and may have spaces and brackets in it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const kibibytes = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
  if (Number.isNaN(user + system + kibibytes)) return undefined;
  return { cpuMs: (user + system) * TICK_MS, memoryBytes: kibibytes * 1024 };
}

function readUse(pid: number, root: string): ProcessUse | undefined {
  const stat = read(join(root, String(pid), 'stat'));
  const status = read(join(root, String(pid), 'status'));
  return stat === undefined || status === undefined ? undefined : parseUse(stat, status);
}

/** What cannot be read is not there for us: a process may end at any time. */
function read(path: string): string | undefined {
  return orUndefined(() => readFileSync(path, 'utf8'));
}

function readLink(path: string): string {
  return orUndefined(() => readlinkSync(path)) ?? '';
}

function list(path: string): string[] {
  return orUndefined(() => readdirSync(path)) ?? [];
}

function orUndefined<Value>(take: () => Value): Value | undefined {
  try {
    return take();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

const PROC = '/proc';
/** The unit of times in `stat`: USER_HZ is 100 on every platform that Node has. */
const TICK_MS = 10;
const TCP_LISTEN = '0A';
