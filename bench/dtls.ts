/**
 * What DTLS costs: handshakes per second by kind of key, records per second by suite, and the CPU time of an echo over real
 * sockets with and without it.
 *
 *   npx tsx bench/dtls.ts [--repeats=5] [--ms=500] [--json] [--only=PART]
 *
 * All runs in one process, so that no side waits for another, but for the handshakes beside `openssl s_server`, whose servers have
 * one each. All times are CPU time of a process. "server alone" is the share of the server in the time of a handshake, whose client
 * checks the certificate. A record is measured with all that a session does about it, and beside it node:crypto's own call for the
 * same bytes. An echo is a reliable packet to a server and back, so four datagrams and more; its CPU time is that of both sides. With
 * and without DTLS are measured in turn in the same run; look at the ratio. Figures are medians over the repeats.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { parseArgs } from 'node:util';
import { DtlsClientEndpoint } from '../src/dtls/clientEndpoint.ts';
import type { DtlsWorld } from '../src/dtls/endpoint.ts';
import { readCredentials, type ServerCredentials } from '../src/dtls/identity/credentials.ts';
import { createIdentityCheck, type IdentityCheck } from '../src/dtls/identity/verifyChain.ts';
import { DTLS_SUITES, findSuite } from '../src/dtls/record/cipherSuites.ts';
import { DtlsServerEndpoint } from '../src/dtls/serverEndpoint.ts';
import { ENetConnection, TLSOptions } from '../src/godot.ts';
import {
  createSelfSignedCertificate,
  type SelfSignedCertificate,
  type SelfSignedOptions,
} from '../src/ops/selfSignedCertificate.ts';
import { measureSessionBytes } from './dtlsMemory.ts';
import { measureOpenssl, OPENSSL_GROUPS } from './dtlsOpenssl.ts';
import { isWanted, printRow, ROW_FLAGS, say } from './row.ts';
import { describeMachine, median } from './servers.ts';

const { values } = parseArgs({
  options: {
    ...ROW_FLAGS,
    repeats: { type: 'string', default: '5' },
    ms: { type: 'string', default: '500' },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);

const NAME = 'bench.example';
const HERE = { ip: '127.0.0.1', port: 1 };
const KEYS: readonly (readonly [name: string, options: SelfSignedOptions])[] = [
  ['ECDSA P-256', { keyType: 'ecdsa', curve: 'P-256' }],
  ['ECDSA P-384', { keyType: 'ecdsa', curve: 'P-384' }],
  ['RSA 2048', { keyType: 'rsa', rsaBits: 2048 }],
  ['RSA 4096', { keyType: 'rsa', rsaBits: 4096 }],
];
const SUITE_NAMES: Readonly<Record<number, string>> = {
  49195: 'AES-128-GCM',
  49196: 'AES-256-GCM',
  52393: 'ChaCha20-Poly1305',
};
const SIZES = [100, 1390];
// The types of node:crypto split the AEAD ciphers by kind; the calls are the same.
type NodeCipher = 'aes-128-gcm';

/** What is made once, before the first handshake. */
interface Ready {
  readonly credentials: ServerCredentials;
  readonly verifyServer: IdentityCheck;
}

function prepare(made: SelfSignedCertificate): Ready {
  return {
    credentials: readCredentials(made.key, made.certificate),
    verifyServer: createIdentityCheck({ trust: { pem: made.certificate }, name: NAME }),
  };
}

/** A client and a server that hand their datagrams to each other. */
class Pair {
  readonly server: DtlsServerEndpoint;
  readonly client: DtlsClientEndpoint;
  /** CPU time in the server's code, ms. */
  serverMs = 0;
  received = 0;
  #toServer: Uint8Array[] = [];
  #toClient: Uint8Array[] = [];

  constructor({ credentials, verifyServer }: Ready, suites?: readonly number[]) {
    const world = (outbox: () => Uint8Array[], deliver: () => void): DtlsWorld => ({
      now: () => performance.now(),
      transmit: (bytes) => outbox().push(bytes),
      deliver,
    });
    const chosen = suites === undefined ? {} : { suites };
    this.server = new DtlsServerEndpoint({
      world: world(
        () => this.#toClient,
        () => {
          this.received += 1;
        },
      ),
      credentials,
      ...chosen,
    });
    this.client = new DtlsClientEndpoint({
      world: world(
        () => this.#toServer,
        () => undefined,
      ),
      serverName: NAME,
      verifyServer,
      ...chosen,
    });
  }

