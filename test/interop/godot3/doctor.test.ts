/** The connection doctor and real Godot 3: what a client of it is told at other servers, and what `doctor` says of its server. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { probeServer } from '../../../src/cli/doctor/probe.ts';
import { ENetMultiplayerPeer, prepareZstd } from '../../../src/godot.ts';
import { nodeRuntime } from '../../../src/node/nodeRuntime.ts';
import { ENetServer } from '../../../src/server.ts';
import { expectDiagnoses } from '../../support/diagnoses.ts';
import { peer } from '../../support/peers.ts';
import { Stage } from './game.ts';

expectDiagnoses('clients and servers that do not fit together are what it is about');

const { isMissing, note } = peer('godot3');

/** What a doctor told, and who waits for it. */
class Report {
  readonly codes: string[] = [];
  readonly messages: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly add = ({ code, message }: { readonly code: string; readonly message: string }): void => {
    this.codes.push(code);
    this.messages.push(message);
    for (const wake of this.#waiting) wake();
  };

  async wait(code: string): Promise<string> {
    const deadline = performance.now() + 20_000;
    while (!this.codes.includes(code)) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no ${code}: ${this.messages.join('; ') || 'nothing was said'}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
    return this.messages[this.codes.indexOf(code)] ?? '';
  }
}

describe.skipIf(isMissing)(`the connection doctor and Godot 3${note}`, () => {
  const stage = new Stage();
  const cleanups: (() => void)[] = [];

  beforeAll(async () => {
    await prepareZstd();
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) cleanup();
    await stage.clear();
  });

  test('a client at an ENetServer', async () => {
    const report = new Report();
    const server = new ENetServer({ bindAddress: '127.0.0.1', onDiagnosis: report.add });
    cleanups.push(() => server.stopServer());
    expect(server.createServer(0)).toBe(0);
    await stage.realClient(server.getLocalPort());
    expect(await report.wait('GODOT3_CLIENT')).toContain('GodotThreeMultiplayerPeer');
    expect(report.codes).toEqual(['GODOT3_CLIENT']);
  });

  test('a client at an ENetMultiplayerPeer', async () => {
    const { server, report } = open();
    await stage.realClient(server.host?.getLocalPort() ?? 0);
    expect(await report.wait('GODOT3_CLIENT')).toContain('ENetMultiplayerPeer for Godot 4');
    expect(report.codes).toEqual(['GODOT3_CLIENT']);
  });

  test.each([
    [1, 'range coder'],
    [2, 'FastLZ'],
    [3, 'zlib'],
  ] as const)('a client with compression %i at a host without', async (mode, name) => {
    const { server, report } = open();
    stage.startClient(server.host?.getLocalPort() ?? 0, { COMPRESSION: String(mode) });
    const message = await report.wait('OTHER_COMPRESSION');
    expect(message).toContain(`compresses with ${name}, this host has no compression`);
    expect(message).toContain(`here or COMPRESS_NONE there`);
  });

  // Its handshake does not get shorter, so it is connected, and fails with the first longer datagram.
  test('a client with zstd at a host without', async () => {
    const report = new Report();
    const server = stage.server(0, 3, { onDiagnosis: report.add });
    const { id } = await stage.realClient(server.port, { COMPRESSION: '4' });
    await server.event(`peerConnected ${id}`);
    server.call(id, 'echo', 'all work and no play. '.repeat(40));
    expect(await report.wait('OTHER_COMPRESSION')).toContain('compresses with zstd');
  });

  test('a client that fits is told nothing', async () => {
    const report = new Report();
    const server = stage.server(0, 3, { onDiagnosis: report.add });
    const { id } = await stage.realClient(server.port);
    await server.event(`peerConnected ${id}`);
    expect(report.messages).toEqual([]);
  });

  test.each([
    [0, 'none'],
    [1, 'range coder'],
    [2, 'FastLZ'],
    [4, 'zstd'],
  ] as const)('its server, with compression %i, asked by `godot-enet doctor`', async (mode, name) => {
    const { engine, port } = await stage.realServer({ COMPRESSION: String(mode) });
    const report = await probeServer({
      runtime: nodeRuntime,
      host: '127.0.0.1',
      port,
      timeoutMs: 3000,
      watchMs: 1000,
    });
    expect(report).toMatchObject({
      verdict: 'ENET',
      compression: name,
      answer: { channels: 3, stays: false, disconnectData: undefined },
    });
    expect(report.lines.join('\n')).toContain(
      "goes silent towards a client without a multiplayer id: probably Godot 3's",
    );
    expect(engine.all('peer_connected ')).toEqual([]);
  });

  function open(): { server: ENetMultiplayerPeer; report: Report } {
    const report = new Report();
    const server = new ENetMultiplayerPeer({ onDiagnosis: report.add, onWake: () => server.poll() });
    cleanups.push(() => server.close());
    server.setBindIp('127.0.0.1');
    expect(server.createServer(0)).toBe(0);
    return { server, report };
  }
});
