/** Whatever the bytes, the dissector says what it sees and never fails in another way than with a CaptureError. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dictionary, type VariantInput, varToBytes } from '../../codec/index.ts';
import { datagramJson } from '../../src/cli/jsonReport.ts';
import { type DissectRequest, dissectLines } from '../../src/cli/runDissect.ts';
import { datagramLines } from '../../src/cli/textReport.ts';
import { CaptureError } from '../../src/dissect/capture/capturedDatagram.ts';
import { Dissector } from '../../src/dissect/Dissector.ts';
import { PAYLOAD_MODES } from '../../src/dissect/packetValue.ts';
import { Reassembly } from '../../src/dissect/reassembly.ts';
import { COMPRESSION_NAMES, createUnpacker } from '../../src/dissect/unpack.ts';
import { buildDatagram, type FragmentCommand } from '../../src/enet/commands.ts';
import { fcParameters } from '../support/fc.ts';
import { bytes } from '../support/hex.ts';
import { enhanced, ethernet, ipv4, join, networkInterface, pcap, section, udp } from './captureFiles.ts';

const recorded: Uint8Array[] = COMPRESSION_NAMES.flatMap((mode) => {
  const text = readFileSync(new URL(`../../golden/sessions/module-${mode}.json`, import.meta.url), 'utf8');
  const { datagrams } = JSON.parse(text) as { datagrams: [number, string, string][] };
  return datagrams.map(([, , digits]) => bytes(digits));
});

/** A recorded datagram with some bytes changed, cut or added. */
const damaged = fc
  .tuple(
    fc.constantFrom(...recorded),
    fc.array(fc.tuple(fc.nat(1400), fc.nat(255)), { maxLength: 6 }),
    fc.option(fc.nat(1400)),
    fc.uint8Array({ maxLength: 12 }),
  )
  .map(([datagram, changes, length, tail]) => {
    const copy = join(datagram.subarray(0, length ?? datagram.length), tail);
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });

const flags = fc.record({
  compression: fc.constantFrom(undefined, 'auto' as const, ...COMPRESSION_NAMES),
  hasChecksum: fc.boolean(),
  payload: fc.constantFrom(...PAYLOAD_MODES),
  isJson: fc.boolean(),
  isFull: fc.boolean(),
});

