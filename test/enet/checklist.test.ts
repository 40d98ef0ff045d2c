/**
 * enet-protocol 12.1 and 12.2: each weakness and each check has a test with its number in the name. What the tests of
 * the clauses do not name is here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { crc32, Packet, PacketFlag, PeerState } from '../../src/enet.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { be, bytes, connected, HostWorld, hex, toHex } from './harness.ts';

expectDiagnoses('the checksum test leaves it out on one side');

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What has no test of the core, and why. */
const WITHOUT_TEST: ReadonlyMap<string, string> = new Map([
  [
    'W20',
    'The protocol has no integrity or secrecy of its own; the counter-measure is DTLS, outside of the core.',
  ],
]);

describe('12 the checklist', () => {
  const spec = readFileSync(join(root, 'docs/protocol/enet-protocol.md'), 'utf8');
  const weaknesses = [...spec.matchAll(/^\| (W\d+) \|/gm)].map(([, name = '']) => name);
  const checks = [...spec.matchAll(/^\*\*([A-K])\. /gm)].map(([, name = '']) => `12.2 ${name}`);
  const clauses = [...weaknesses, ...new Set(checks)];
  const titles = testTitles();

  test('the list is the one of the specification', () => {
    expect(weaknesses).toEqual(Array.from({ length: 22 }, (_, index) => `W${index + 1}`));
    expect(clauses.slice(22)).toEqual([...'ABCDEFGHIJK'].map((letter) => `12.2 ${letter}`));
    expect(titles.length).toBeGreaterThan(400);
  });

  test.each(clauses)('%s', (name) => {
    const found = titles.filter((title) =>
      new RegExp(`(?<![\\w.])${name.replace('.', '\\.')}(?!\\w)`).test(title),
    );
    if (WITHOUT_TEST.has(name)) expect(found).toEqual([]);
    else expect(found.length).toBeGreaterThan(0);
  });
});

const OWN_TITLE = /^\s*test\('((?:[^'\\]|\\.)*)',/;
const TITLE = /(?:(?:test|describe)\(|\)\(|^\s*\[|^\s*)'((?:[^'\\]|\\.)*)',/;

/** The titles of tests and of their rows: text literals that a test could be named by. Comments do not count. */
function testTitles(): string[] {
  const titles: string[] = [];
  for (const folder of ['test/enet', 'test/sim', 'test/interop']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const source = readFileSync(join(root, folder, file), 'utf8');
      // This file also holds rows that are no titles.
      const pattern = file === 'checklist.test.ts' ? OWN_TITLE : TITLE;
      for (const line of source.split('\n')) {
        if (/^\s*(\/?\*|\/\/)/.test(line)) continue;
        const [, title] = pattern.exec(line) ?? [];
        if (title !== undefined) titles.push(title);
      }
    }
  }
  return titles;
}

const fragment = (
  kind: string,
  start: number,
  count: number,
  number: number,
  total: number,
  offset: number,
): string =>
  `${kind}00${be(kind === '88' ? start + number : 0, 2)}${be(start, 2)}0001${be(count, 4)}${be(number, 4)}${be(total, 4)}${be(offset, 4)}aa`;

describe('12.1, the rest', () => {
  test('W4 a fragment count larger than the total costs nothing', () => {
    const { server, client, toClient } = connected();
    for (const kind of ['0c', '88'])
      server.feed(`80000000${fragment(kind, 1, 1_048_576, 0, 1, 0)}`, client.address);
    server.service();
    expect(server.host.dropCount('BAD_FRAGMENT')).toBe(2);
    expect(toClient.waitingBytes).toBe(0);
  });

  test('W6 fragments with holes, overlaps or bytes outside are refused, and nothing is delivered', () => {
    const { server, client, toClient } = connected();
    const pieces: [number, number, number, number][] = [
      [2, 0, 10, 0], // one byte of ten, and the next would start at 5
      [2, 1, 10, 5],
      [2, 1, 2, 0],
      [2, 1, 2, 2],
      [2, 0, 2, 1],
    ];
    for (const [count, number, total, offset] of pieces) {
      server.feed(`80000000${fragment('88', 1, count, number, total, offset)}`, client.address);
    }
    server.service();
    expect(server.host.dropCount('BAD_FRAGMENT')).toBe(pieces.length);
    expect(server.events).toEqual([]);
    expect(toClient.waitingBytes).toBe(0);
  });

  test('W19 with a checksum a DISCONNECT from one who does not know the connectID changes nothing', () => {
    const options = { checksum: crc32 };
    const { server, client, toClient } = connected({ client: options, server: options });
    const forged = (connectId: number): string => {
      const body = '44ff0000 00000000';
      const covered = hex(`0000 ${be(connectId, 4)} ${body}`);
      return `0000 ${be(crc32(covered, 0, covered.length), 4)} ${body}`;
    };
    for (let guess = 0; guess < 500; guess++) server.feed(forged(guess), client.address);
    server.service();
    expect(server.host.dropCount('BAD_CHECKSUM')).toBe(500);
    expect([toClient.state, server.events.length]).toEqual([PeerState.CONNECTED, 0]);
    // The one who knows it is heard.
    server.feed(forged(0x44332211), client.address);
    expect(server.service().map(({ type }) => type)).toEqual([2]);
  });

  test('W8 a stranger who sends one CONNECT gets no more than three times its bytes, at any number of slots', () => {
    const connect = (id: number): string =>
      `8fff1234 82ff0001 0000ffff 00000578 00010000 000000ff 00000000 00000000 00001388 00000002 00000002 ${be(id, 4)} 00000000`;
    const world = new HostWorld();
    const server = world.add({ peerCount: 100 });
    for (let id = 0; id < 100; id++) server.feed(connect(id), { ip: '10.9.9.9', port: 9 });
    world.run(40_000, 20);
    const sent = server.sent.reduce((sum, { bytes: { length } }) => sum + length, 0);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(3 * 100 * hex(connect(1)).length);
  });
});

