/** The trace of commands: in, out and dropped, each with its place. */
import { describe, expect, test } from 'vitest';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';
import {
  type CommandTraceEntry,
  type CommandTraceOptions,
  crc32,
  type HostOptions,
  Packet,
  PacketFlag,
  traceCommands,
} from '../../src/enet.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { bytes, connected, type Pair } from './harness.ts';

expectDiagnoses('dropped datagrams are what it is about');

/** Traces the server of a pair. */
function traced(
  options: Partial<HostOptions>,
  trace: CommandTraceOptions,
): Pair & { readonly lines: string[] } {
  const pair = connected({ client: options, server: options });
  const lines: string[] = [];
  pair.server.host.trace = traceCommands(({ direction, command, at, reason }: CommandTraceEntry) => {
    lines.push(`${direction} ${command?.name ?? '?'} ${at}${reason === undefined ? '' : ` ${reason}`}`);
  }, trace);
  return { ...pair, lines };
}

const rangeCoder = createRangeCoder();
const cases: [string, Partial<HostOptions>, CommandTraceOptions, number][] = [
  ['plain', {}, {}, 4],
  ['with a checksum', { checksum: crc32 }, { hasChecksum: true }, 8],
  ['compressed', { compressor: rangeCoder }, { compressor: () => rangeCoder }, 4],
  [
    'compressed with a checksum',
    { compressor: rangeCoder, checksum: crc32 },
    { compressor: () => rangeCoder, hasChecksum: true },
    8,
  ],
];

describe.each(cases)('%s', (_name, options, trace, header) => {
  test('every command of a datagram is told with its place, and what answers it', () => {
    const { world, toServer, lines } = traced(options, trace);
    toServer.send(0, new Packet(new Uint8Array(200), PacketFlag.RELIABLE));
    toServer.send(1, new Packet(new Uint8Array(100), PacketFlag.NONE));
    world.step();
    world.settle();
    const inbound = lines.filter((line) => line.startsWith('in'));
    expect(inbound.slice(0, 2)).toEqual([`in SEND_RELIABLE ${header}`, `in SEND_UNRELIABLE ${header + 206}`]);
    const afterHeader = options.checksum === undefined ? 2 : 6;
    expect(lines).toContain(`out ACKNOWLEDGE ${afterHeader}`);
    expect(lines.filter((line) => line.startsWith('dropped'))).toEqual([]);
  });

  test('a refused command is named by its place', () => {
    const { world, client, server, toServer, lines } = traced(options, trace);
    toServer.send(1, new Packet(bytes('first'), PacketFlag.NONE));
    toServer.send(0, new Packet(new Uint8Array(300), PacketFlag.RELIABLE));
    client.flush();
    const sent = client.sent.at(-1);
    // The same datagram again: one of its commands is a duplicate, the other a repeat, which is no drop.
    server.feed(sent?.bytes ?? '', client.address);
    world.settle();
    expect(lines.filter((line) => line.startsWith('dropped'))).toEqual([
      `dropped SEND_UNRELIABLE ${header} DUPLICATE`,
    ]);
  });
});

test('a dropped datagram has no command, whatever came before it', () => {
  const { server, client, lines } = traced({}, {});
  server.feed('80000000 85ff0001', client.address);
  server.feed('0009', client.address);
  server.feed('8000', client.address);
  server.feed('4000 0102', client.address);
  server.service();
  expect(lines.slice(0, 1)).toEqual(['in PING 4']);
  expect(lines.filter((line) => line.startsWith('dropped'))).toEqual([
    'dropped ? -1 UNKNOWN_PEER',
    'dropped ? -1 DATAGRAM_TOO_SHORT',
    'dropped ? -1 NO_COMPRESSOR',
  ]);
});

test('the place where a datagram stops making sense', () => {
  const { server, client, lines } = traced({}, {});
  server.feed('80000000 85ff0001 8dff0002', client.address);
  server.feed('80000000 85ff0002 86050001 0001 61', client.address);
  server.service();
  expect(lines.filter((line) => line.startsWith('dropped'))).toEqual([
    'dropped ? 8 BAD_COMMAND',
    'dropped SEND_RELIABLE 8 BAD_CHANNEL',
  ]);
});
