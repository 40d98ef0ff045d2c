/** A session of golden/sessions, taken apart into commands and packets, in any compression mode. */
import { readFileSync } from 'node:fs';
import {
  type ConnectCommand,
  type ParsedCommand,
  type ParsedDatagram,
  parseDatagram,
} from '../../src/enet/commands.ts';
import type { Compressor } from '../../src/enet/compressor.ts';
import { parseSession, type SessionSide, sessionBytes } from '../../src/testing/session.ts';

/** One packet of a session. */
export interface RecordedPacket {
  /** When its first datagram was seen. */
  readonly ms: number;
  readonly side: SessionSide;
  readonly bytes: Uint8Array;
  /** The ENet channel. */
  readonly channel: number;
  /** The transfer mode that the receiver is told: 0, 1 or 2. */
  readonly mode: 0 | 1 | 2;
}

/** A recorded datagram. */
export interface RecordedDatagram {
  readonly ms: number;
  readonly side: SessionSide;
  readonly bytes: Uint8Array;
  readonly parsed: ParsedDatagram;
}

/** One recorded session. */
export class RecordedSession {
  readonly datagrams: readonly RecordedDatagram[];
  readonly packets: readonly RecordedPacket[];
  readonly #compressor: Compressor | undefined;

  constructor(name: string, compressor?: Compressor) {
    this.#compressor = compressor;
    const file = new URL(`../../golden/sessions/${name}.json`, import.meta.url);
    this.datagrams = parseSession(readFileSync(file, 'utf8')).datagrams.map((datagram) => {
      const bytes = sessionBytes(datagram);
      return { ms: datagram[0], side: datagram[1], bytes, parsed: this.parse(bytes) };
    });
    this.packets = assemblePackets(this.datagrams);
  }

  /** @throws Error when it cannot be taken apart. */
  parse(bytes: Uint8Array): ParsedDatagram {
    const parsed = parseDatagram(bytes, { decompress: (packed) => this.#decompress(packed) });
    if (parsed === undefined) throw new Error('a datagram cannot be taken apart');
    return parsed;
  }

  commandsOf(side: SessionSide): ParsedCommand[] {
    return this.datagrams.filter((one) => one.side === side).flatMap(({ parsed }) => parsed.commands);
  }

  packetsOf(side: SessionSide): RecordedPacket[] {
    return this.packets.filter((packet) => packet.side === side);
  }

  /** By how much the clock of a side was ahead of the record, to the precision of its first sent time. */
  clockOffset(side: SessionSide): number {
    const first = this.datagrams.find((datagram) => datagram.side === side)?.parsed.sentTime;
    const connect = this.datagrams[0];
    if (first === undefined || connect === undefined) throw new Error('the session begins without times');
    return (first - Math.floor(connect.ms)) >>> 0;
  }

  /** The CONNECT of the client. */
  get connect(): ConnectCommand {
    const first = this.commandsOf('client')[0];
    if (first?.name !== 'CONNECT') throw new Error('the session does not begin with CONNECT');
    return first;
  }

  #decompress(packed: Uint8Array): Uint8Array | undefined {
    const output = new Uint8Array(4096);
    const length = this.#compressor?.decompress(packed, 0, packed.length, output, 0, output.length) ?? 0;
    return length === 0 ? undefined : output.subarray(0, length);
  }
}

/** The packets in datagrams, in the order in which they are complete; retransmissions count once. */
export function assemblePackets(datagrams: readonly Omit<RecordedDatagram, 'bytes'>[]): RecordedPacket[] {
  const packets: RecordedPacket[] = [];
  const seen = new Set<string>();
  const fragments = new Map<string, Uint8Array[]>();
  for (const { ms, side, parsed } of datagrams) {
    for (const command of parsed.commands) {
      if (!('payload' in command)) continue;
      const { name, channel, payload } = command;
      const key = `${side} ${JSON.stringify({ ...command, payload: undefined, sentTime: undefined })}`;
      if (name !== 'SEND_UNSEQUENCED' && seen.has(key)) continue;
      seen.add(key);
      const mode = MODES[name];
      if (!('fragmentCount' in command)) {
        packets.push({ ms, side, bytes: new Uint8Array(payload), channel, mode });
        continue;
      }
      const start = `${side} ${name} ${channel} ${command.startSeq}`;
      const parts = fragments.get(start) ?? [];
      fragments.set(start, parts);
      parts[command.fragmentNumber] = payload;
      if (parts.filter(Boolean).length < command.fragmentCount) continue;
      packets.push({ ms, side, bytes: Uint8Array.from(parts.flatMap((part) => [...part])), channel, mode });
    }
  }
  return packets;
}

const MODES = {
  SEND_RELIABLE: 2,
  SEND_FRAGMENT: 2,
  SEND_UNSEQUENCED: 0,
  SEND_UNRELIABLE: 1,
  SEND_UNRELIABLE_FRAGMENT: 1,
} as const;
