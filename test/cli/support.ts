/** What the tests of the dissector share. */

import { type DissectRequest, dissectLines } from '../../src/cli/runDissect.ts';
import { datagramLines } from '../../src/cli/textReport.ts';
import type { CapturedDatagram } from '../../src/dissect/capture/capturedDatagram.ts';
import { Dissector } from '../../src/dissect/Dissector.ts';
import type { PayloadMode } from '../../src/dissect/packetValue.ts';
import { type CompressionChoice, createUnpacker } from '../../src/dissect/unpack.ts';
import { buildDatagram, type ParsedCommand } from '../../src/enet/commands.ts';

/** All lines that a request gives. */
export async function lines(request: DissectRequest): Promise<string[]> {
  const all: string[] = [];
  for await (const line of dissectLines(request)) all.push(line);
  return all;
}

/** A datagram with one reliable packet. */
export function sending(payload: Uint8Array): Uint8Array {
  return datagramOf([
    {
      name: 'SEND_RELIABLE',
      wantsAcknowledge: true,
      isUnsequenced: false,
      channel: 0,
      reliableSeq: 1,
      unreliableSeq: 0,
      payload,
    },
  ]);
}

/** A datagram with these commands. */
export function datagramOf(commands: readonly ParsedCommand[], session = 0): Uint8Array {
  return buildDatagram({
    peerId: 0,
    session,
    isCompressed: false,
    sentTime: 1,
    commands,
    rest: new Uint8Array(),
  });
}

/** A function that gives the lines of one datagram after the other. */
export async function dissector(
  options: { compression?: CompressionChoice; hasChecksum?: boolean; payload?: PayloadMode } = {},
): Promise<(datagram: Uint8Array, captured?: Partial<CapturedDatagram>) => string[]> {
  const made = new Dissector({
    unpacker: await createUnpacker(options.compression ?? 'auto'),
    hasChecksum: options.hasChecksum ?? false,
    payload: options.payload ?? 'packet',
  });
  return (datagram, captured = {}) =>
    datagramLines(made.dissect({ timeMs: 0, from: '', to: '', bytes: datagram, ...captured }), false);
}