async function readAll(request: DissectRequest): Promise<void> {
  try {
    for await (const line of dissectLines(request)) {
      expect(line).not.toMatch(/\p{Cc}/u);
      if (request.isJson === true) JSON.parse(line);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(CaptureError);
  }
}

test('any bytes as a file', async () => {
  const packets = fc.array(damaged, { maxLength: 3 });
  const pcapFile = fc
    .tuple(packets, fc.constantFrom(0, 1, 101, 113, 276, 999), fc.boolean(), fc.boolean())
    .map(([all, linkType, isLittle, isNano]) =>
      pcap(
        linkType,
        all.map((datagram, i) => ({ seconds: i, fraction: i, bytes: ethernet(ipv4(udp(datagram))) })),
        isLittle,
        isNano,
      ),
    );
  const pcapngFile = fc
    .tuple(packets, fc.boolean(), fc.nat(255))
    .map(([all, isLittle, resolution]) =>
      join(
        section(isLittle),
        networkInterface(isLittle, 1, resolution),
        ...all.map((datagram, i) => enhanced(isLittle, 0, i * 1e9, ethernet(ipv4(udp(datagram))))),
      ),
    );
  const sessionFile = fc
    .record({
      compression: fc.jsonValue(),
      datagrams: fc.oneof(
        fc.jsonValue(),
        fc.array(fc.tuple(fc.double(), fc.string(), fc.constantFrom('8000', '0', 'x'))),
      ),
    })
    .map((session) => new TextEncoder().encode(JSON.stringify(session)));
  const broken = fc
    .tuple(
      fc.oneof(pcapFile, pcapngFile),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
      fc.option(fc.nat(300)),
    )
    .map(([file, changes, length]) => {
      const copy = file.slice(0, length ?? file.length);
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
      return copy;
    });
  const file = fc.oneof(fc.uint8Array({ maxLength: 300 }), sessionFile, broken);
  await fc.assert(
    fc.asyncProperty(file, flags, (content, options) => readAll({ input: { file: content }, ...options })),
    fcParameters(400),
  );
});

test('any datagrams', async () => {
  const datagram = fc.oneof(damaged, fc.uint8Array({ maxLength: 200 }));
  await fc.assert(
    fc.asyncProperty(fc.array(datagram, { maxLength: 5 }), flags, async (datagrams, options) => {
      const made = new Dissector({
        unpacker: await createUnpacker(options.compression ?? 'auto'),
        hasChecksum: options.hasChecksum,
        payload: options.payload,
      });
      for (const content of datagrams) {
        const dissected = made.dissect({ timeMs: 0, from: 'a', to: 'b', bytes: content });
        expect(datagramLines(dissected, options.isFull).length).toBeGreaterThan(0);
        JSON.parse(datagramJson(dissected));
        // Nothing is dropped in silence: bytes are in commands, in what is left, or there is a problem.
        if (dissected.commands.length === 0) expect(dissected.problem).toBeDefined();
      }
      expect(made.counts.datagrams).toBe(datagrams.length);
    }),
    fcParameters(400),
  );
});

test('any order of fragments gives the packet once, and memory stays bounded', () => {
  const make = (packet: Uint8Array, size: number, number: number): FragmentCommand => ({
    name: 'SEND_FRAGMENT',
    wantsAcknowledge: true,
    isUnsequenced: false,
    channel: 0,
    reliableSeq: number,
    startSeq: 0,
    fragmentCount: Math.ceil(packet.length / size),
    fragmentNumber: number,
    totalLength: packet.length,
    offset: number * size,
    payload: packet.subarray(number * size, (number + 1) * size),
  });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 2, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(59), { maxLength: 120 }),
      (packet, size, order) => {
        const reassembly = new Reassembly();
        const count = Math.ceil(packet.length / size);
        const numbers = [...order.filter((number) => number < count), ...Array(count).keys()];
        const complete = numbers
          .map((number) => reassembly.add('s', make(packet, size, number)))
          .filter((outcome) => outcome.kind === 'complete');
        expect(complete).toEqual([{ kind: 'complete', packet }]);
        expect([...reassembly.unfinished()]).toEqual([]);
      },
    ),
    fcParameters(),
  );
  const small = new Reassembly(2_000);
  const packet = new Uint8Array(100);
  for (let i = 0; i < 50; i++) small.add(`stream ${i}`, make(packet, 50, 0));
  expect([...small.unfinished()]).toHaveLength(6 + 1);
  expect([...small.unfinished()].at(-1)).toBe(
    '44 unfinished packets were given up, as they took more than 2000 bytes',
  );
});

test('values nested as deep as the codec allows', async () => {
  let arrays: VariantInput = 1;
  let dictionaries: VariantInput = 1;
  for (let depth = 0; depth < 1024; depth++) {
    arrays = [arrays];
    dictionaries = new Dictionary([[depth, dictionaries]]);
  }
  for (const value of [arrays, dictionaries]) {
    const payload = varToBytes(value);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < payload.length; at += 1000) parts.push(payload.subarray(at, at + 1000));
    const datagrams = parts.map((part, number) =>
      buildDatagram({
        peerId: 0,
        session: 0,
        isCompressed: false,
        sentTime: undefined,
        rest: new Uint8Array(),
        commands: [
          {
            name: 'SEND_FRAGMENT',
            wantsAcknowledge: false,
            isUnsequenced: false,
            channel: 0,
            reliableSeq: number,
            startSeq: 0,
            fragmentCount: parts.length,
            fragmentNumber: number,
            totalLength: payload.length,
            offset: number * 1000,
            payload: part,
          },
        ],
      }),
    );
    for (const isJson of [false, true]) {
      const lines: string[] = [];
      for await (const line of dissectLines({
        input: { datagrams },
        payload: 'variant',
        isJson,
        isFull: true,
      })) {
        lines.push(line);
      }
      const last = isJson ? lines.at(-1) : lines.at(-2);
      expect(last).toContain(isJson ? '"packet":{"length":' : `whole packet, ${payload.length} bytes`);
      expect(last).not.toContain('NOT READ');
      if (isJson) expect(JSON.parse(last ?? '').commands[0].packet.problem).toBeUndefined();
    }
  }
});
