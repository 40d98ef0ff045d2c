/** Reads what one side of a connection sends, ahead of the bad network, and counts it. enet-protocol sections 1, 2. */
import { parseDatagram } from '../../src/enet/commands.ts';
import { createRangeCoder } from '../../src/enet/compress/rangeCoder.ts';

/** The counts of one direction. */
export interface CommandCounts {
  /** Datagrams. */
  readonly datagrams: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Datagrams that were compressed. */
  readonly compressed: number;
  /** Commands on data channels that want an acknowledgement, each counted once. */
  readonly reliable: number;
  /** Commands of the control channel, each counted once. */
  readonly control: number;
  /** How often a command that wants an acknowledgement was sent again. */
  readonly retransmissions: number;
  /** Commands of unreliable and unsequenced data that the throttle let out. */
  readonly unreliable: number;
  /** Acknowledgements. */
  readonly acknowledges: number;
  /** Datagrams that could not be read to their end. */
  readonly unreadable: number;
}

/** Counts the commands of one direction of one connection. */
export class CommandLog {
  readonly #hasChecksum: boolean;
  readonly #rangeCoder = createRangeCoder();
  readonly #unpacked = new Uint8Array(4096);
  readonly #seen = new Set<number>();
  #counts: { -readonly [K in keyof CommandCounts]: number } = {
    datagrams: 0,
    bytes: 0,
    compressed: 0,
    reliable: 0,
    control: 0,
    retransmissions: 0,
    unreliable: 0,
    acknowledges: 0,
    unreadable: 0,
  };

  /** @param hasChecksum whether four bytes of checksum follow each header. */
  constructor(hasChecksum: boolean) {
    this.#hasChecksum = hasChecksum;
  }

  /** The counts so far. */
  get counts(): CommandCounts {
    return { ...this.#counts };
  }

  /** Takes a datagram as it was sent. */
  add(bytes: Uint8Array): void {
    const counts = this.#counts;
    counts.datagrams++;
    counts.bytes += bytes.length;
    const parsed = parseDatagram(this.#hasChecksum ? withoutChecksum(bytes) : bytes, {
      decompress: (packed) => this.#unpack(packed),
    });
    if (parsed === undefined || parsed.rest.length > 0) counts.unreadable++;
    if (parsed?.isCompressed === true) counts.compressed++;
    for (const command of parsed?.commands ?? []) {
      if (command.name === 'ACKNOWLEDGE') counts.acknowledges++;
      else if (command.wantsAcknowledge) this.#addReliable(command.channel, command.reliableSeq);
      else counts.unreliable++;
    }
  }

  #addReliable(channel: number, seq: number): void {
    const key = channel * 65_536 + seq;
    if (this.#seen.has(key)) this.#counts.retransmissions++;
    else if (channel === CONTROL_CHANNEL) this.#counts.control++;
    else this.#counts.reliable++;
    this.#seen.add(key);
  }

  #unpack(packed: Uint8Array): Uint8Array | undefined {
    const length = this.#rangeCoder.decompress(
      packed,
      0,
      packed.length,
      this.#unpacked,
      0,
      this.#unpacked.length,
    );
    return length === 0 ? undefined : this.#unpacked.subarray(0, length);
  }
}

/** enet-protocol 2.1. */
const CONTROL_CHANNEL = 0xff;

function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const headerLength = ((bytes[0] ?? 0) & 0x80) === 0 ? 2 : 4;
  const plain = new Uint8Array(Math.max(bytes.length - 4, 0));
  plain.set(bytes.subarray(0, headerLength));
  plain.set(bytes.subarray(headerLength + 4), headerLength);
  return plain;
}
