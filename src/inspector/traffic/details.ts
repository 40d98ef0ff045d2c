/** All about one datagram: bytes, header, commands, whole packets put together of what the ring has, their values with types. */
import { type FragmentOutcome, Reassembly, readPacketValue } from '../../dissect/internal.ts';
import type { FragmentCommand, ParsedCommand, ParsedDatagram } from '../../enet/index.ts';
import { commandLength } from '../../enet/internal.ts';
import type { CommandDetails, DatagramDetails, PacketDetails } from '../protocol.ts';
import type { DatagramReader, Party } from './DatagramReader.ts';
import { speakerOf } from './DatagramReader.ts';
import { type DatagramRecord, type DatagramRing, RecordKind } from './DatagramRing.ts';
import { DROP_TEXT } from './dropText.ts';
import { multiplayerDetails } from './multiplayerDetails.ts';
import { DROP_REASONS } from './TrafficRecorder.ts';
import { valueDetails } from './valueDetails.ts';

/** @param index of a datagram that is in the ring. */
export function datagramDetails(
  ring: DatagramRing,
  index: number,
  reader: DatagramReader,
): DatagramDetails | undefined {
  const record = ring.at(index);
  if (record === undefined) return undefined;
  const datagram = reader.parse(record);
  const problem = problemOf(record, datagram);
  const [previous, next] = [neighbour(ring, index, -1), neighbour(ring, index, 1)];
  return {
    row: reader.row(record),
    hex: hexOf(record.bytes),
    ...compressionOf(record, datagram, reader),
    ...(datagram && {
      header: {
        peerId: datagram.peerId,
        session: datagram.session,
        ...(datagram.sentTime !== undefined && { sentTime: datagram.sentTime }),
      },
    }),
    commands: datagram === undefined ? [] : commandsOf(ring, index, record, datagram, reader),
    ...(problem !== undefined && { problem }),
    ...(previous !== undefined && { previous }),
    ...(next !== undefined && { next }),
  };
}

function problemOf(record: DatagramRecord, datagram: ParsedDatagram | undefined): string | undefined {
  const reason = DROP_REASONS[record.reason];
  if (record.kind === RecordKind.DROP && reason !== undefined) return `${reason}: ${DROP_TEXT[reason]}`;
  if (datagram === undefined)
    return 'It cannot be read: damaged, no ENet, or compressed in a way that is not known here.';
  return datagram.rest.length > 0 && datagram.commands.length === 0
    ? 'It has no command that can be read.'
    : undefined;
}

function compressionOf(
  record: DatagramRecord,
  datagram: ParsedDatagram | undefined,
  reader: DatagramReader,
): Pick<DatagramDetails, 'compression'> {
  if (datagram?.isCompressed !== true) return {};
  const unpacked = reader.unpack(record.bytes.subarray(headerLength(datagram)));
  if (unpacked === undefined) return {};
  const { body, mode } = unpacked;
  return { compression: { name: mode, length: body.length, hex: hexOf(body) } };
}

function headerLength({ sentTime }: ParsedDatagram): number {
  return sentTime === undefined ? 2 : 4;
}

function commandsOf(
  ring: DatagramRing,
  index: number,
  record: DatagramRecord,
  datagram: ParsedDatagram,
  reader: DatagramReader,
): CommandDetails[] {
  const party = reader.partyOf(record);
  const gathered = putTogether(ring, index, datagram, reader);
  let offset = datagram.isCompressed ? 0 : headerLength(datagram);
  return datagram.commands.map((command) => {
    const details: CommandDetails = {
      name: command.name,
      offset,
      length: commandLength(command),
      fields: fieldsOf(command),
      ...packetOf(record, command, gathered, reader, party),
    };
    offset += details.length;
    return details;
  });
}

function fieldsOf(command: ParsedCommand): CommandDetails['fields'] {
  return Object.entries(command).flatMap(([name, value]) =>
    name === 'name' || value instanceof Uint8Array || value === undefined
      ? []
      : [{ name, value: String(value) }],
  );
}

function packetOf(
  record: DatagramRecord,
  command: ParsedCommand,
  gathered: ReadonlyMap<string, Gathered>,
  reader: DatagramReader,
  party: Party,
): Pick<CommandDetails, 'packet' | 'note'> {
  if (!('payload' in command)) return {};
  if (!('fragmentCount' in command))
    return { packet: packetDetails(record, command.payload, reader, party, undefined) };
  const { outcome, numbers } = gathered.get(packetName(command)) ?? NOTHING;
  switch (outcome?.kind) {
    case 'complete': {
      const datagrams = [...numbers].sort((a, b) => a - b);
      return { packet: packetDetails(record, outcome.packet, reader, party, datagrams) };
    }
    case 'bad':
      return { note: outcome.problem };
    default: {
      const missing = outcome?.kind === 'waiting' ? outcome.missing : command.fragmentCount;
      return {
        note: `${missing} of ${command.fragmentCount} parts were not found among the datagrams around it`,
      };
    }
  }
}

