/**
 * What a flood of DTLS hellos with valid cookies from one address costs a server: per hello that begins a handshake (as all did
 * before there were rates), and per hello of the flood as it is, most of which are refused before the key and the signature.
 *
 *   npx tsx bench/dtlsFlood.ts [--hellos=2000]
 *
 * In one process, without sockets; the time is that of the server alone.
 */
import { parseArgs } from 'node:util';
import { DtlsClientEndpoint } from '../src/dtls/clientEndpoint.ts';
import { readCredentials } from '../src/dtls/identity/credentials.ts';
import { DtlsServerEndpoint } from '../src/dtls/serverEndpoint.ts';
import type { Address } from '../src/enet/address.ts';
import { createSelfSignedCertificate, type SelfSignedOptions } from '../src/ops/selfSignedCertificate.ts';
import { describeMachine } from './servers.ts';

const { values } = parseArgs({ options: { hellos: { type: 'string', default: '2000' } } });
const hellos = Number(values.hellos);
const SERVER: Address = { ip: '127.0.0.1', port: 1 };
const NOTHING: Uint8Array = new Uint8Array(0);
const KEYS: readonly (readonly [name: string, options: SelfSignedOptions])[] = [
  ['ECDSA P-256', { keyType: 'ecdsa', curve: 'P-256' }],
  ['RSA 2048', { keyType: 'rsa', rsaBits: 2048 }],
  ['RSA 4096', { keyType: 'rsa', rsaBits: 4096 }],
];

console.log(describeMachine());
for (const [name, options] of KEYS) {
  const made = await createSelfSignedCertificate(options);
  let answer: Uint8Array = NOTHING;
  const server = new DtlsServerEndpoint({
    credentials: readCredentials(made.key, made.certificate),
    world: {
      now: () => performance.now(),
      transmit: (bytes) => {
        answer = bytes;
      },
      deliver: () => undefined,
    },
  });
  const flood = Array.from({ length: hellos }, (_, n) => {
    const from: Address = { ip: '10.0.0.1', port: 1024 + n };
    const sent: Uint8Array[] = [];
    const client = new DtlsClientEndpoint({
      world: { now: () => 0, transmit: (bytes) => sent.push(bytes), deliver: () => undefined },
      verifyServer: () => undefined,
    });
    client.send(NOTHING, SERVER);
    server.receive(sent[0] ?? NOTHING, from);
    client.receive(answer, SERVER);
    return { from, bytes: sent[1] ?? NOTHING };
  });
  let begunMs = 0;
  let begun = 0;
  let refusedMs = 0;
  for (const { from, bytes } of flood) {
    const before = server.counters.handshakes;
    const start = performance.now();
    server.receive(bytes, from);
    const took = performance.now() - start;
    if (server.counters.handshakes > before) {
      begun += 1;
      begunMs += took;
    } else {
      refusedMs += took;
    }
  }
  const micros = (ms: number, count: number): string => `${((ms / count) * 1000).toFixed(1)} us`;
  console.log(
    `${name}: ${micros(begunMs, begun)} per hello that begins a handshake (${begun} of ${hellos}), ` +
      `${micros(refusedMs, hellos - begun)} per refused one, ${micros(begunMs + refusedMs, hellos)} per hello of the flood`,
  );
  server.close();
}
