/** Live: our DTLS against OpenSSL's command line, in both roles. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../support/freePort.ts';
import { peer } from '../../support/peers.ts';
import { Identities, NAME } from './identities.ts';
import { OurClient, OurServer } from './ours.ts';
import { Program } from './program.ts';

const { isMissing, note } = peer('openssl');

const CASES = [
  // The groups also say which curves a certificate may have.
  ['ECDHE-ECDSA-CHACHA20-POLY1305', 'X25519:P-256', 'P-256'],
  ['ECDHE-RSA-CHACHA20-POLY1305', 'P-256', 'RSA-2048'],
  ['ECDHE-ECDSA-AES256-GCM-SHA384', 'P-384', 'P-384'],
  ['ECDHE-RSA-AES256-GCM-SHA384', 'X25519', 'RSA-4096'],
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'P-256', 'P-256'],
  ['ECDHE-RSA-AES128-GCM-SHA256', 'P-384', 'RSA-2048'],
] as const;

const identities = new Identities();
let rootPem = '';
beforeAll(async () => {
  rootPem = (await identities.root()).certificate;
});
afterAll(() => identities.remove());

const open: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
function keep<T extends { close(): void | Promise<void> }>(one: T): T {
  open.push(one);
  return one;
}

describe.skipIf(isMissing)(`OpenSSL${note}`, { timeout: 60_000 }, () => {
  test.each(CASES)('s_client -cipher %s -groups %s, our server with %s', async (cipher, group, key) => {
    const server = keep(new OurServer(await identities.of(key)));
    const args = ['-dtls1_2', '-connect', `127.0.0.1:${server.port}`, '-cipher', cipher, '-groups', group];
    const checks = ['-CAfile', identities.rootFile, '-verify_hostname', NAME, '-verify_return_error'];
    const client = keep(new Program('openssl', ['s_client', ...args, ...checks]));
    await client.output('Verify return code: 0 (ok)');
    expect(client.lines.join('\n')).toContain(`Cipher is ${cipher}`);
    for (let index = 0; index < 5; index += 1) {
      const line = `datagram ${index} `.padEnd(11 + index * 340, 'x');
      client.write(`${line}\n`);
      await client.line(line);
    }
    expect(server.echoed).toBe(5);
    // "Q" at the start of a line makes it say goodbye.
    client.write('Q\n');
    await client.ended();
    await server.until('the goodbye', () => server.counters.sessions === 0);
    expect(server.counters).toMatchObject({ completed: 1, cookiesSent: 1 });
  });

  test.each(CASES)('s_server -cipher %s -groups %s, our client, with %s', async (cipher, group, key) => {
    const port = await freePort();
    const { certificateFile, keyFile } = await identities.of(key);
    const args = ['-dtls1_2', '-listen', '-port', String(port), '-cert', certificateFile, '-key', keyFile];
    const server = keep(new Program('openssl', ['s_server', ...args, '-cipher', cipher, '-groups', group]));
    await server.output('ACCEPT');
    const client = keep(new OurClient(port, { pem: rootPem }, NAME));
    await client.open();
    for (let index = 0; index < 5; index += 1) {
      const line = `${index}`.padEnd(1 + index * 340, 'y');
      client.send(Buffer.from(`${line}\n`));
      await server.line(line);
      server.write(`${line}\n`);
      expect(await client.next()).toBe(`${line}\n`);
    }
    await server.output(`CIPHER is ${cipher}`);
    client.close();
    await server.output('DONE');
  });

  test('s_client refuses a certificate that it does not trust', async () => {
    const server = keep(new OurServer(await identities.of('P-256')));
    const args = ['-dtls1_2', '-connect', `127.0.0.1:${server.port}`, '-verify_return_error', '-CAfile'];
    const other = (await identities.of('P-256', 'other')).certificateFile;
    const client = keep(new Program('openssl', ['s_client', ...args, other]));
    await client.output('verify error');
    await server.until('the failure', () => server.counters.failures.size > 0);
    expect(server.counters).toMatchObject({ completed: 0, sessions: 0, handshakes: 0 });
  });
});
