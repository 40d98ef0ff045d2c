/**
 * What a full handshake costs a server, ours and OpenSSL's `s_server`, each in a process of its own: the same client does
 * one after the other with both, in turn. The client offers what Godot's does first: ECDHE with ECDSA, P-256, AES-128-GCM.
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
}

/** Measures both. @returns undefined when there is no `openssl` here, or no /proc. */
export async function measureOpenssl(
  made: SelfSignedCertificate,
  name: string,
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
  try {
    for (let round = 0; round <= repeats; round += 1) {
      const row: number[] = [];
      for (const server of [ours, theirs]) {
        const before = await server.cpuUs();
        for (let index = 0; index < handshakes; index += 1) await shakeHands(server.port, name, verifyServer);
        row.push(((await server.cpuUs()) - before) / handshakes);
      }
      // The first round warms up.
      if (round > 0) rows.push([row[0] ?? Number.NaN, row[1] ?? Number.NaN]);
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
  };
}

interface Server {
  readonly port: number;
  readonly child: ChildProcess;
  /** CPU time so far. */
  cpuUs(): Promise<number>;
}

async function startOurs(keyFile: string, certificateFile: string): Promise<Server> {
  const script = fileURLToPath(new URL('../.build/bench/bench/dtlsServer.js', import.meta.url));
  const child = spawn(process.execPath, [script, keyFile, certificateFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<number> => Number((await lines.next()).value);
  return {
    port: await next(),
    child,
    cpuUs: () => {
      child.stdin.write('\n');
      return next();
    },
  };
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
  return {
    port,
    child,
    // proc(5): user and system time in ticks of 10 ms, the 12th and 13th field behind the name.
    cpuUs: async () => {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10_000;
    },
  };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** One handshake and a goodbye, from a port of its own. A lost datagram is sent again after a second. */
async function shakeHands(port: number, name: string, verifyServer: IdentityCheck): Promise<void> {
  const socket: Socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const to = { ip: '127.0.0.1', port };
  await new Promise<void>((resolve, reject) => {
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
    });
    const timer = setInterval(() => client.service(), RESEND_MS);
    const done = (): void => {
      clearInterval(timer);
      client.close();
      resolve();
    };
    socket.on('message', (bytes) => client.receive(bytes, to));
    client.send(new Uint8Array(1), to);
  });
  // What is queued leaves before.
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256. */
const AES_128_GCM = 0xc02b;
const RESEND_MS = 100;
