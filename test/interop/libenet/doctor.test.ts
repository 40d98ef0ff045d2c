/** The connection doctor and libenet: clients and servers with checksums and with the range coder. */
import { afterEach, describe, expect, test } from 'vitest';
import { probeServer } from '../../../src/cli/doctor/probe.ts';
import { ENetMultiplayerPeer, GodotThreeMultiplayerPeer } from '../../../src/godot.ts';
import { nodeRuntime } from '../../../src/node/nodeRuntime.ts';
import { expectDiagnoses } from '../../support/diagnoses.ts';
import { peer } from '../../support/peers.ts';
import type { Args } from './actor.ts';
import { CPeer } from './cPeer.ts';
import { numberOf } from './numberOf.ts';

expectDiagnoses('clients and servers that do not fit together are what it is about');

const { isMissing, note } = peer('libenet');
/** What a multiplayer client sends as data. */
const ID = 0x4a11_22ff;

describe.skipIf(isMissing)(`the connection doctor and libenet${note}`, () => {
  const actors: CPeer[] = [];
  afterEach(async () => {
    await Promise.all(actors.splice(0).map((actor) => actor.close()));
  });

  async function start(name: string): Promise<CPeer> {
    const actor = await CPeer.start(name);
    actors.push(actor);
    return actor;
  }

  const misfits: [string, Args, string, string][] = [
    ['checksums', { checksum: 1 }, 'OTHER_CHECKSUM', 'checksum'],
    ['the range coder', { range: 1 }, 'OTHER_COMPRESSION', 'compresses with range coder, this host has no'],
  ];
  test.each(misfits)('a client with %s at an ENetMultiplayerPeer', async (_name, host, code, words) => {
    let tell: (line: readonly [string, string]) => void = () => undefined;
    const told = new Promise<readonly [string, string]>((resolve) => {
      tell = resolve;
    });
    const server = new ENetMultiplayerPeer({
      onWake: () => server.poll(),
      onDiagnosis: (diagnosis) => tell([diagnosis.code, diagnosis.message]),
    });
    server.setBindIp('127.0.0.1');
    expect(server.createServer(0)).toBe(0);
    try {
      const client = await start('C client');
      await client.run('host', { peers: 1, ...host });
      await client.run('connect', { port: server.host?.getLocalPort() ?? 0, channels: 255, data: ID });
      const [foundCode, message] = await told;
      expect(foundCode).toBe(code);
      expect(message).toContain(words);
    } finally {
      server.close();
    }
  });

  test('a client with the range coder fits a GodotThreeMultiplayerPeer without compression', async () => {
    const codes: string[] = [];
    const server = new GodotThreeMultiplayerPeer({
      onWake: () => server.poll(),
      onDiagnosis: ({ code }) => codes.push(code),
    });
    server.setBindIp('127.0.0.1');
    expect(server.createServer(0)).toBe(0);
    try {
      const connected = new Promise<number>((resolve) => server.once('peerConnected', resolve));
      const client = await start('C client');
      await client.run('host', { peers: 1, range: 1 });
      await client.run('connect', { port: server.host?.getLocalPort() ?? 0, channels: 3, data: ID });
      expect(await connected).toBe(ID);
      expect(codes).toEqual([]);
    } finally {
      server.close();
    }
  });

  const servers: [string, Args, string, string][] = [
    ['nothing special', {}, 'ENET', 'none'],
    ['checksums', { checksum: 1 }, 'ENET_WITH_CHECKSUM', 'none'],
    ['the range coder', { range: 1 }, 'ENET', 'range coder'],
    ['both', { checksum: 1, range: 1 }, 'ENET_WITH_CHECKSUM', 'range coder'],
  ];
  test.each(servers)('`godot-enet doctor` at a server with %s', async (_name, host, verdict, compression) => {
    const server = await start('C server');
    const bound = await server.run('host', { bind: 1, peers: 4, ...host });
    const report = await probeServer({
      runtime: nodeRuntime,
      host: '127.0.0.1',
      port: numberOf(bound, 'port'),
      timeoutMs: 2000,
      watchMs: 1000,
    });
    expect(report).toMatchObject({
      verdict,
      compression,
      answer: { stays: true, disconnectData: undefined },
    });
    await server.inbox.wait('disconnect');
  });
});
