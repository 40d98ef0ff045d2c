/** enet-protocol 6.1 to 6.12 and 0.4, 0.5: receiving, one test per clause. The delivery rules have their own twin. */
import { describe, expect, test } from 'vitest';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import { isBefore, sequenceKey, timeDifference, windowDistance } from '../../src/enet/sequence.ts';
import { type Compressor, type HostOptions, Packet, PacketFlag, type Peer } from '../../src/enet.ts';
import { expectDiagnoses, NO_DOCTOR } from '../support/diagnoses.ts';
import { be, bytes, connected, HostWorld, hex, type Node, type Pair, toHex } from './harness.ts';

expectDiagnoses('dropped datagrams are what it is about');

const { RELIABLE, UNSEQUENCED, UNRELIABLE_FRAGMENT, NONE } = PacketFlag;
const reliable = (seq: number, text = 'x', channel = 0): string =>
  `86${be(channel, 1)}${be(seq, 2)}${be(text.length, 2)}${toHex(bytes(text))}`;
const unreliable = (rel: number, seq: number, text = 'u'): string =>
  `0700${be(rel, 2)}${be(seq, 2)}${be(text.length, 2)}${toHex(bytes(text))}`;
const unsequenced = (group: number, text = 'q'): string =>
  `49000000${be(group, 2)}${be(text.length, 2)}${toHex(bytes(text))}`;
/** A fragment of 2 bytes per piece. `kind` 8 or 0c. */
const piece = (kind: '88' | '0c', rel: number, start: number, count: number, number: number): string =>
  `${kind}00${be(rel, 2)}${be(start, 2)}0002${be(count, 4)}${be(number, 4)}${be(2 * count, 4)}${be(2 * number, 4)}6161`;

function feed({ server, client }: Pair, ...commands: string[]): string[] {
  server.clear();
  server.feed(`80004321${commands.join('')}`, client.address);
  server.service();
  return server.log;
}
const drops = (node: Node): Record<string, number> => Object.fromEntries(node.host.dropCounts());

describe('0.4 and 0.5: numbers that wrap', () => {
  test('0.4 times are compared within 24 hours, across the wrap', () => {
    expect(isBefore(0xffffffff, 5)).toBe(true);
    expect(isBefore(5, 0xffffffff)).toBe(false);
    expect(isBefore(5, 5)).toBe(false);
    expect(timeDifference(5, 0xffffffff)).toBe(6);
    expect(timeDifference(0xffffffff, 5)).toBe(6);
    expect(timeDifference(86_399_999, 0)).toBe(86_399_999);
  });

  test('0.5 window distance and key', () => {
    expect(windowDistance(1, 1)).toBe(0);
    expect(windowDistance(0, 1)).toBe(16);
    expect(windowDistance(28_671, 0)).toBe(6);
    expect(windowDistance(28_672, 0)).toBe(7);
    expect(windowDistance(36_864, 0)).toBe(9);
    expect(windowDistance(5, 65_530)).toBe(1);
    expect(sequenceKey(5, 65_530)).toBe(11);
  });

  test.each([
    [4095, true, true],
    [28_671, true, true],
    [28_672, false, false],
    [36_863, false, false],
    [36_864, false, true],
    [65_535, false, true],
    [0, false, true],
  ])('0.5 number %d from 0: kept %s, acknowledged %s', (seq, isKept, isAcknowledged) => {
    const pair = connected();
    feed(pair, reliable(seq));
    expect(pair.toClient.waitingBytes > 0).toBe(isKept);
    expect(pair.server.hex.join('').includes(`0100${be(seq, 2)}`)).toBe(isAcknowledged);
  });
});