describe('12.2, the rest', () => {
  const stranger = { ip: '10.9.9.9', port: 9 };

  test('12.2 D CONNECT: values outside of the protocol get no slot, odd ones are brought within bounds', () => {
    const attempt = (fields: {
      remoteId?: number;
      channels?: number;
      mtu?: number;
      window?: number;
    }): HostWorld => {
      const { remoteId = 0, channels = 2, mtu = 1400, window = 65_536 } = fields;
      const world = new HostWorld();
      world
        .add()
        .feed(
          `8fff1234 82ff0001 ${be(remoteId, 2)}ffff ${be(mtu, 4)} ${be(window, 4)} ${be(channels, 4)} 00000000 00000000 00001388 00000002 00000002 00000001 00000000`,
          stranger,
        );
      world.step();
      return world;
    };
    const server = (world: HostWorld): number => world.members[0]?.host.dropCount('BAD_CONNECT') ?? -1;
    for (const bad of [{ remoteId: 0xfff }, { remoteId: 0xffff }, { channels: 0 }, { channels: 256 }]) {
      expect(server(attempt(bad)), JSON.stringify(bad)).toBe(1);
    }
    for (const [mtu, expected] of [
      [0, 576],
      [0xffffffff, 1392],
    ] as const) {
      const world = attempt({ mtu, window: 0 });
      expect(server(world)).toBe(0);
      expect([...(world.members[0]?.host.peers() ?? [])].map(({ mtuBytes }) => mtuBytes)).toEqual([expected]);
    }
  });

  test('12.2 E VERIFY_CONNECT: only when connecting, only as asked, never with more channels', () => {
    const world = new HostWorld();
    const client = world.add();
    const peer = client.host.connect(stranger, 2, 0);
    client.service();
    const verify = (remoteId: number, sessions: string, channels: number, throttle = 5000): string =>
      `80000001 83ff0001 ${be(remoteId, 2)}${sessions} 00000570 00010000 ${be(channels, 4)} 00000000 00000000 ${be(throttle, 4)} 00000002 00000002 44332211`;
    for (const bad of [verify(0xfff, '0000', 2), verify(0, '0400', 2), verify(0, '0004', 2)]) {
      client.feed(bad, stranger);
      client.service();
      expect(peer?.state, bad).toBe(PeerState.CONNECTING);
    }
    expect(client.host.dropCount('BAD_CONNECT')).toBe(3);
    client.feed(verify(0, '0000', 3), stranger);
    client.service();
    expect([peer?.state, peer?.channelCount]).toEqual([PeerState.CONNECTED, 2]);
    client.feed(verify(5, '0303', 1), stranger);
    client.service();
    expect([peer?.state, peer?.channelCount]).toEqual([PeerState.CONNECTED, 2]);
  });

  test('12.2 I after 80 sendings of one packet and a jump of the clock the numbers are still sound', () => {
    const { world, client, toServer } = connected({ startMs: 0xffff_0000 });
    toServer.setTimeout(0xffffffff, 0xffffffff, 0xffffffff);
    client.path = () => ({ copies: 0 });
    toServer.send(0, new Packet(bytes('x'), PacketFlag.RELIABLE));
    for (let i = 0; i < 80 && toServer.state === PeerState.CONNECTED; i++) {
      client.service();
      world.skip(Math.min(client.host.nextWakeup(world.now) ?? 1, 3_600_000));
    }
    const { rttMs, rttVarianceMs, packetLoss, packetLossVariance, outgoingBytes, throttle } = toServer;
    for (const value of [rttMs, rttVarianceMs, packetLoss, packetLossVariance, outgoingBytes, throttle]) {
      expect(Number.isInteger(value) && value >= 0 && value <= 0xffffffff).toBe(true);
    }
    expect(toHex(client.sent.at(-1)?.bytes ?? new Uint8Array()).length).toBeGreaterThan(4);
  });
});
