/**
 * What an idle connected peer holds at a server, in KB (1,024 bytes): pings go on, nobody plays. The server is a process of its
 * own; clients are ours, in this one, over 127.0.0.1. Of libenet: the structures of a peer with one channel.
 *
 *   npx tsx bench/idleMemory.ts [--peers=1000,4000] [--sessions=500] [--json] [--only=PART]
 *
 * What a peer holds is the heap after a collection with its external memory, of which array buffers are a part. "resident set" is all
 * that the system gave, room for garbage included. Both are the growth from the first number of peers to the second, for each
 * of them. With DTLS it is a peer and a session (`dtlsMemory.ts`), without what node:crypto's objects hold outside of the heap.
 *
 * "churn": 20,000 clients that connect and leave one after another, on the virtual network (`churn.ts`): what one process with all of
 * them holds half-way and at the end, beside what it held after a quarter.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readCredentials } from '../src/dtls/identity/credentials.ts';
import { compileC } from '../test/support/cc.ts';
import { issue } from '../test/support/certificates.ts';
import { peer as livePeer } from '../test/support/peers.ts';
import { buildServers } from './childServer.ts';
import { measureSessionBytes } from './dtlsMemory.ts';
import { IdleClients } from './idleClients.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    peers: { type: 'string', default: '1000,4000' },
    sessions: { type: 'string', default: '500' },
  },
});
const KB = 1024;
const CHURN = 'memory, churn of 20000 connections';

const SECURE = 'memory, an idle peer with DTLS';
const MODES = [
  ['connection', 'memory, an idle peer'],
  ['host', 'memory, an idle peer, Host'],
] as const;

say(JSON.stringify(describeMachine()));
if (MODES.some(([mode, name]) => isMeasured(mode, name))) {
  buildServers();
  const theirs = theirKb();
  const [from = 0, to = 0] = values.peers.split(',').map(Number);
  for (const [mode, name] of MODES) {
    if (!isMeasured(mode, name)) continue;
    const { rss, heap } = await measure(mode, from, to);
    printRow({ name, figure: heap, unit: 'KB', peer: 'libenet', peerFigure: theirs, repeats: 1 });
    printRow({ name: residentName(name), figure: rss, unit: 'KB', repeats: 1 });
    if (mode !== 'connection' || !isWanted(SECURE)) continue;
    const { key, certificate } = await issue({ name: 'localhost' });
    const session = measureSessionBytes(readCredentials(key, certificate), Number(values.sessions)) / KB;
    printRow({ name: SECURE, figure: heap + session, unit: 'KB', repeats: 1 });
  }
}
if ([`${CHURN}, half`, `${CHURN}, end`].some(isWanted)) {
  const script = fileURLToPath(new URL('churn.ts', import.meta.url));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', script, '20000'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`churn.ts: ${stderr}`);
  const levels: Readonly<Record<'quarter' | 'half' | 'end', number>> = JSON.parse(stdout);
  for (const part of ['half', 'end'] as const) {
    printRow({
      name: `${CHURN}, ${part}`,
      figure: levels[part] / KB,
      unit: 'KB',
      peer: 'a quarter',
      peerFigure: levels.quarter / KB,
      repeats: 1,
    });
  }
}

/** The peer of the row with DTLS is one of a connection. */
function isMeasured(mode: string, name: string): boolean {
  return [name, residentName(name), ...(mode === 'connection' ? [SECURE] : [])].some(isWanted);
}

function residentName(name: string): string {
  return `${name}, resident set`;
}

/** KB of a peer of libenet; undefined where it is not installed. */
function theirKb(): number | undefined {
  if (livePeer('libenet').isMissing) return undefined;
  const program = compileC(fileURLToPath(new URL('serverAlone.c', import.meta.url)), ['enet']);
  const { stdout } = spawnSync(program, ['idle', '1', '0.05'], { encoding: 'utf8' });
  const sizes: { readonly peerBytes: number; readonly channelBytes: number } = JSON.parse(stdout);
  return (sizes.peerBytes + sizes.channelBytes) / KB;
}

interface Held {
  readonly peers: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** KB for each peer after so many. */
async function measure(
  mode: string,
  from: number,
  count: number,
): Promise<{ readonly rss: number; readonly heap: number }> {
  const script = fileURLToPath(new URL('../.build/bench/bench/memoryServer.js', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', script, mode, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the server ended early');
    return value;
  };
  const { port }: { readonly port: number } = JSON.parse(await next());
  const held = async (): Promise<Held> => {
    child.stdin.write('held\n');
    const answer: Held = JSON.parse(await next());
    return answer;
  };
  const clients = new IdleClients(port, count);
  try {
    await clients.connectUpTo(from);
    const before = await held();
    await clients.connectUpTo(count);
    const after = await held();
    if (after.peers !== count) throw new Error(`${after.peers} of ${count} are connected`);
    const per = (grown: number): number => grown / (after.peers - before.peers) / KB;
    return { rss: per(after.rssBytes - before.rssBytes), heap: per(after.heapBytes - before.heapBytes) };
  } finally {
    clients.close();
    child.stdin.end();
  }
}
