/** The package with nothing installed beside it: what is in it, that it runs, and what bundlers make of it. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install, type Project } from './installed.ts';

const MAX_FILES = 2200;
const MAX_ARCHIVE_BYTES = 1_900_000;
const SLOW = { timeout: 180_000 };

let project: Project;
beforeAll(() => {
  project = install();
}, 180_000);
afterAll(() => {
  project.remove();
});

describe('what is packed', () => {
  test('programs, types, guides and the template; no sources, no maps, nothing of the tests', () => {
    const paths = project.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'README.md',
        'CHANGELOG.md',
        'SECURITY.md',
        'LICENSE',
        'docs/guide/enet-server.md',
        'docs/errors.md',
        'schema/scene.schema.json',
        'schema/class_table.gd',
        'examples/netcode/godot/network_time.gd',
        'examples/addons/godot_enet/godot_enet_client.gd',
        'examples/addons/godot_enet/LICENSE',
        'examples/deploy/fleet.yaml',
        'dist/src/inspector/page/licenses.txt',
        'dist/src/node/worker.js',
      ]),
    );
    const allowed =
      /^(README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|package\.json|docs\/.*\.md|schema\/(scene\.schema\.json|class_table\.gd)|examples\/netcode\/godot\/network_time\.gd|examples\/addons\/godot_enet\/(\w+\.gd|README\.md|LICENSE)|examples\/deploy\/[\w./-]+|templates\/project\/.*|dist\/.*(\.js|\.d\.ts)|dist\/src\/inspector\/page\/[\w.]+)$/;
    expect(paths.filter((path) => !allowed.test(path) || path.startsWith('dist/examples'))).toEqual([]);
    expect(paths.length).toBeLessThan(MAX_FILES);
    expect(project.archiveBytes).toBeLessThan(MAX_ARCHIVE_BYTES);
  });

  test('no package is needed, and each that may be is optional', () => {
    const text = readFileSync(join(project.folder, 'node_modules/godot-enet/package.json'), 'utf8');
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta, engines } =
      JSON.parse(text);
    expect([dependencies, optionalDependencies]).toEqual([undefined, undefined]);
    for (const name of Object.keys(peerDependencies))
      expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(engines).toEqual({ node: '>=20' });
  });
});

describe('with nothing beside it', () => {
  test('every entry loads', SLOW, async () => {
    const text = readFileSync(join(project.folder, 'node_modules/godot-enet/package.json'), 'utf8');
    const entries = Object.keys(JSON.parse(text).exports).filter((path) => !/json|worker/.test(path));
    expect(entries).toContain('./server');
    // Node loads ES modules with require() since 20.19 and 22.12.
    const isRequireable = 'require_module' in process.features && process.features.require_module === true;
    const program = entries
      .map((path) => path.replace('.', 'godot-enet'))
      .map((name) => `await import('${name}');${isRequireable ? ` require('${name}');` : ''}`)
      .join('\n');
    expect(
      await project.run(
        project.file(
          'entries.mjs',
          `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${program}
console.log('loaded');
`,
        ),
      ),
    ).toEqual({
      code: 0,
      out: 'loaded\n',
      err: '',
    });
  });

  test('what needs optional packages names them', SLOW, async () => {
    const program = `import { createSelfSignedCertificate } from 'godot-enet/ops';
import { createPrometheusMetrics } from 'godot-enet/ops';
import { SessionTokens } from 'godot-enet/rooms';
import { ENetServer } from 'godot-enet/server';
import { WebSocketMultiplayerPeer } from 'godot-enet/websocket';
const tell = (error) => console.log(error.code, error.message);
await createSelfSignedCertificate().catch(tell);
await createPrometheusMetrics(new ENetServer()).catch(tell);
const keys = [{ id: 'a', algorithm: 'HS256', secret: 'x'.repeat(32) }];
await new SessionTokens({ keys }).issue('ada').catch(tell);
const peer = new WebSocketMultiplayerPeer({ onTrace: console.log });
console.log(peer.createServer(0), peer.createClient('ws://127.0.0.1:1'), peer.getConnectionStatus());`;
    const { out } = await project.run(project.file('certificate.mjs', program));
    expect(out).toMatch(
      /^ERR_PACKAGE_UNAVAILABLE .*npm install reflect-metadata @peculiar\/x509 \(Cannot find module/,
    );
    expect(out).toMatch(/^ERR_PACKAGE_UNAVAILABLE createPrometheusMetrics needs: npm install prom-client/m);
    expect(out).toMatch(
      /^ERR_PACKAGE_UNAVAILABLE SessionTokens needs: npm install jose \(Cannot find package/m,
    );
    expect(out).toMatch(/^WebSocketMultiplayerPeer.createServer: .*npm install ws .*\(ERR_UNAVAILABLE\)$/m);
    expect(out).toMatch(/^2 2 0$/m);
    const { code, err } = await project.run('node_modules/godot-enet/dist/src/cli/main.js', 'cert');
    expect(code).toBe(2);
    expect(err).toMatch(
      /^godot-enet: making certificates needs: npm install reflect-metadata @peculiar\/x509/,
    );
  });

  test('the command line runs', SLOW, async () => {
    const { code, out } = await project.run(
      'node_modules/godot-enet/dist/src/cli/main.js',
      'dissect',
      '--hex',
      '8000000185ff0003',
    );
    expect([code, out.split('\n')[1]]).toEqual([0, '    PING #3']);
  });
});

/** A server in a network thread that echoes one packet of a client. */
const SERVER = `
import { createNodeRuntime } from 'godot-enet/godot';
import { ENetClient, ENetServer } from 'godot-enet/server';

const script = process.argv[2];
const runtime = createNodeRuntime({
  transport: 'dgram',
  threadScript: script === undefined ? undefined : new URL(script),
});
const server = new ENetServer({ runtime, thread: true, bindAddress: '127.0.0.1', onTrace: (text) => console.log(text) });
server.on('packetReceived', (peer, packet) => server.sendPacket(peer.peerId, packet));
const error = server.createServer(0);
if (error !== 0) console.log('error', error);
else {
  const client = new ENetClient();
  client.on('connectedToServer', () => client.sendPacket('hello'));
  client.on('packetReceived', (packet) => {
    console.log('echo', packet);
    client.disconnectFromServer();
    server.stopServer();
  });
  client.connectToServer('127.0.0.1', server.getLocalPort());
}
`;

