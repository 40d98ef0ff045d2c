/**
 * What an idle connected peer holds at a server, in KB (1,024 bytes): pings go on, nobody plays. The server is a process of its
 * own; clients are ours, in this one, over 127.0.0.1. Of libenet: the structures of a peer with one channel.
 *
 *   npx tsx bench/idleMemory.ts [--peers=1000,4000] [--dtls-peers=500] [--json] [--only=PART]
 *
 * The resident set is everything, the objects of node:crypto included, but depends on what V8 and malloc keep; "heap" is the
 * heap after a collection with its external memory. Both are the growth from the first 50 peers on. The row without "heap" and
 * number of peers is the one with the fewest peers, through `ENetConnection`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileC } from '../test/support/cc.ts';
import { issue } from '../test/support/certificates.ts';
import { peer as livePeer } from '../test/support/peers.ts';
import { buildServers } from './childServer.ts';
import { IdleClients } from './idleClients.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    peers: { type: 'string', default: '1000,4000' },
    'dtls-peers': { type: 'string', default: '500' },
  },
});
const KB = 1024;
/** What all peers need once is there after these. */
const FIRST_PEERS = 50;

buildServers();
say(JSON.stringify(describeMachine()));
const theirs = theirKb();
const own = await issue({ name: 'localhost' });
for (const [mode, counts, name] of [
  ['connection', values.peers, 'memory, an idle peer'],
  ['host', values.peers, 'memory, an idle peer, Host'],
  ['dtls', values['dtls-peers'], 'memory, an idle peer with DTLS'],
] as const) {
  for (const [index, count] of counts.split(',').map(Number).entries()) {
    const full = index === 0 ? name : `${name}, ${count} peers`;
    if (!isWanted(full) && !isWanted(`${full}, heap`)) continue;
    const { rss, heap } = await measure(mode, count);
    const row = { unit: 'KB', peer: 'libenet', peerFigure: theirs, repeats: 1 };
    printRow({ ...row, name: full, figure: rss });
    printRow({ ...row, name: `${full}, heap`, figure: heap });
  }
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

/** KB for each peer after the first ones. */
async function measure(
  mode: string,
  count: number,
): Promise<{ readonly rss: number; readonly heap: number }> {
  const script = fileURLToPath(new URL('../.build/bench/bench/memoryServer.js', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', script, mode, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, DTLS_KEY: own.key, DTLS_CERTIFICATE: own.certificate },
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
  const clients = new IdleClients(mode === 'dtls', port, count);
  try {
    await clients.connectUpTo(FIRST_PEERS);
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