/** A packet in fragments, as far as its parts were found. */
interface Gathered {
  outcome: FragmentOutcome | undefined;
  /** Numbers of the datagrams with its parts. */
  readonly numbers: Set<number>;
}

/**
 * Takes the parts of the packets of a datagram from the datagrams around it, the nearest first. What a stranger has sent decides how long
 * that takes: after {@link GATHER_MS} it ends, so that the game goes on.
 *
 * @returns the packets by {@link packetName}.
 */
function putTogether(
  ring: DatagramRing,
  index: number,
  datagram: ParsedDatagram,
  reader: DatagramReader,
): ReadonlyMap<string, Gathered> {
  const wanted = new Map<string, Gathered>();
  for (const command of datagram.commands)
    if ('fragmentCount' in command)
      wanted.set(packetName(command), { outcome: undefined, numbers: new Set() });
  const own = ring.at(index);
  if (wanted.size === 0 || own === undefined) return wanted;
  const reassembly = new Reassembly(MAX_PACKET);
  const open = new Set(wanted.keys());
  const untilMs = performance.now() + GATHER_MS;
  for (let distance = 0; distance < REACH && open.size > 0; distance++) {
    if (distance % LOOKS === 0 && performance.now() > untilMs) break;
    for (const at of distance === 0 ? [index] : [index - distance, index + distance]) {
      const record = ring.at(at);
      if (record === undefined || !isSameWay(record, own)) continue;
      const other = reader.parse(record);
      if (other?.peerId !== datagram.peerId || other.session !== datagram.session) continue;
      for (const command of other.commands) {
        if (!('fragmentCount' in command)) continue;
        const name = packetName(command);
        const packet = open.has(name) ? wanted.get(name) : undefined;
        if (packet === undefined) continue;
        const found = reassembly.add(name, command);
        if (found.kind === 'repeated') continue;
        packet.numbers.add(record.number);
        packet.outcome = found;
        if (found.kind === 'complete') open.delete(name);
      }
    }
  }
  return wanted;
}

function isSameWay(a: DatagramRecord, b: DatagramRecord): boolean {
  // What was dropped has come before, too.
  const isOut = (record: DatagramRecord): boolean => record.kind === RecordKind.OUT;
  return a.port === b.port && a.ip === b.ip && isOut(a) === isOut(b) && a.kind !== RecordKind.DROP;
}

/** What the fragments of one packet have in common. */
function packetName({ name, channel, startSeq, fragmentCount, totalLength }: FragmentCommand): string {
  return `${name} ${channel} ${startSeq} ${fragmentCount} ${totalLength}`;
}

function packetDetails(
  record: DatagramRecord,
  payload: Uint8Array,
  reader: DatagramReader,
  party: Party,
  datagrams: readonly number[] | undefined,
): PacketDetails {
  const whole = {
    length: payload.length,
    hex: hexOf(payload.subarray(0, MAX_HEX)),
    ...(datagrams && { datagrams }),
    text: cut(reader.packetText(record, party, payload)),
  };
  if (party.kind === 'multiplayer') {
    const { value, problem } = multiplayerDetails(payload, speakerOf(record, party), party.dissector);
    return {
      ...whole,
      kind: 'multiplayer',
      ...(value && { value }),
      ...(problem !== undefined && { problem }),
    };
  }
  if (party.kind === 'bytes') return { ...whole, kind: 'bytes' };
  const { value, type, problem } = readPacketValue(payload, 'packet');
  return {
    ...whole,
    kind: 'value',
    ...(value !== undefined && { value: valueDetails(value, type) }),
    ...(problem !== undefined && { problem }),
  };
}

/** The number of the next datagram on the same way, in one of both directions. */
function neighbour(ring: DatagramRing, index: number, step: 1 | -1): number | undefined {
  const own = ring.at(index);
  for (let at = index + step, looked = 0; own !== undefined && looked < REACH; at += step, looked++) {
    const record = ring.at(at);
    if (record === undefined) return undefined;
    if (record.port === own.port && record.ip === own.ip) return record.number;
  }
  return undefined;
}

/** Two digits for each byte. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** How far around a datagram others are looked for. */
const REACH = 5000;
const MAX_PACKET = 33_554_432;
const NOTHING: Gathered = { outcome: undefined, numbers: new Set() };
/** How long parts of packets are looked for, and after how many looks the clock is asked. */
const GATHER_MS = 50;
const LOOKS = 32;
const MAX_HEX = 16_384;
const MAX_TEXT = 4000;
