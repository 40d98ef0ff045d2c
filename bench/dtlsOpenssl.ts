/**
 * What a full handshake costs a server, ours and OpenSSL's `s_server`, each in a process of its own: the same client does
 * one with the one, then one with the other. It offers ECDHE with ECDSA, AES-128-GCM and one group. Ours asks for a cookie, as
 * it always does, `s_server` does not, and ours has a host of ENet above it. The CPU time of both is read from /proc.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DtlsClientEndpoint } from '../src/dtls/clientEndpoint.ts';
import { createIdentityCheck, type IdentityCheck } from '../src/dtls/identity/verifyChain.ts';
import type { SelfSignedCertificate } from '../src/ops/selfSignedCertificate.ts';
import { freePort } from '../test/support/freePort.ts';
import { buildServers } from './childServer.ts';
import { median } from './servers.ts';

/** CPU of a server for one handshake. */
export interface OpensslRow {
  /** Ours, in microseconds. */
  readonly oursUs: number;
  /** That of `openssl s_server`. */
  readonly theirsUs: number;
  /** The median of the ratios of the rounds. */
  readonly ratio: number;
  /** How many flights were sent again, of all handshakes. */
  readonly repetitions: number;
}

/** The groups that are measured, by the names of the rows. */
export const OPENSSL_GROUPS: ReadonlyMap<string, readonly number[]> = new Map([
  ['P-256', [23]],
  // RFC 8422 5.1: the curve of the certificate must be offered as well.
  ['x25519', [29, 23]],
]);

/** Measures both. @returns undefined when there is no `openssl` here, or no /proc. */
export async function measureOpenssl(
  made: SelfSignedCertificate,
  name: string,
  groups: readonly number[],
  repeats: number,
  handshakes: number,
): Promise<OpensslRow | undefined> {
  if (process.platform !== 'linux' || spawnSync('openssl', ['version']).status !== 0) return undefined;
  buildServers();
  const folder = mkdtempSync(join(tmpdir(), 'dtls-bench-'));
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  writeFileSync(keyFile, made.key, { mode: 0o600 });
  writeFileSync(certificateFile, made.certificate);
  const ours = await startOurs(keyFile, certificateFile);
  const theirs = await startTheirs(keyFile, certificateFile);
  const verifyServer = createIdentityCheck({ trust: { pem: made.certificate }, name });
  const rows: [ours: number, theirs: number][] = [];
  let repetitions = 0;
  try {
    for (let round = 0; round <= repeats; round += 1) {
      const before = [cpuUs(ours), cpuUs(theirs)] as const;
      for (let index = 0; index < handshakes; index += 1) {
        for (const { port } of [ours, theirs]) {
          const again = await shakeHands(port, name, groups, verifyServer);
          if (round > 0) repetitions += again;
        }
      }
      // The first round warms up.
      if (round === 0) continue;
      rows.push([(cpuUs(ours) - before[0]) / handshakes, (cpuUs(theirs) - before[1]) / handshakes]);
    }
  } finally {
    for (const { child } of [ours, theirs]) {
      child.kill();
      await once(child, 'close');
    }
    rmSync(folder, { recursive: true });
  }
  return {
    oursUs: median(rows.map(([us]) => us)),
    theirsUs: median(rows.map(([, us]) => us)),
    ratio: median(rows.map(([own, their]) => own / their)),
    repetitions,
  };
}

interface Server {
  readonly port: number;
  readonly child: ChildProcess;
}

/** CPU time of a server so far. proc(5): user and system time in ticks of 10 ms, the 12th and 13th field behind the name. */
function cpuUs({ child }: Server): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function startOurs(keyFile: string, certificateFile: string): Promise<Server> {
  const script = fileURLToPath(new URL('../.build/bench/bench/dtlsServer.js', import.meta.url));
  const child = spawn(process.execPath, [script, keyFile, certificateFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { port: Number(line), child };
}

async function startTheirs(keyFile: string, certificateFile: string): Promise<Server> {
  const port = await freePort();
  const files = ['-key', keyFile, '-cert', certificateFile];
  const child = spawn('openssl', ['s_server', '-dtls1_2', '-port', String(port), ...files], {
    // It ends with its input.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return { port, child };
}

/** One handshake and a goodbye, from a port of its own. @returns how many flights were sent again, after a second. */
async function shakeHands(
  port: number,
  name: string,
  groups: readonly number[],
  verifyServer: IdentityCheck,
): Promise<number> {
  const socket: Socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const to = { ip: '127.0.0.1', port };
  const repetitions = await new Promise<number>((resolve, reject) => {
    const client = new DtlsClientEndpoint({
      world: {
        now: () => performance.now(),
        transmit: (bytes) => socket.send(bytes, port, to.ip),
        deliver: () => undefined,
        onEvent: ({ type }) => {
          if (type === 'open') setImmediate(done);
          else if (type === 'failed') reject(new Error('the handshake failed'));
        },
      },
      serverName: name,
      verifyServer,
      suites: [AES_128_GCM],
      groups,
    });
    const timer = setInterval(() => client.service(), RESEND_MS);
    const done = (): void => {
      clearInterval(timer);
      client.close();
      resolve(client.counters.retransmissions);
    };
    socket.on('message', (bytes) => client.receive(bytes, to));
    client.send(new Uint8Array(1), to);
  });
  // What is queued leaves before.
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return repetitions;
}

/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256. */
const AES_128_GCM = 0xc02b;
const RESEND_MS = 100;
