/** Live: our DTLS against mbedTLS, the library of Godot, in both roles. godot-enet-classes 6. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { peer } from '../../support/peers.ts';
import { Identities, NAME } from './identities.ts';
import { OurClient, OurServer } from './ours.ts';
import { Program } from './program.ts';

const { isMissing, note } = peer('mbedtls');

/** The suites that we have in common with Godot, with the kind of key each needs. */
const SUITES = [
  ['TLS-ECDHE-RSA-WITH-CHACHA20-POLY1305-SHA256', 0xcca8, 'RSA-2048'],
  ['TLS-ECDHE-ECDSA-WITH-CHACHA20-POLY1305-SHA256', 0xcca9, 'P-256'],
  ['TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384', 0xc02c, 'P-256'],
  ['TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384', 0xc030, 'RSA-2048'],
  ['TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256', 0xc02b, 'P-256'],
  ['TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256', 0xc02f, 'RSA-2048'],
] as const;
const CURVES = ['x25519', 'secp256r1', 'secp384r1'] as const;
const KEYS = ['P-256', 'P-384', 'RSA-2048', 'RSA-4096'] as const;

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

type Args = Record<string, string | number>;

async function theirServer(
  key: (typeof KEYS)[number],
  args: Args = {},
): Promise<{ port: number; program: Program }> {
  const { certificateFile: cert, keyFile } = await identities.of(key);
  const program = keep(Program.mbedtls('server', { cert, key: keyFile, ...args }));
  return { port: Number((await program.event('ready'))['port']), program };
}

function theirClient(server: OurServer, args: Args = {}): Program {
  const checks = { verify: 1, ca: identities.rootFile, host: NAME };
  return keep(Program.mbedtls('client', { port: server.port, ...checks, ...args }));
}

describe.skipIf(isMissing)(`their client, our server${note}`, { timeout: 60_000 }, () => {
  const ourServer = async (key: (typeof KEYS)[number], limits = {}): Promise<OurServer> =>
    keep(new OurServer(await identities.of(key), limits));

  test.each(KEYS)('a key of the kind %s', async (key) => {
    const server = await ourServer(key);
    const client = theirClient(server);
    expect(await client.event('open')).toMatchObject({ version: 'DTLSv1.2', helloVerifies: 1 });
    expect(await client.event('echoed')).toMatchObject({ count: 20 });
    await client.event('ended');
    await server.until('the goodbye', () => server.counters.sessions === 0);
    expect(server.counters).toMatchObject({ completed: 1, cookiesSent: 1 });
    expect(server.echoed).toBe(20);
  });

  test.each(SUITES)('%s', async (name, suite, key) => {
    const client = theirClient(await ourServer(key), { suite });
    expect(await client.event('open')).toMatchObject({ suite: name });
    await client.event('echoed');
  });

  test.each(CURVES)('the curve %s', async (curve) => {
    const client = theirClient(await ourServer('RSA-2048'), { curve, verify: 0 });
    await client.event('echoed');
  });

  test('nothing in common: an alert, and no session', async () => {
    const server = await ourServer('P-256');
    // ECDHE-RSA, but our key is ECDSA.
    const client = theirClient(server, { suite: 0xc02f });
    expect(await client.event('error')).toMatchObject({ where: 'handshake', code: 0x7780 });
    await server.until('the failure', () => server.counters.failures.size > 0);
    expect(server.counters).toMatchObject({ completed: 0, sessions: 0, handshakes: 0 });
  });

  test('it refuses a name that is not ours, and we keep nothing', async () => {
    const server = await ourServer('P-256');
    const client = theirClient(server, { host: 'other.example' });
    expect(String((await client.event('refused'))['reasons'])).toContain('Common Name');
    await server.until('the failure', () => server.counters.failures.size > 0);
    expect(server.counters).toMatchObject({ completed: 0, sessions: 0, handshakes: 0 });
    expect([...server.counters.failures.keys()]).toEqual(['ERR_DTLS_ALERT']);
  });

  test('its first datagrams are lost', async () => {
    const client = theirClient(await ourServer('P-256'), { drop: 2 });
    await client.event('echoed');
  });

  test('its later flights come in fragments', async () => {
    const client = theirClient(await ourServer('RSA-2048'), { mtu: 256, max: 150 });
    await client.event('echoed');
  });

  test('it vanishes, and its session is forgotten', async () => {
    const server = await ourServer('P-256', { idleMs: 1500 });
    const client = theirClient(server, { end: 'vanish' });
    await client.event('echoed');
    await client.ended();
    expect(server.counters.sessions).toBe(1);
    await server.until('its end', () => server.counters.sessions === 0);
  });

  test('our goodbye arrives', async () => {
    const server = await ourServer('P-256');
    const client = theirClient(server, { end: 'wait' });
    await client.event('echoed');
    server.close();
    await client.event('closed');
  });

  test('several clients at once', async () => {
    const server = await ourServer('P-256');
    const clients = [1, 2, 3, 4].map(() => theirClient(server));
    for (const client of clients) await client.event('echoed');
    await server.until('the goodbyes', () => server.counters.sessions === 0);
    expect(server.counters.completed).toBe(4);
  });
});

