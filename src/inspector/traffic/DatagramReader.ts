/** Recorded datagrams in words: whatever the compression, and as the server at the other end of the address reads its packets. */
import { ENetPacketUtils, GodotJSON } from '../../../codec/index.ts';
import type { Unpacker } from '../../dissect/internal.ts';
import { type ParsedCommand, type ParsedDatagram, parseDatagram } from '../../enet/index.ts';
import type { MultiplayerDissector } from '../../multiplayer/index.ts';
import { describeCommand, hexOf } from '../../ops/internal.ts';
import type { DatagramRow } from '../protocol.ts';
import { type DatagramRecord, RecordKind } from './DatagramRing.ts';
import { DROP_REASONS } from './TrafficRecorder.ts';

/** Who is at an address, and how what it says is read. */
export interface Party {
  /** `PeerRow.key`; `undefined` for nobody who is there now. */
  readonly key: string | undefined;
  /** The number of the server that it is at; missing for nobody. */
  readonly server?: number;
  /** Its number in Godot; 0 when it is not known. */
  readonly peerId: number;
  /** Packets of `ENetPacketUtils`, those of a SceneMultiplayer, or anything. */
  readonly kind: 'value' | 'multiplayer' | 'bytes';
  /** Names for those of a SceneMultiplayer. */
  readonly dissector: MultiplayerDissector | undefined;
}

/** Says who is at an address. */
export type FindParty = (ip: string, port: number) => Party;

/** See the head of this file. */
export class DatagramReader {
  /** Unpacks what is compressed; `undefined` until it is loaded. */
  unpacker: Unpacker | undefined;
  readonly #find: FindParty;

  constructor(find: FindParty) {
    this.#find = find;
  }

  /** Who a datagram is from or for. */
  partyOf({ ip, port }: DatagramRecord): Party {
    return this.#find(ip, port);
  }

  /** Takes a datagram apart; `undefined` when it cannot be read. The payloads are views. */
  parse({ bytes }: DatagramRecord): ParsedDatagram | undefined {
    return parseDatagram(bytes, { decompress: (packed) => this.unpack(packed)?.body });
  }

  /** What compressed commands are; `undefined` when nothing can unpack them. */
  unpack(packed: Uint8Array): { readonly body: Uint8Array; readonly mode: string } | undefined {
    // The header of what is sent has 2 or 4 bytes; the longer one bounds the output.
    const unpacked = this.unpacker?.unpack(packed, 4);
    return typeof unpacked === 'object' ? unpacked : undefined;
  }

  /** One row of the list. */
  row(record: DatagramRecord): Omit<DatagramRow, 'index'> {
    const { key, server } = this.partyOf(record);
    return {
      number: record.number,
      timeMs: record.timeMs,
      direction: DIRECTIONS[record.kind],
      address: addressOf(record),
      size: record.size,
      ...(key !== undefined && { peer: key }),
      ...(server !== undefined && { server }),
      parts: this.parts(record).slice(0, MAX_PARTS).map(cutPart),
    };
  }

  /** What a datagram holds, one text per command; for a drop the reason first. */
  parts(record: DatagramRecord, datagram: ParsedDatagram | undefined = this.parse(record)): string[] {
    const parts = record.kind === RecordKind.DROP ? [DROP_REASONS[record.reason] ?? ''] : [];
    if (datagram === undefined) return [...parts, `not readable: ${hexOf(record.bytes)}`];
    if (datagram.isCompressed) parts.push('compressed');
    if (datagram.commands.length === 0) return [...parts, `no command: ${hexOf(record.bytes)}`];
    const party = this.partyOf(record);
    for (const command of datagram.commands) parts.push(this.#describe(record, party, command));
    return parts;
  }

  /** A whole packet in one line. */
  packetText(record: DatagramRecord, party: Party, payload: Uint8Array): string {
    if (party.kind === 'multiplayer' && party.dissector !== undefined)
      return party.dissector.describe(speakerOf(record, party), payload);
    const value = party.kind === 'value' ? ENetPacketUtils.decodeAuto(payload) : null;
    if (value === null || value instanceof Uint8Array) return `${payload.length} bytes: ${hexOf(payload)}`;
    return GodotJSON.stringify(value, '', false);
  }

  #describe(record: DatagramRecord, party: Party, command: ParsedCommand): string {
    if (!('payload' in command) || 'fragmentCount' in command) return describeCommand(command);
    const place = command.channel === 255 ? 'control' : `channel ${command.channel}`;
    return `${command.name} ${place} #${command.reliableSeq} ${this.packetText(record, party, command.payload)}`;
  }
}

/** Who has said a packet, as a dissector is told: the number of the peer, negative for what goes to it. */
export function speakerOf({ kind }: DatagramRecord, { peerId }: Party): number {
  return kind === RecordKind.OUT ? -peerId : peerId;
}

/** `ip:port`, with brackets around IPv6; empty for none. */
export function addressOf({ ip, port }: DatagramRecord): string {
  if (ip === '') return '';
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function cutPart(text: string): string {
  return text.length > MAX_PART ? `${text.slice(0, MAX_PART)}…` : text;
}

const DIRECTIONS: Readonly<Record<RecordKind, DatagramRow['direction']>> = { 0: 'in', 1: 'out', 2: 'drop' };
const MAX_PARTS = 32;
const MAX_PART = 500;