  /** Hands over what is under way until nothing is. */
  run(): void {
    while (this.#toServer.length > 0 || this.#toClient.length > 0) {
      const began = cpuMs();
      for (const bytes of this.#toServer.splice(0)) this.server.receive(bytes, HERE);
      this.serverMs += cpuMs() - began;
      for (const bytes of this.#toClient.splice(0)) this.client.receive(bytes, HERE);
    }
  }

  shakeHands(): void {
    this.client.send(new Uint8Array(1), HERE);
    this.run();
    if (this.client.counters.openSessions !== 1) throw new Error('the handshake failed');
  }
}

/** CPU microseconds of a handshake, of both sides and of the server. */
function handshakes(ready: Ready): { bothUs: number; serverUs: number } {
  let count = 0;
  let serverMs = 0;
  const began = cpuMs();
  while (cpuMs() - began < ms) {
    const pair = new Pair(ready);
    pair.shakeHands();
    serverMs += pair.serverMs;
    count += 1;
  }
  return { bothUs: ((cpuMs() - began) / count) * 1000, serverUs: (serverMs / count) * 1000 };
}

/** Microseconds to protect and to open one record. */
function records(pair: Pair, size: number): { sealUs: number; openUs: number } {
  const plaintext = new Uint8Array(size).fill(7);
  let count = 0;
  let sealMs = 0;
  const serverBefore = pair.serverMs;
  const receivedBefore = pair.received;
  const began = cpuMs();
  while (cpuMs() - began < ms) {
    const start = cpuMs();
    for (let index = 0; index < 256; index += 1) pair.client.send(plaintext, HERE);
    sealMs += cpuMs() - start;
    pair.run();
    count += 256;
  }
  if (pair.received - receivedBefore !== count) throw new Error('records were lost');
  return { sealUs: (sealMs / count) * 1000, openUs: ((pair.serverMs - serverBefore) / count) * 1000 };
}

/** Microseconds for what node:crypto alone does about one record of AES-GCM or ChaCha20-Poly1305. */
function nodeAlone(cipherName: NodeCipher, size: number): { sealUs: number; openUs: number } {
  const key = new Uint8Array(cipherName === 'aes-128-gcm' ? 16 : 32);
  const nonce = new Uint8Array(12);
  const additional = new Uint8Array(13);
  const content = new Uint8Array(size).fill(7);
  const options = { authTagLength: 16 };
  const seal = (): [Uint8Array, Uint8Array] => {
    const cipher = createCipheriv(cipherName, key, nonce, options);
    cipher.setAAD(additional, { plaintextLength: size });
    const sealed = cipher.update(content);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  };
  const [sealed, tag] = seal();
  const open = (): void => {
    const decipher = createDecipheriv(cipherName, key, nonce, options);
    decipher.setAuthTag(tag);
    decipher.setAAD(additional, { plaintextLength: size });
    decipher.update(sealed);
    decipher.final();
  };
  return { sealUs: timed(seal), openUs: timed(open) };
}

/** Microseconds of a call. */
function timed(call: () => unknown): number {
  let count = 0;
  const began = cpuMs();
  while (cpuMs() - began < ms / 2) {
    for (let index = 0; index < 256; index += 1) call();
    count += 256;
  }
  return ((cpuMs() - began) / count) * 1000;
}

/** CPU time of this process, user and system, all threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU microseconds per echo over the loopback interface. */
async function echoes(size: number, made: SelfSignedCertificate | undefined): Promise<number> {
  const server = new ENetConnection();
  const client = new ENetConnection();
  server.createHostBound('127.0.0.1', 0);
  client.createHost(1);
  if (made !== undefined) {
    server.dtlsServerSetup(TLSOptions.server(made.key, made.certificate));
    client.dtlsClientSetup(NAME, TLSOptions.client(made.certificate));
  }
  const peer = client.connectToHost('127.0.0.1', server.getLocalPort(), 1);
  if (peer === null) throw new Error('there is no peer');
  const packet = new Uint8Array(size).fill(7);
  const serving = (async () => {
    for await (const [type, from] of server.events()) {
      if (type === ENetConnection.EVENT_RECEIVE) from.send(0, from.getPacket(), 1);
    }
  })();
  let count = 0;
  let warmUntil = 0;
  let before = process.cpuUsage();
  for await (const [type] of client.events()) {
    const now = performance.now();
    if (type === ENetConnection.EVENT_CONNECT) {
      warmUntil = now + ms / 2;
      for (let index = 0; index < UNDER_WAY; index += 1) peer.send(0, packet, 1);
    } else if (type === ENetConnection.EVENT_RECEIVE) {
      peer.getPacket();
      peer.send(0, packet, 1);
      if (now < warmUntil) before = process.cpuUsage();
      else count += 1;
      if (now > warmUntil + ms) break;
    } else throw new Error('the connection ended');
  }
  const { user, system } = process.cpuUsage(before);
  client.destroy();
  server.destroy();
  await serving;
  return (user + system) / count;
}

const UNDER_WAY = 16;
/** In a round with each of the two servers. */
const OPENSSL_HANDSHAKES = 300;
/** How many sessions are weighed. */
const SESSIONS = 500;

say(JSON.stringify(describeMachine()));
for (const [key, options] of KEYS) await measureHandshakes(key, options);
const made = await createSelfSignedCertificate({ names: [NAME] });
for (const suite of DTLS_SUITES) measureRecords(suite);
for (const size of [32, 1300]) await measureEchoes(size);
await measureBesideOpenssl();
measureMemory();

async function measureHandshakes(key: string, options: SelfSignedOptions): Promise<void> {
  const name = `dtls, handshake, ${key}`;
  const [both, server] = [`${name}, both sides`, `${name}, server alone`];
  if (!isWanted(both) && !isWanted(server)) return;
  const ready = prepare(await createSelfSignedCertificate({ ...options, names: [NAME] }));
  handshakes(ready);
  const samples = Array.from({ length: repeats }, () => handshakes(ready));
  const row = { unit: 'us', repeats };
  printRow({ ...row, name: both, figure: median(samples.map(({ bothUs }) => bothUs)) });
  printRow({ ...row, name: server, figure: median(samples.map(({ serverUs }) => serverUs)) });
}

function measureRecords(suite: number): void {
  const suiteName = SUITE_NAMES[suite];
  if (suiteName === undefined) return;
  const cipher = findSuite(suite)?.cipher as NodeCipher;
  const pair = new Pair(prepare(made), [suite]);
  pair.shakeHands();
  for (const size of SIZES) {
    const name = `dtls, record of ${size} bytes, ${suiteName}`;
    const [protect, open] = [`${name}, protect`, `${name}, open`];
    if (!isWanted(protect) && !isWanted(open)) continue;
    records(pair, size);
    const samples = Array.from({ length: repeats }, () => ({
      own: records(pair, size),
      node: nodeAlone(cipher, size),
    }));
    for (const [rowName, key] of [
      [protect, 'sealUs'],
      [open, 'openUs'],
    ] as const) {
      printRow({
        name: rowName,
        figure: median(samples.map(({ own }) => own[key])),
        unit: 'us',
        peer: 'node:crypto',
        peerFigure: median(samples.map(({ node }) => node[key])),
        ratio: median(samples.map(({ own, node }) => own[key] / node[key])),
        repeats,
      });
    }
  }
}

async function measureEchoes(size: number): Promise<void> {
  const name = `dtls, echo of ${size} bytes`;
  if (!isWanted(name)) return;
  const plain: number[] = [];
  const secured: number[] = [];
  for (let round = 0; round <= repeats; round += 1) {
    const without = await echoes(size, undefined);
    const with_ = await echoes(size, made);
    // The first round warms up.
    if (round === 0) continue;
    plain.push(without);
    secured.push(with_);
  }
  printRow({
    name,
    figure: median(secured),
    unit: 'us',
    peer: 'plain',
    peerFigure: median(plain),
    ratio: median(secured.map((us, index) => us / (plain[index] ?? Number.NaN))),
    repeats,
  });
}

async function measureBesideOpenssl(): Promise<void> {
  for (const [group, groups] of OPENSSL_GROUPS) {
    const name = `dtls, handshake, ECDSA P-256${group === 'P-256' ? '' : `, ECDHE ${group}`}`;
    if (!isWanted(name)) continue;
    const row = await measureOpenssl(made, NAME, groups, repeats, OPENSSL_HANDSHAKES);
    if (row === undefined) {
      say(`${name}: needs openssl and Linux`);
      return;
    }
    const { oursUs, theirsUs, ratio, repetitions } = row;
    printRow({ name, figure: oursUs, unit: 'us', peer: 's_server', peerFigure: theirsUs, ratio, repeats });
    if (repetitions > 0) say(`${name}: ${repetitions} flights were sent again`);
  }
}

function measureMemory(): void {
  const name = 'dtls, memory of a session';
  if (!isWanted(name)) return;
  const bytes = measureSessionBytes(prepare(made).credentials, SESSIONS);
  printRow({ name, figure: bytes / 1024, unit: 'KB', repeats: 1 });
}