describe('6.1 the gate', () => {
  const rows: [string, string, (pair: Pair) => void][] = [
    ['6.1.2 one byte', 'DATAGRAM_TOO_SHORT', (p) => p.server.feed('80', p.client.address)],
    [
      '6.1.3 W12 shorter than its header',
      'DATAGRAM_TOO_SHORT',
      (p) => p.server.feed('800012', p.client.address),
    ],
    [
      'W11 more than 4096 bytes',
      'DATAGRAM_TOO_LONG',
      (p) => p.server.feed(new Uint8Array(4097), p.client.address),
    ],
    ['6.1.4 no such slot', 'UNKNOWN_PEER', (p) => p.server.feed('0009', p.client.address)],
    ['6.1.4 a free slot', 'UNKNOWN_PEER', (p) => p.server.feed('0001', p.client.address)],
    ['6.1.4 another port', 'WRONG_ADDRESS', (p) => p.server.feed('0000', { ...p.client.address, port: 5 })],
    [
      '6.1.4 another IP',
      'WRONG_ADDRESS',
      (p) => p.server.feed('0000', { ...p.client.address, ip: '10.3.3.3' }),
    ],
    ['6.1.4 another session', 'WRONG_SESSION', (p) => p.server.feed('1000', p.client.address)],
    ['6.1.5 no compressor', 'NO_COMPRESSOR', (p) => p.server.feed('40000102', p.client.address)],
    ['6.2.3 no peer', 'NO_PEER_FOR_COMMAND', (p) => p.server.feed('8fff000085ff0001', p.client.address)],
    ['6.2.2 command 0', 'BAD_COMMAND', (p) => p.server.feed('8000000080ff0001', p.client.address)],
    ['6.2.2 command 13', 'BAD_COMMAND', (p) => p.server.feed('800000008dff0001', p.client.address)],
    ['6.2.1 three bytes', 'BAD_COMMAND', (p) => p.server.feed('8000000085ff00', p.client.address)],
    ['6.2.2 cut off', 'BAD_COMMAND', (p) => p.server.feed('8000000001ff00010001', p.client.address)],
    ['6.4 channel', 'BAD_CHANNEL', (p) => p.server.feed('80000000860200010000', p.client.address)],
    ['6.4 length', 'BAD_LENGTH', (p) => p.server.feed('80000000860000010002aa', p.client.address)],
  ];
  test.each(rows)('%s: %s', (_what, reason, act) => {
    const pair = connected();
    act(pair);
    pair.server.service();
    expect(drops(pair.server)).toEqual({ [reason]: 1 });
    expect(pair.server.sent).toEqual([]);
    // It goes on.
    expect(feed(pair, reliable(1))).toEqual(['RECEIVE 0 1 x']);
  });

  test('W10 an empty datagram is nothing, and the ones behind it are read', () => {
    const { server, client } = connected();
    server.feed('', client.address);
    server.feed(`80004321${reliable(1)}`, client.address);
    expect(server.service().length).toBe(1);
  });

  test('9.4 W13 what cannot be decompressed, or is no CONNECT without a peer, is dropped', () => {
    const pair = connected({
      client: { compressor: createRangeCoder() },
      server: { compressor: createRangeCoder() },
    });
    pair.server.feed('4000', pair.client.address);
    const packed = new Uint8Array(100);
    const pings = hex('85ff0001'.repeat(11));
    const size = createRangeCoder().compress(pings, 0, pings.length, packed, 0, 100);
    pair.server.feed(`4fff${toHex(packed.subarray(0, size))}`, { ip: '10.7.7.7', port: 1 });
    pair.server.service();
    expect(drops(pair.server)).toEqual({ BAD_COMPRESSION: 1, NOT_A_CONNECT: 1 });
  });

  test('W13 a stranger cannot make decompression expensive', () => {
    const seen: { input: number; limit: number }[] = [];
    const coder = createRangeCoder();
    const compressor: Compressor = {
      name: 'counting',
      compress: coder.compress.bind(coder),
      decompress: (input, start, end, output, at, limit) => {
        seen.push({ input: end - start, limit });
        return coder.decompress(input, start, end, output, at, limit);
      },
    };
    // A doctor would unpack a short handshake once more.
    const server = new HostWorld().add({ compressor, doctor: NO_DOCTOR });
    const stranger = { ip: '10.7.7.7', port: 1 };
    server.feed(`4fff${'5a'.repeat(4000)}`, stranger);
    server.feed(`4fff${'5a'.repeat(48)}`, stranger);
    server.service();
    expect(drops(server)).toEqual({ NOT_A_CONNECT: 2 });
    expect(seen).toEqual([]);
    server.feed(`4fff${'5a'.repeat(47)}`, stranger);
    server.service();
    expect(seen).toEqual([{ input: 47, limit: 48 }]);
  });

  test('8.3 the intercept hook sees each datagram first and can take it', () => {
    const seen: string[] = [];
    const intercept: HostOptions['intercept'] = (raw, from) => {
      seen.push(`${from.ip} ${toHex(raw)}`);
      return raw[0] === 0x7f;
    };
    const server = new HostWorld().add({ intercept });
    server.feed('7f01', { ip: '10.7.7.7', port: 1 });
    server.feed('05', { ip: '10.7.7.7', port: 1 });
    server.service();
    expect(seen).toEqual(['10.7.7.7 7f01', '10.7.7.7 05']);
    expect(drops(server)).toEqual({ INTERCEPTED: 1, DATAGRAM_TOO_SHORT: 1 });
    expect(server.host.statistics).toMatchObject({ totalReceivedPackets: 2, totalReceivedData: 3 });
  });
});