describe.skipIf(isMissing)(`our client, their server${note}`, { timeout: 60_000 }, () => {
  const ourClient = (port: number, name: string | undefined = NAME): OurClient =>
    keep(new OurClient(port, { pem: rootPem }, name));

  test.each(KEYS)('a key of the kind %s', async (key) => {
    const { port, program } = await theirServer(key);
    const client = ourClient(port);
    await client.open();
    expect(await client.echoAll()).toBe(20);
    await program.event('helloVerify');
    expect(await program.event('open')).toMatchObject({ version: 'DTLSv1.2' });
    client.close();
    expect(await program.event('closed')).toMatchObject({ count: 21 });
  });

  test.each(SUITES)('%s', async (name, suite, key) => {
    const { port, program } = await theirServer(key, { suite });
    const client = ourClient(port);
    await client.open();
    await client.echoAll();
    expect(await program.event('open')).toMatchObject({ suite: name });
  });

  test.each(CURVES)('the curve %s', async (curve) => {
    const { port } = await theirServer('RSA-2048', { curve });
    const client = ourClient(port);
    await client.open();
    await client.echoAll(5);
  });

  test('its certificate comes in fragments', async () => {
    const { port } = await theirServer('RSA-4096', { mtu: 256 });
    const client = ourClient(port);
    await client.open();
    await client.echoAll(5, 150);
  });

  test('its first datagrams are lost', async () => {
    const { port } = await theirServer('P-256', { drop: 2 });
    const client = ourClient(port);
    await client.open();
    await client.echoAll(5);
  });

  test('its goodbye ends our session', async () => {
    const { port } = await theirServer('P-256', { count: 4 });
    const client = ourClient(port);
    await client.open();
    await client.echoAll(3);
    await client.until('the goodbye', () => client.failureCode !== undefined);
    expect(client.failureCode).toBe('ERR_DTLS_CLOSED');
    expect(client.counters.sessions).toBe(0);
  });

  const day = 86_400_000;
  test.each([
    ['a wrong name', {}, 'other.example', 'ERR_DTLS_PEER_NAME'],
    ['expired', { to: new Date(Date.now() - day) }, NAME, 'ERR_DTLS_PEER_EXPIRED'],
    ['not yet valid', { from: new Date(Date.now() + day) }, NAME, 'ERR_DTLS_PEER_NOT_YET_VALID'],
  ])('%s: a clear error and no connection', async (title, options, name, code) => {
    const identity = await identities.of('P-256', title, options);
    const { port, program } = await theirServer('P-256', {
      cert: identity.certificateFile,
      key: identity.keyFile,
    });
    const client = ourClient(port, name);
    await expect(client.open()).rejects.toMatchObject({ code });
    // It hears of it as well.
    expect(await program.event('error')).toMatchObject({ where: 'handshake' });
    expect(client.counters.sessions).toBe(0);
    // And who does not ask gets in.
    const unsafe = keep(new OurClient(port, 'anybody'));
    await unsafe.open();
    expect(await unsafe.echoAll(3)).toBe(3);
  });

  test('an authority that we do not trust', async () => {
    const { port } = await theirServer('P-256');
    const client = keep(new OurClient(port, 'system', NAME));
    await expect(client.open()).rejects.toMatchObject({ code: 'ERR_DTLS_PEER_UNTRUSTED' });
  });

  test('no certificate at all', async () => {
    const program = keep(Program.mbedtls('server', {}));
    const port = Number((await program.event('ready'))['port']);
    await expect(ourClient(port).open()).rejects.toMatchObject({ code: 'ERR_DTLS_ALERT' });
  });
});
