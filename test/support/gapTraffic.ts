/** Datagrams that a peer sends to make a host hold as much as it can for as little as it can. */
import { buildDatagram, type ParsedCommand } from '../../src/enet/commands.ts';

/** One way to do it: the commands of the datagram with this number. */
export type GapTraffic = (index: number) => readonly ParsedCommand[];

const PER_DATAGRAM = 32;

/** Every way, with payloads of one byte. The packet with reliable number 1 never comes. */
export const GAP_TRAFFIC: Readonly<Record<string, GapTraffic>> = {
  'reliable behind a gap': (index) => many(index, (n) => send('SEND_RELIABLE', n >> 13, 2 + (n & 0x1fff), 0)),
  'unreliable behind a gap': (index) =>
    many(index, (n) => send('SEND_UNRELIABLE', n % 200, 1, 1 + Math.floor(n / 200))),
  'unsequenced, not taken': (index) => many(index, (n) => send('SEND_UNSEQUENCED', 0, 0, n & 0xffff)),
  'reliable in order, not taken': (index) =>
    many(index, (n) => send('SEND_RELIABLE', 254, (n + 1) & 0xffff, 0)),
  'fragments of one byte': (index) =>
    many(index, (n) => fragment(n % 200, 2 + 1000 * Math.floor(n / 200_000), Math.floor(n / 200) % 1000)),
  'one fragment of each packet': (index) => many(index, (n) => fragment(n >> 12, 2 + ((n & 0xfff) << 1), 0)),
  'empty packets behind a gap': (index) =>
    many(index, (n) => ({ ...send('SEND_RELIABLE', n >> 13, 2 + (n & 0x1fff), 0), payload: NOTHING })),
};

/** The datagram with a number, from a client in slot 0 with its first session. */
export function gapDatagram(traffic: GapTraffic, index: number, slot = 0, session = 0): Uint8Array {
  const commands = [...traffic(index)];
  return buildDatagram({
    peerId: slot,
    session,
    isCompressed: false,
    sentTime: 1,
    commands,
    rest: NOTHING,
  });
}

const NOTHING = new Uint8Array(0);

function many(index: number, make: (n: number) => ParsedCommand): ParsedCommand[] {
  return Array.from({ length: PER_DATAGRAM }, (_, i) => make(index * PER_DATAGRAM + i));
}

function send(
  name: 'SEND_RELIABLE' | 'SEND_UNRELIABLE' | 'SEND_UNSEQUENCED',
  channel: number,
  reliableSeq: number,
  number: number,
) {
  return {
    name,
    wantsAcknowledge: name === 'SEND_RELIABLE',
    isUnsequenced: name === 'SEND_UNSEQUENCED',
    channel,
    reliableSeq,
    unreliableSeq: number,
    payload: Uint8Array.of(7),
  } as const;
}

function fragment(channel: number, start: number, number: number): ParsedCommand {
  return {
    name: 'SEND_FRAGMENT',
    wantsAcknowledge: true,
    isUnsequenced: false,
    channel,
    reliableSeq: (start + number) & 0xffff,
    startSeq: start & 0xffff,
    fragmentCount: 1000,
    fragmentNumber: number,
    totalLength: 1000,
    offset: number,
    payload: Uint8Array.of(7),
  };
}