describe('6.2 and 6.3', () => {
  test('6.2.5 without sentTime the command runs, then parsing stops and nothing is acknowledged', () => {
    const pair = connected();
    pair.server.feed(`0000${reliable(1)}${reliable(2)}`, pair.client.address);
    pair.server.service();
    expect(pair.server.log).toEqual(['RECEIVE 0 1 x']);
    expect(pair.server.sent).toEqual([]);
  });

  test('2.2 bit 7 of the command decides, bits 4 to 6 do not matter', () => {
    const pair = connected();
    const log = feed(pair, '0600 0001 0001 41', 'b700 0001 0001 0001 42', 'f600 0002 0001 43');
    expect(log).toEqual(['RECEIVE 0 1 A', 'RECEIVE 0 0 B', 'RECEIVE 0 1 C']);
    expect(pair.server.hex).toEqual(['0000' + '0100000100014321' + '0100000200024321']);
  });

  test('6.2 stopping undoes nothing', () => {
    const pair = connected();
    expect(feed(pair, reliable(1), '8e')).toEqual(['RECEIVE 0 1 x']);
    expect(pair.server.hex).toEqual(['00000100000100014321']);
  });

  test('6.3 duplicates are acknowledged every time and delivered once', () => {
    const pair = connected();
    expect(feed(pair, reliable(1), reliable(1), reliable(1))).toEqual(['RECEIVE 0 1 x']);
    expect(pair.server.hex[0]?.length).toBe(4 + 3 * 16);
  });

  test('W18 acknowledgements beyond the limit are not queued', () => {
    const pair = connected({ server: { maxQueuedAcknowledgements: 5 } });
    feed(pair, ...Array.from({ length: 9 }, (_, i) => reliable(i + 1)));
    expect(drops(pair.server)).toEqual({ TOO_MANY_ACKNOWLEDGEMENTS: 4 });
  });
});