describe.each([
  ['an ESM bundle', 'esm', 'mjs'],
  ['a CommonJS bundle', 'cjs', 'cjs'],
] as const)('%s of a server', (_title, format, extension) => {
  /** The bundle of a file, in a folder of its own below the project. */
  const bundle = async (entry: string, name: string): Promise<string> => {
    const outfile = join(project.folder, format, name);
    await build({
      absWorkingDir: project.folder,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      logLevel: 'silent',
    });
    return outfile;
  };

  test('without the worker: the error names the option', SLOW, async () => {
    const file = await bundle(project.file('server.mjs', SERVER), `alone/server.${extension}`);
    const { out } = await project.run(file);
    expect(out).toContain('createNodeRuntime({ threadScript })');
    expect(out).toMatch(/^error \d+$/m);
  });

  test('WebSockets: the bundle does not need the package `ws` until it is used', SLOW, async () => {
    const program = `import { WebSocketMultiplayerPeer } from 'godot-enet/websocket';
console.log(new WebSocketMultiplayerPeer({ onTrace: console.log }).createServer(0));`;
    const file = await bundle(project.file('websocket.mjs', program), `websocket/server.${extension}`);
    const { code, out } = await project.run(file);
    expect([code, out]).toEqual([0, expect.stringMatching(/npm install ws .*\n2\n$/)]);
  });

  test(
    'tokens: the bundle has `jose` in it when it was there, and else does without it until a token is made',
    SLOW,
    async () => {
      const program = `import { PlayerDirectory, SessionTokens } from 'godot-enet/rooms';
console.log(new PlayerDirectory().login('ada', 1, 0).kind);
const keys = [{ id: 'a', algorithm: 'HS256', secret: 'x'.repeat(32) }];
new SessionTokens({ keys }).issue('ada').then(({ session }) => console.log(session.player), ({ message }) => console.log(message));`;
      const without = await bundle(project.file('tokens.mjs', program), `without/tokens.${extension}`);
      const missed = await project.run(without);
      expect([missed.code, missed.out]).toEqual([0, expect.stringMatching(/^joined\n.*npm install jose /)]);

      const jose = join(project.folder, 'node_modules/jose');
      cpSync(fileURLToPath(new URL('../../node_modules/jose', import.meta.url)), jose, { recursive: true });
      const file = await bundle(join(project.folder, 'tokens.mjs'), `with/tokens.${extension}`);
      rmSync(jose, { recursive: true });
      expect(await project.run(file)).toEqual({ code: 0, out: 'joined\nada\n', err: '' });
    },
  );

  test('with the worker beside it, and with its place given', SLOW, async () => {
    const file = await bundle(project.file('server.mjs', SERVER), `both/server.${extension}`);
    const worker = await bundle('godot-enet/worker', `elsewhere/net.${extension}`);
    const given = await project.run(file, `file://${worker}`);
    expect(given).toEqual({ code: 0, out: expect.stringContaining('echo hello'), err: '' });
    project.file(join(format, 'both/package.json'), format === 'esm' ? '{"type":"module"}' : '{}');
    await bundle('godot-enet/worker', 'both/worker.js');
    const beside = await project.run(file);
    expect(beside).toEqual({ code: 0, out: expect.stringContaining('echo hello'), err: '' });
  });
});
