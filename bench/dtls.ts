/**
 * What DTLS costs: handshakes per second by kind of key, records per second by suite, and the CPU time of an echo over real
 * sockets with and without it.
 *
 *   npx tsx bench/dtls.ts [--only=handshakes,records,echoes,openssl,memory] [--repeats=5] [--ms=500] [--json > base.json]
 *
 * Everything runs in one process: no line waits for another. All times are CPU time of the process. "server" is the share of the server in the time of a handshake, whose client checks the certificate. A record is
 * measured with all that a session does about it, and beside it node:crypto's own call for the same bytes. An echo is a
 * reliable packet to a server and back, so four datagrams and more; its CPU time is that of both sides. With and without
 * DTLS are measured in turn in the same run; look at the ratio. Figures are medians over the repeats.
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
import { measureOpenssl } from './dtlsOpenssl.ts';
import { describeMachine, median } from './servers.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: 'handshakes,records,echoes,openssl,memory' },
    repeats: { type: 'string', default: '5' },
    ms: { type: 'string', default: '500' },
  },
});
const repeats = Number(values.repeats);
const ms = Number(values.ms);
const only = new Set(values.only.split(','));

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

interface HandshakeRow {
  readonly key: string;
  readonly perSecond: number;
  readonly serverPerSecond: number;
}

function handshakes(ready: Ready): { perSecond: number; serverPerSecond: number } {
  let count = 0;
  let serverMs = 0;
  const began = cpuMs();
  while (cpuMs() - began < ms) {
    const pair = new Pair(ready);
    pair.shakeHands();
    serverMs += pair.serverMs;
    count += 1;
  }
  return {
    perSecond: (count / (cpuMs() - began)) * 1000,
    serverPerSecond: (count / serverMs) * 1000,
  };
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

async function main(): Promise<void> {
  const say = (line: string): void => {
    if (!values.json) console.log(line);
  };
  const handshakeRows: HandshakeRow[] = [];
  for (const [key, options] of only.has('handshakes') ? KEYS : []) {
    const made = await createSelfSignedCertificate({ ...options, names: [NAME] });
    const ready = prepare(made);
    handshakes(ready);
    const samples = Array.from({ length: repeats }, () => handshakes(ready));
    const row = {
      key,
      perSecond: median(samples.map(({ perSecond }) => perSecond)),
      serverPerSecond: median(samples.map(({ serverPerSecond }) => serverPerSecond)),
    };
    handshakeRows.push(row);
    const both = Math.round(row.perSecond).toString().padStart(5);
    const server = Math.round(row.serverPerSecond).toString().padStart(5);
    say(`${key.padEnd(12)} ${both} handshakes/s, both sides; a server alone: ${server}/s`);
  }

  const made = await createSelfSignedCertificate({ names: [NAME] });
  const recordRows = [];
  const suites = DTLS_SUITES.filter((id) => id in SUITE_NAMES);
  for (const suite of only.has('records') ? suites : []) {
    const pair = new Pair(prepare(made), [suite]);
    pair.shakeHands();
    for (const size of SIZES) {
      records(pair, size);
      const cipher = findSuite(suite)?.cipher as NodeCipher;
      const samples = Array.from({ length: repeats }, () => ({
        own: records(pair, size),
        node: nodeAlone(cipher, size),
      }));
      const row = {
        suite: SUITE_NAMES[suite],
        size,
        sealUs: median(samples.map(({ own }) => own.sealUs)),
        openUs: median(samples.map(({ own }) => own.openUs)),
        nodeSealUs: median(samples.map(({ node }) => node.sealUs)),
        nodeOpenUs: median(samples.map(({ node }) => node.openUs)),
        sealRatio: median(samples.map(({ own, node }) => own.sealUs / node.sealUs)),
        openRatio: median(samples.map(({ own, node }) => own.openUs / node.openUs)),
      };
      recordRows.push(row);
      const name = `${row.suite}, ${size} bytes`.padEnd(30);
      say(
        `${name} seal ${row.sealUs.toFixed(2).padStart(6)} us (node:crypto alone ${row.nodeSealUs.toFixed(2)}, ` +
          `ratio ${row.sealRatio.toFixed(2)})  open ${row.openUs.toFixed(2).padStart(6)} us ` +
          `(${row.nodeOpenUs.toFixed(2)}, ratio ${row.openRatio.toFixed(2)})`,
      );
    }
  }

  const echoRows = [];
  for (const size of only.has('echoes') ? [32, 1300] : []) {
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
    const ratio = median(secured.map((us, index) => us / (plain[index] ?? Number.NaN)));
    const row = { size, plainUs: median(plain), dtlsUs: median(secured), ratio };
    echoRows.push(row);
    say(
      `echo of ${size} bytes: ${row.plainUs.toFixed(1)} us of CPU plain, ` +
        `${row.dtlsUs.toFixed(1)} us with DTLS, ratio ${ratio.toFixed(2)}`,
    );
  }
  const openssl = only.has('openssl')
    ? await measureOpenssl(made, NAME, repeats, OPENSSL_HANDSHAKES)
    : undefined;
  if (openssl !== undefined) {
    say(
      `handshake, ECDSA P-256: ${openssl.oursUs.toFixed(0)} us of CPU of our server process, ` +
        `${openssl.theirsUs.toFixed(0)} us of s_server, ratio ${openssl.ratio.toFixed(2)}`,
    );
  }
  const sessionBytes = only.has('memory')
    ? measureSessionBytes(prepare(made).credentials, SESSIONS)
    : undefined;
  if (sessionBytes !== undefined)
    say(`an open session: ${(sessionBytes / 1024).toFixed(1)} KiB at the server`);
  const machine = describeMachine();
  const all = {
    bench: 'dtls',
    machine,
    repeats,
    ms,
    handshakes: handshakeRows,
    records: recordRows,
    echoes: echoRows,
    openssl,
    sessionBytes,
  };
  console.log(values.json ? JSON.stringify(all) : machine);
}

await main();