describe('6.4 to 6.8', () => {
  const good = { kind: '88', rel: 1, start: 1, length: 2, count: 3, number: 0, total: 6, offset: 0 };
  const raw = (change: Partial<typeof good>): string => {
    const f = { ...good, ...change };
    return `${f.kind}00${be(f.rel, 2)}${be(f.start, 2)}${be(f.length, 2)}${[f.count, f.number, f.total, f.offset].map((v) => be(v, 4)).join('')}${'61'.repeat(f.length)}`;
  };
  test.each<[string, Partial<typeof good>]>([
    ['length 0', { length: 0 }],
    ['count 0', { count: 0 }],
    ['count 1', { count: 1, total: 2 }],
    ['count above 1,048,576 (W4)', { count: 1_048_577, total: 2_097_154 }],
    ['number = count', { number: 3, offset: 6, rel: 4 }],
    ['total above the largest packet', { total: 33_554_433, count: 16_777_217 }],
    ['total < count', { total: 2 }],
    ['offset >= total', { number: 2, offset: 6, rel: 3 }],
    ['offset not number * length (W6)', { offset: 1 }],
    ['runs past the total', { number: 2, offset: 4, total: 5, rel: 3 }],
    ['the last one ends early', { number: 2, offset: 4, length: 1, total: 6, rel: 3 }],
    ['count does not fit the total', { total: 8 }],
    ['number does not fit the sequence', { rel: 2 }],
  ])('6.4 and 12.2 F a fragment with %s stops the datagram unacknowledged', (_what, change) => {
    const kinds = change.rel === 2 ? ['88'] : ['88', '0c'];
    for (const kind of kinds) {
      const pair = connected();
      const rel = kind === '0c' ? 0 : (change.rel ?? 1);
      expect(feed(pair, raw({ ...change, kind, rel }), reliable(9))).toEqual([]);
      expect(drops(pair.server)).toEqual({ BAD_FRAGMENT: 1 });
      expect(pair.server.sent).toEqual([]);
      expect(pair.toClient.waitingBytes).toBe(0);
    }
  });

  test('6.5 unsequenced: a repeated group is ignored, a newer block makes older ones too old', () => {
    const pair = connected();
    const texts = (...groups: number[]): string[] => feed(pair, ...groups.map((g) => unsequenced(g, `${g}`)));
    expect(texts(1, 3, 3, 2, 1).map((line) => line.split(' ')[3])).toEqual(['1', '3', '2']);
    expect(texts(1024).length).toBe(1);
    expect(texts(5, 1023)).toEqual([]);
    expect(texts(1025 + 32_768 - 1024 - 2).length).toBe(1);
    expect(texts(1024)).toEqual([]);
    expect(texts(0)).toEqual([]);
    expect(texts(33_800).length).toBe(1);
    // So far behind that it counts as the next round.
    expect(texts(0).length).toBe(1);
  });

  test('6.5 group 0 is not marked, so 0 and the block of 64 wraps are accepted', () => {
    const pair = connected();
    expect(feed(pair, unsequenced(0, 'a'), unsequenced(0, 'a'))).toEqual(['RECEIVE 0 2 a']);
  });

  test('6.6 step 6: one more packet than the limit of waiting data fits, then data stops the datagram', () => {
    const pair = connected({ server: { maxWaitingBytes: 100 } });
    feed(pair, reliable(3), reliable(4));
    expect(pair.toClient.waitingBytes).toBe(130);
    expect(pair.server.hex[0]?.length).toBe(4 + 32);
    expect(feed(pair, reliable(5), reliable(6))).toEqual([]);
    expect(pair.server.sent).toEqual([]);
    expect(drops(pair.server)).toEqual({ WAITING_DATA_FULL: 1 });
  });

  test('W17 no more unreliable entries per channel than the limit', () => {
    const pair = connected({ server: { maxWaitingUnreliable: 3 } });
    for (let i = 1; i <= 6; i++) feed(pair, unreliable(1, i, `${i}`));
    expect(drops(pair.server)).toEqual({ WAITING_DATA_FULL: 3 });
    expect(feed(pair, reliable(1)).length).toBe(4);
    expect(pair.toClient.waitingBytes).toBe(0);
  });

  test('6.7 a piece that contradicts its assembly stops the datagram', () => {
    const pair = connected();
    feed(pair, piece('88', 1, 1, 3, 0));
    expect(feed(pair, piece('88', 2, 1, 4, 1), reliable(9))).toEqual([]);
    expect(pair.server.sent).toEqual([]);
    expect(feed(pair, piece('88', 3, 1, 3, 2), piece('88', 2, 1, 3, 1))).toEqual(['RECEIVE 0 1 aaaaaa']);
  });

  test('6.8 at most two incomplete unreliable packets survive; W3 what is dropped is given back', () => {
    const pair = connected();
    for (const start of [1, 2, 3]) feed(pair, piece('0c', 0, start, 2, 0));
    expect(drops(pair.server)).toEqual({ SUPERSEDED: 1 });
    expect(feed(pair, piece('0c', 0, 2, 2, 1))).toEqual(['RECEIVE 0 8 aaaa']);
    expect(feed(pair, piece('0c', 0, 3, 2, 1))).toEqual(['RECEIVE 0 8 aaaa']);
    expect(feed(pair, piece('0c', 0, 1, 2, 1))).toEqual([]);
    expect(pair.toClient.waitingBytes).toBe(0);
  });

  test('6.8 an unreliable packet waits for the reliable one before it and is dropped behind a later one', () => {
    const pair = connected();
    expect(feed(pair, unreliable(1, 1, 'late'), unreliable(2, 1, 'later'))).toEqual([]);
    expect(feed(pair, reliable(1, 'one'))).toEqual(['RECEIVE 0 1 one', 'RECEIVE 0 0 late']);
    expect(feed(pair, reliable(2, 'two'))).toEqual(['RECEIVE 0 1 two', 'RECEIVE 0 0 later']);
    expect(feed(pair, unreliable(1, 9, 'stale'))).toEqual([]);
  });

  test('W5 empty packets are charged too', () => {
    const pair = connected();
    feed(pair, reliable(2, ''), reliable(3, ''));
    expect(pair.toClient.waitingBytes).toBe(128);
  });
});

