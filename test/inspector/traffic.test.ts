/** The recorded traffic: the ring, filters that keep their matches, details, files. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDatagram, openCapture } from '../../src/dissect/internal.ts';
import { Host, Packet, PacketFlag } from '../../src/enet.ts';
import type { DatagramDetails } from '../../src/inspector/protocol.ts';
import { AddressMeter } from '../../src/inspector/traffic/AddressMeter.ts';
import { DatagramReader } from '../../src/inspector/traffic/DatagramReader.ts';
import { type DatagramRecord, DatagramRing, RecordKind } from '../../src/inspector/traffic/DatagramRing.ts';
import { datagramDetails } from '../../src/inspector/traffic/details.ts';
import { pcapngParts, sessionParts } from '../../src/inspector/traffic/exports.ts';
import { readFilter } from '../../src/inspector/traffic/filter.ts';
import { TrafficRecorder } from '../../src/inspector/traffic/TrafficRecorder.ts';
import { TrafficStore } from '../../src/inspector/traffic/TrafficStore.ts';
import { parseSession, recordHost, replaySession } from '../../src/testing.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import * as servers from './servers.ts';
import { ask, closing, makeInspector, openStream, talk } from './support.ts';

expectDiagnoses('it shows a datagram that is no ENet');

const NOBODY = { key: undefined, peerId: 0, kind: 'value', dissector: undefined } as const;
const HOUR = 3_600_000;

function recordOf(number: number, bytes: Uint8Array, timeMs = number): DatagramRecord {
  return {
    number,
    timeMs,
    hostMs: timeMs >>> 0,
    kind: RecordKind.IN,
    reason: 0,
    commandAt: -1,
    ip: '192.0.2.7',
    port: 4000,
    size: bytes.length,
    bytes,
  };
}

async function details(url: string, number: number): Promise<DatagramDetails> {
  return JSON.parse((await ask(new URL(`traffic/${number}`, url))).body) as DatagramDetails;
}

describe('the ring', () => {
  test('gives back what was put in, and lets the oldest go; its memory stays', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(sizes, (list) => {
        const ring = new DatagramRing(262_144, HOUR);
        list.forEach((size, index) => {
          ring.append(recordOf(index + 1, new Uint8Array(size).fill(index)));
          expect(ring.bytes).toBeLessThanOrEqual(262_144);
        });
        expect(ring.end).toBe(list.length);
        for (let index = ring.first; index < ring.end; index++) {
          const record = ring.at(index);
          expect(record).toMatchObject({ number: index + 1, ip: '192.0.2.7', port: 4000, size: list[index] });
          expect(record?.bytes.length).toBe(Math.min(4096, list[index] ?? 0));
          expect(record?.bytes.every((byte) => byte === (index & 0xff))).toBe(true);
          expect(ring.indexOf(index + 1)).toBe(index);
        }
        expect([ring.at(ring.first - 1), ring.at(ring.end), ring.indexOf(list.length + 1)]).toEqual([
          undefined,
          undefined,
          undefined,
        ]);
      }),
      { numRuns: 50 },
    );
  });

  test('what is too old goes, though there would be room', () => {
    const ring = new DatagramRing(1_048_576, 1000);
    for (let i = 0; i < 100; i++) ring.append(recordOf(i + 1, new Uint8Array(1000), i * 100));
    ring.expire(20_000);
    expect([ring.first, ring.end]).toEqual([100, 100]);
    ring.clear();
    expect(ring.bytes).toBe(0);
  });

  test('a million datagrams take no more than was said', () => {
    const recorder = new TrafficRecorder(4_194_304, HOUR, () => 0);
    recorder.recordingSinceMs = 0;
    const bytes = new Uint8Array(100);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_000_000; i++)
      recorder.trace.received?.(i, bytes, { ip: '2001:db8::1', port: i & 0xffff });
    expect(recorder.ring.bytes).toBeLessThanOrEqual(4_194_304);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_388_608);
    expect(recorder.totals.datagramsIn).toBe(1_000_000);
  });

  test('nothing is recorded while nobody looks, and everything is counted', () => {
    const recorder = new TrafficRecorder(4_194_304, HOUR, () => 0);
    recorder.trace.sent?.(1, new Uint8Array(10), { ip: '192.0.2.1', port: 1 });
    expect([recorder.ring.end, recorder.totals.bytesOut, recorder.ring.bytes]).toEqual([0, 10, 0]);
  });
});

describe('bytes by address', () => {
  test('are counted for each, bounded, and forgotten after a minute of silence', () => {
    const meter = new AddressMeter();
    const one = { ip: '192.0.2.1', port: 7 };
    meter.count(one, true, 10);
    meter.count(one, false, 30);
    meter.count(one, true, 5);
    expect(meter.of('192.0.2.1', 7)).toMatchObject({
      packetsIn: 2,
      bytesIn: 15,
      packetsOut: 1,
      bytesOut: 30,
    });
    for (let i = 0; i < 10_000; i++) meter.count({ ip: `10.0.${i >> 8}.${i & 255}`, port: 1 }, true, 1);
    expect(meter.of('10.0.31.254', 1)).toBeDefined();
    expect(meter.of('10.0.39.15', 1)).toBeUndefined();
    for (let i = 0; i < 120; i++) {
      meter.sweep();
      meter.count(one, true, 1);
    }
    expect(meter.of('10.0.31.254', 1)).toBeUndefined();
    expect(meter.of('192.0.2.1', 7)?.packetsIn).toBe(122);
  });
});

describe('filters', () => {
  const reader = new DatagramReader(() => NOBODY);
  // SEND_RELIABLE on channel 1, #1, with the text "hello".
  const hello = Uint8Array.of(0, 0, 6, 1, 0, 1, 0, 10, 4, 5, 0, 0, 0, 104, 101, 108, 108, 111);

  test.each([
    ['in', true],
    ['-out', true],
    ['out', false],
    ['drop', false],
    ['hello', true],
    ['HELLO', true],
    ['"hello"', true],
    ['-hello', false],
    ['hello nothing', false],
    ['"SEND_RELIABLE channel 1"', true],
    ['command:reliable channel:1', true],
    ['channel:0', false],
    ['address:192.0.2.7:4000', true],
    ['address:10.', false],
    ['size>17 size<19', true],
    ['size>18', false],
    ['size<100000', true],
    ['"size>big"', false],
    ['size', false],
    ['peer:1', false],
    ['', true],
  ])('%s: %s', (text, isFound) => {
    expect(readFilter(text).matches(recordOf(1, hello), reader)).toBe(isFound);
  });

  test.each([
    ['channel:x', '"channel:" needs a number behind it, got x'],
    ['channel:1.5', '"channel:" needs a number behind it, got 1.5'],
    ['channel:', '"channel:" needs something behind it'],
    ['channel>1', '"channel" needs a colon: channel:1'],
    ['in address:', '"address:" needs something behind it'],
    ['-event:', '"event:" needs something behind it'],
    ['peer=3', '"peer" needs a colon: peer:3'],
    ['size>big', '"size>" needs a number behind it, got big'],
    ['size>', '"size>" needs a number behind it, got nothing'],
    ['SIZE<1e3', '"size<" needs a number behind it, got 1e3'],
    ['size<1000000000000', '"size<" needs a number behind it, got 1000000000000'],
    ['size:200', '"size" is compared by < or >: size>200'],
    ['size=200', '"size" is compared by < or >: size>200'],
    ['x'.repeat(201), 'a filter has at most 200 characters'],
  ])('%s is none, and says why', (text, why) => {
    expect(() => readFilter(text)).toThrow(RangeError);
    expect(() => readFilter(text)).toThrow(why);
  });

  test('matches stay when the ring has turned over, and their indexes with them', () => {
    let now = 0;
    const recorder = new TrafficRecorder(1_048_576, HOUR, () => now);
    const store = new TrafficStore(recorder, reader, () => now);
    store.isRecording = true;
    const take = () => store.take({ section: 'traffic', filter: 'hello', limit: 200 }, false);
    take();
    for (let i = 0; i < 20_000; i++) {
      now += 1;
      const bytes = i % 1000 === 0 ? hello : new Uint8Array(300);
      recorder.trace.received?.(i, bytes, { ip: '192.0.2.7', port: 4000 });
      if (i % 100 === 99) store.advance();
    }
    const { rows = [], first, end, filter } = take();
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i * 1000 + 1));
    expect([first, end, filter?.behind]).toEqual([0, 20, 0]);
    expect(recorder.ring.first).toBeGreaterThan(1000);
    // An index stays: a page that was stopped there has no hole.
    const part = store.take({ section: 'traffic', filter: 'hello', position: 5, limit: 3 }, false);
    expect(part.rows?.map(({ index, number }) => [index, number])).toEqual([
      [5, 5001],
      [6, 6001],
      [7, 7001],
    ]);
    expect(store.find(1)?.ring.at(store.find(1)?.index ?? -1)?.number).toBe(1);
  });

  test('at most eight are kept; the one that was looked at longest ago goes', () => {
    let now = 0;
    const store = new TrafficStore(new TrafficRecorder(1_048_576, HOUR, () => now), reader, () => now);
    for (let i = 0; i < 9; i++) {
      now += 10;
      store.take({ section: 'traffic', filter: `word${i}` }, false);
    }
    expect(store.listOf(1)).toBeUndefined();
    expect(store.listOf(9)).toBeDefined();
    now += 600_001;
    store.advance();
    expect(store.listOf(9)).toBeUndefined();
  });

  test('one that cannot keep up says how far it is behind, and takes no more time than it may', () => {
    let ticks = 0;
    const recorder = new TrafficRecorder(4_194_304, HOUR, () => 0);
    // Each look at the clock is a millisecond.
    const store = new TrafficStore(recorder, reader, () => ticks++);
    store.isRecording = true;
    for (let i = 0; i < 5000; i++) recorder.trace.received?.(i, hello, { ip: '192.0.2.7', port: 4000 });
    const message = store.take({ section: 'traffic', filter: 'hello' }, false);
    expect(message.filter?.behind).toBeGreaterThan(1000);
    for (let i = 0; i < 100; i++) store.advance();
    expect(store.take({ section: 'traffic', filter: 'hello' }, false).filter?.behind).toBe(0);
  });
});

describe('details', () => {
  test('bytes, header, commands with their places, values with types, and a link to the next one', async () => {
    const inspector = makeInspector();
    const url = await inspector.listen(0);
    const stream = await openStream(url, { section: 'traffic', filter: 'in "hello"' });
    const step = talk(inspector);
    const timer = setInterval(step, 10);
    closing({ close: () => clearInterval(timer) });
    const { rows = [] } = await stream.next('traffic', ({ end }) => end > 2);
    const found = await details(url, rows[0]?.number ?? 0);
    expect(found.row).toMatchObject({ number: rows[0]?.number, direction: 'in', address: '192.0.2.2:40000' });
    const command = found.commands.find(({ name }) => name === 'SEND_RELIABLE');
    expect(command?.packet).toMatchObject({
      kind: 'value',
      text: '"hello"',
      value: { name: 'STRING', type: 'String', text: '"hello"' },
    });
    const at = (command?.offset ?? 0) * 2;
    expect(found.hex.slice(at, at + 2)).toBe('86');
    expect(found.hex.slice(at, at + (command?.length ?? 0) * 2)).toContain('68656c6c6f');
    expect(found.next).toBeGreaterThan(found.row.number);
  });

  test('a dropped one says why, and a packet in fragments is put together', async () => {
    const inspector = makeInspector();
    const url = await inspector.listen(0);
    await openStream(url, { section: 'traffic' });
    const random32 = (): number => 7;
    const server = new Host({ peerCount: 4, random32, trace: inspector.trace });
    const client = new Host({ peerCount: 1, random32 });
    const [at, from] = [
      { ip: '192.0.2.1', port: 7777 },
      { ip: '192.0.2.2', port: 40_000 },
    ];
    const remote = client.connect(at, 2, 0);
    const text = 'x'.repeat(4000);
    for (let now = 1000; now < 1400; now += 10) {
      if (now === 1200) {
        const bytes = new Uint8Array(5 + text.length).fill(120);
        bytes.set([4, text.length & 255, text.length >> 8, 0, 0]);
        remote?.send(0, new Packet(bytes, PacketFlag.RELIABLE));
      }
      while (client.service(now) !== undefined);
      for (const { bytes } of client.drainOutbox()) server.receive(bytes, from);
      while (server.service(now) !== undefined);
      for (const { bytes } of server.drainOutbox()) client.receive(bytes, at);
    }
    server.receive(Uint8Array.of(0x0f, 0xff, 99), { ip: '198.51.100.9', port: 1 });
    while (server.service(1500) !== undefined);
    const fragments = await openStream(url, { section: 'traffic', filter: 'in command:fragment' });
    const { rows = [] } = await fragments.next('traffic', ({ end }) => end >= 3);
    for (const { number } of rows) {
      const packet = (await details(url, number)).commands.find(
        ({ packet: one }) => one !== undefined,
      )?.packet;
      expect(packet).toMatchObject({ length: 4005, kind: 'value', datagrams: rows.map((row) => row.number) });
    }
    const drops = await openStream(url, { section: 'traffic', filter: 'drop:bad_command' });
    const dropped = await drops.next('traffic', ({ end }) => end > 0);
    expect((await details(url, dropped.rows?.[0]?.number ?? 0)).problem).toContain('BAD_COMMAND: A command');
  });

  test('fragments of packets that never end hold nobody up', () => {
    // 32 packets in each datagram, of which each has one of a thousand parts.
    const unfinished = (number: number): Uint8Array => {
      const bytes = Buffer.alloc(4 + 32 * 25);
      bytes.set([0x80, 1]);
      for (let packet = 0; packet < 32; packet++) {
        const at = 4 + packet * 25;
        bytes.set([0x88, 0], at);
        bytes.writeUInt16BE(number & 0xffff, at + 2);
        bytes.writeUInt16BE(packet * 1000, at + 4);
        bytes.writeUInt16BE(1, at + 6);
        bytes.writeUInt32BE(100_000, at + 8);
        bytes.writeUInt32BE(number % 1000, at + 12);
        bytes.writeUInt32BE(30_000_000, at + 16);
        bytes.writeUInt32BE(number % 1000, at + 20);
      }
      return bytes;
    };
    const ring = new DatagramRing(33_554_432, HOUR);
    for (let number = 1; number <= 10_000; number++) ring.append(recordOf(number, unfinished(number)));
    const startMs = performance.now();
    const found = datagramDetails(ring, 5000, new DatagramReader(() => NOBODY));
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(found?.commands).toHaveLength(32);
    expect(found?.commands[0]?.note).toMatch(
      /^\d+ of 100000 parts were not found among the datagrams around it$/,
    );
  });

  test('packets of a SceneMultiplayer have the names of nodes and methods, in both directions', async () => {
    const inspector = makeInspector();
    const { server, client } = await servers.sceneServer(inspector);
    inspector.watch(server);
    const url = await inspector.listen(0);
    const id = client.multiplayer.getUniqueId();
    const stream = await openStream(url, { section: 'traffic', filter: `peer:${id} call:main.` });
    const say = (): void => {
      client.multiplayer.mirror.getNode('/root/Main')?.rpcId(1, 'say', 'hi');
      server.mirror.getNode('/root/Main')?.rpcId(id, 'told', 'ho');
    };
    const timer = setInterval(say, 30);
    closing({ close: () => clearInterval(timer) });
    const { rows = [] } = await stream.next('traffic', ({ rows: some = [] }) =>
      ['in', 'out'].every((way) => some.filter(({ direction }) => direction === way).length > 3),
    );
    const late = rows.slice(-6);
    const parts = late.flatMap((row) => row.parts).filter((part) => part.includes('REMOTE_CALL'));
    for (const part of parts) expect(part).toMatch(/REMOTE_CALL Main\.(say\("hi"\)|told\("ho"\))/);
    const out = late.findLast(({ direction }) => direction === 'out');
    const found = await details(url, out?.number ?? 0);
    const packet = found.commands.find(
      ({ packet: one }) => one?.text.includes('REMOTE_CALL') === true,
    )?.packet;
    expect(packet).toMatchObject({ kind: 'multiplayer', value: { type: 'REMOTE_CALL' } });
    expect(packet?.value?.items).toMatchObject([
      { name: 'node', text: expect.stringContaining('Main') },
      { name: 'method', text: expect.stringContaining('told') },
      { name: 'argument 0', type: 'String', text: '"ho"' },
    ]);
    expect([out?.server, out?.peer]).toEqual([1, String(id)]);
  });
});

describe('files', () => {
  test('pcapng: what dissect reads has every datagram, also those inside DTLS, with addresses and bytes', async () => {
    const inspector = makeInspector();
    const url = await inspector.listen(0);
    const stream = await openStream(url, { section: 'traffic' });
    const { server, client } = await servers.enetServer(inspector, true);
    inspector.watch(server);
    client.sendPacket({ secret: 'tell nobody' }, 0, true);
    const port = server.getLocalPort();
    const { end } = await stream.next('traffic', ({ rows = [] }) =>
      rows.some(({ parts }) => parts.some((part) => part.includes('tell nobody'))),
    );
    const { status, headers, bytes } = await ask(new URL('export?format=pcapng', url));
    expect([status, headers['content-disposition']]).toEqual([200, expect.stringMatching(/\.pcapng"$/)]);
    const datagrams = [...openCapture(bytes).entries].filter(isDatagram);
    expect(datagrams.length).toBeGreaterThanOrEqual(end);
    for (const { from, to } of datagrams) expect([from, to]).toContain(`127.0.0.1:${port}`);
    const texts = datagrams.map((datagram) => Buffer.from(datagram.bytes).toString('latin1'));
    expect(texts.some((text) => text.includes('tell nobody'))).toBe(true);
  });

  test('a session: a host that replays it sends what the recorded one has sent', async () => {
    const inspector = makeInspector();
    const url = await inspector.listen(0);
    await openStream(url, { section: 'traffic' });
    const recorder = recordHost({
      side: 'server',
      what: 'a copy',
      compression: 'none',
      next: inspector.trace,
    });
    const random32 = (): number => 7;
    const server = new Host({ peerCount: 4, random32, trace: recorder.trace });
    const client = new Host({ peerCount: 1, random32 });
    const [at, from] = [
      { ip: '192.0.2.1', port: 7777 },
      { ip: '192.0.2.2', port: 40_000 },
    ];
    client.connect(at, 2, 0)?.send(0, new Packet(Uint8Array.of(1, 2, 3), PacketFlag.RELIABLE));
    for (let now = 5000; now < 5400; now += 10) {
      while (client.service(now) !== undefined);
      for (const { bytes } of client.drainOutbox()) server.receive(bytes, from);
      while (server.service(now) !== undefined);
      for (const { bytes } of server.drainOutbox()) client.receive(bytes, at);
    }
    // Another one's, which is no part of it.
    inspector.trace.received?.(5500, Uint8Array.of(1, 2, 3), { ip: '203.0.113.1', port: 9 });
    const { body } = await ask(new URL('export?format=session&address=192.0.2.2:40000', url));
    const session = parseSession(body);
    expect(session.datagrams).toEqual(recorder.session().datagrams);
    expect(session.what).toContain(`at 0 ms was ${recorder.clockOffsetMs}`);
    const sent = replaySession(session, {
      host: new Host({ peerCount: 4, random32 }),
      feed: 'client',
      from,
      clockOffsetMs: recorder.clockOffsetMs,
    });
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.map(([, side]) => side)).not.toContain('client');
  });

  test('what is of no use is passed over in steps, so that the game goes on', () => {
    const ring = new DatagramRing(33_554_432, HOUR);
    for (let number = 1; number <= 20_000; number++) ring.append(recordOf(number, Uint8Array.of(1, 2, 3)));
    const request = { list: ring, from: 0, to: Number.POSITIVE_INFINITY, address: '203.0.113.1:9' };
    const steps = [
      [...pcapngParts(request, () => 7777)],
      [...sessionParts(request, new DatagramReader(() => NOBODY))],
    ].map((parts) => parts.filter(({ length }) => length === 0).length);
    for (const count of steps) expect(count).toBeGreaterThan(10);
  });

  test('the matches of a filter alone, and a range of numbers', async () => {
    const inspector = makeInspector();
    const url = await inspector.listen(0);
    const step = talk(inspector);
    const stream = await openStream(url, { section: 'traffic', filter: 'out' });
    for (let i = 0; i < 50; i++) step();
    const { filter, rows = [] } = await stream.next('traffic', ({ end }) => end > 10);
    const count = async (query: string): Promise<number> => {
      const { bytes } = await ask(new URL(`export?format=pcapng&${query}`, url));
      return [...openCapture(bytes).entries].filter(isDatagram).length;
    };
    expect(await count(`filter=${filter?.id}`)).toBe(rows.length);
    const number = rows[3]?.number ?? 0;
    expect(await count(`filter=${filter?.id}&from=${number}&to=${number}`)).toBe(1);
  });
});