describe('6.9 to 6.11: acknowledgements', () => {
  /** Sends a PING and acknowledges it after `rtt`. */
  function sample(pair: Pair, rtt: number): void {
    const { toServer, client, server, world } = pair;
    toServer.ping();
    client.clear();
    client.flush();
    const ping = client.hex.at(-1) ?? '';
    const at = ping.indexOf('85ff', 8);
    const seq = ping.slice(at + 4, at + 8);
    const echo = be(world.now, 2);
    world.skip(rtt);
    client.feed(`0000 01ff${seq}${seq}${echo}`, server.address);
    client.service();
  }
  function quiet(): Pair {
    const pair = connected();
    pair.client.path = () => ({ copies: 0 });
    pair.toServer.setPingInterval(10_000_000);
    pair.toServer.setTimeout(0x7fffffff, 10_000_000, 10_000_000);
    return pair;
  }
  const state = ({ rttMs, rttVarianceMs, throttle, lastRttMs, lastRttVarianceMs }: Peer): number[] => [
    rttMs,
    rttVarianceMs,
    throttle,
    lastRttMs,
    lastRttVarianceMs,
  ];

  test('6.10 later samples: 3/4 of the variance plus d/4, 7/8 of the mean, truncated', () => {
    const pair = quiet();
    let { rttMs: rtt, rttVarianceMs: variance } = pair.toServer;
    for (const value of [100, 90, 300, 10, 10, 57, 1000]) {
      sample(pair, value);
      variance -= Math.floor(variance / 4);
      const distance = Math.abs(value - rtt);
      variance += Math.floor(distance / 4);
      rtt += value >= rtt ? Math.floor(distance / 8) : -Math.floor(distance / 8);
      expect(state(pair.toServer).slice(0, 2)).toEqual([rtt, variance]);
    }
  });

  test('6.11 bad samples close the throttle by 2, good ones open it by 2, between them it stays', () => {
    const pair = quiet();
    const { toServer, world } = pair;
    toServer.throttleConfigure(1_000_000, 2, 2);
    // A long steady stretch makes a mean of 200 with little variance, then the interval closes.
    for (let i = 0; i < 60; i++) sample(pair, 200);
    toServer.throttleConfigure(1, 2, 2);
    sample(pair, 200);
    sample(pair, 200);
    toServer.throttleConfigure(1_000_000_000, 2, 2);
    const { lastRttMs, lastRttVarianceMs } = toServer;
    expect(lastRttMs).toBeGreaterThan(lastRttVarianceMs);
    const bad = lastRttMs + 2 * lastRttVarianceMs + 1;
    const before = toServer.throttle;
    sample(pair, bad);
    expect(toServer.throttle).toBe(before - 2);
    sample(pair, bad - 1);
    expect(toServer.throttle).toBe(before - 2);
    sample(pair, lastRttMs + 1);
    expect(toServer.throttle).toBe(before - 2);
    sample(pair, lastRttMs);
    expect(toServer.throttle).toBe(before);
    for (let i = 0; i < 40; i++) sample(pair, bad);
    expect(toServer.throttle).toBe(0);
    for (let i = 0; i < 40; i++) sample(pair, 1);
    expect(toServer.throttle).toBe(32);
    expect(world.now).toBeGreaterThan(0);
  });

  test('6.9.2 W15 an echo from the future, and an acknowledgement of nothing, change nothing', () => {
    const pair = quiet();
    sample(pair, 50);
    const { toServer, client, server, world } = pair;
    const before = state(toServer);
    toServer.ping();
    client.flush();
    // The PING that is in flight: behind the header and its first two bytes.
    const seq = client.hex.at(-1)?.slice(12, 16);
    client.feed(`0000 01ff${seq}${seq}${be(world.now + 1, 2)}`, server.address);
    client.feed(`0000 01ff77777777${be(world.now - 9000, 2)}`, server.address);
    client.feed(`0000 010077777777${be(world.now - 9000, 2)}`, server.address);
    client.feed(`0000 01c877777777${be(world.now - 9000, 2)}`, server.address);
    client.service();
    expect(state(toServer)).toEqual(before);
    expect(client.host.dropCount('BAD_ACKNOWLEDGE')).toBe(4);
  });

  test('6.9.6 an acknowledgement of a command that waits for retransmission removes it', () => {
    const pair = quiet();
    const { toServer, client, server, world } = pair;
    for (let i = 0; i < 60; i++) toServer.send(0, new Packet(new Uint8Array(1300), RELIABLE));
    client.flush();
    const echo = be(world.now, 2);
    expect(toServer.reliableBytesInTransit).toBe(65_000);
    world.skip(1000);
    // The timeouts put all 50 back; the window lets 50 out again. Acknowledged are two that were sent twice.
    client.service();
    const outgoing = toServer.outgoingBytes;
    client.feed(`0000 010000020002${echo} 010000030003${echo}`, server.address);
    client.service();
    expect(toServer.outgoingBytes).toBe(outgoing - 2 * 1364);
    expect(toServer.reliableBytesInTransit).toBe(65_000);
  });

  test('6.11 throttleConfigure reaches the remote; W16 within bounds', () => {
    const { world, toServer, toClient } = connected();
    toServer.throttleConfigure(0, 1000, 0xffffffff);
    world.settle();
    for (const peer of [toServer, toClient]) {
      expect([peer.throttleIntervalMs, peer.throttleAcceleration, peer.throttleDeceleration]).toEqual([
        1, 32, 32,
      ]);
    }
  });
});

describe('6.12 bandwidth', () => {
  interface Wired {
    readonly world: HostWorld;
    readonly server: Node;
    readonly peers: Peer[];
    readonly clients: Node[];
  }
  function wired(server_: Partial<HostOptions>, ...clients_: Partial<HostOptions>[]): Wired {
    const world = new HostWorld();
    const server = world.add({ peerCount: 8, ...server_ });
    const clients = clients_.map((options, i) => world.add({ ...options, random32: () => i }));
    for (const [i, client] of clients.entries()) client.host.connect(server.address, 2, i);
    world.settle();
    const peers = clients.map(
      (_, i) => server.events.find(({ type, data }) => type === 1 && data === i)?.peer,
    );
    return { world, server, clients, peers: peers.filter((peer): peer is Peer => peer !== undefined) };
  }

  test('6.12 part 1: A 150,000 queued with 50,000 in, B 50,000 queued: limits 10 and 10', () => {
    const { world, server, peers } = wired({ outgoingBandwidth: 100_000 }, { incomingBandwidth: 50_000 }, {});
    const [a, b] = peers;
    // The run that settles the first second; afterwards the totals are 0.
    world.skip(1000);
    server.service();
    // The announcement that was just queued counts 12 bytes, so the packets make up the rest.
    const queue = (peer: Peer | undefined, total: number): void => {
      let left = total - 12;
      for (; left > 2 * 1372; left -= 1372) peer?.send(0, new Packet(new Uint8Array(1364), UNSEQUENCED));
      const half = left >> 1;
      peer?.send(0, new Packet(new Uint8Array(half - 8), UNSEQUENCED));
      peer?.send(0, new Packet(new Uint8Array(left - half - 8), UNSEQUENCED));
    };
    queue(a, 150_000);
    queue(b, 50_000);
    world.skip(1000);
    server.host.service(world.now);
    expect([a?.throttleLimit, b?.throttleLimit]).toEqual([10, 10]);
    expect([a?.throttle, b?.throttle]).toEqual([10, 10]);
  });

  test('6.12 part 2: in 300,000; out 50,000, 0, 400,000: announced 50,000, 0, 250,000', () => {
    const { world, server, clients } = wired(
      { incomingBandwidth: 300_000 },
      { outgoingBandwidth: 50_000 },
      {},
      { outgoingBandwidth: 400_000 },
    );
    server.clear();
    world.skip(1000);
    server.service();
    const announced = clients.map(({ address }) => {
      const text =
        server.sent.find(({ to, hex: h }) => to.ip === address.ip && h.includes('8aff'))?.hex ?? '';
      const at = text.indexOf('8aff') + 8;
      return [Number.parseInt(text.slice(at, at + 8), 16), Number.parseInt(text.slice(at + 8, at + 16), 16)];
    });
    expect(announced).toEqual([
      [50_000, 0],
      [0, 0],
      [250_000, 0],
    ]);
  });

  test('6.12 once after each connect and disconnect, then silence', () => {
    const { world, server, clients } = wired({}, {}, {});
    const count = (): number => server.hex.filter((text) => text.includes('8aff')).length;
    world.run(3000, 10);
    expect(count()).toBe(2);
    [...(clients[0]?.host.peers() ?? [])][0]?.disconnectNow(0, world.now);
    clients[0]?.drain();
    world.run(3000, 10);
    expect(count()).toBe(3);
  });

  test('6.4 BANDWIDTH_LIMIT stores the bandwidths and replaces the window, up or down', () => {
    const { world, server, clients, peers } = wired({}, {});
    expect(peers[0]?.windowSizeBytes).toBe(65_536);
    world.run(1100, 10);
    server.feed(`80000000 8aff0009 00020000 00000005`, clients[0]?.address ?? { ip: '', port: 0 });
    server.service();
    expect([
      peers[0]?.windowSizeBytes,
      peers[0]?.remoteIncomingBandwidth,
      peers[0]?.remoteOutgoingBandwidth,
    ]).toEqual([8192, 131_072, 5]);
    server.feed(`80000000 8aff000a 00000000 00000000`, clients[0]?.address ?? { ip: '', port: 0 });
    server.service();
    expect(peers[0]?.windowSizeBytes).toBe(65_536);
  });
});

describe('the clock wraps', () => {
  test('0.4 a connection lives across the wrap of the 32-bit clock', () => {
    const { world, server, client, toServer } = connected({ startMs: 0xffff_ffff - 6000 });
    for (let i = 0; i < 100; i++) {
      toServer.send(0, new Packet(bytes(`${i}`), RELIABLE));
      toServer.send(1, new Packet(new Uint8Array(3000), UNRELIABLE_FRAGMENT));
      toServer.send(1, new Packet(bytes('n'), NONE));
      world.run(100, 10);
    }
    expect(world.now).toBeLessThan(10_000);
    expect(server.log.filter((line) => line.startsWith('RECEIVE 0')).length).toBe(100);
    expect(server.events.length).toBe(300);
    expect(client.events).toEqual([]);
    expect(toServer.rttMs).toBeLessThan(30);
  });
});
