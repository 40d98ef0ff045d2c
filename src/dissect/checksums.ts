/** Verifies the checksums of captured datagrams. enet-protocol 9.1. */
import { crc32, type ParsedCommand } from '../enet/index.ts';
import { NO_PEER } from '../enet/internal.ts';

/** What became of a checksum. */
export interface ChecksumResult {
  /** The checksum in the datagram, u32. */
  readonly value: number;
  /** `undefined`: it cannot be told. */
  readonly isRight: boolean | undefined;
  /** In words. */
  readonly text: string;
}

/** The last connections between two ends that are remembered. */
const REMEMBERED = 64;

/** Knows the connect ids of a capture, which every checksum covers. */
export class Checksums {
  /** Connect ids between two ends, latest first. */
  readonly #ids = new Map<string, number[]>();

  /**
   * Verifies a checksum.
   *
   * @param ends - Names the two ends, the same in both directions.
   * @param header - Peer word and sentTime as they are on the wire.
   * @param value - The checksum of the datagram, u32.
   * @param body - The commands, uncompressed.
   * @param commands - The same, taken apart: CONNECT and VERIFY_CONNECT carry the connect id.
   */
  verify(
    ends: string,
    header: Uint8Array,
    value: number,
    body: Uint8Array,
    commands: readonly ParsedCommand[],
  ): ChecksumResult {
    const ids = this.#learn(ends, commands);
    const peerId = (((header[0] ?? 0) << 8) | (header[1] ?? 0)) & NO_PEER;
    const covered = new Uint8Array(header.length + 4 + body.length);
    covered.set(header);
    covered.set(body, header.length + 4);
    const view = new DataView(covered.buffer);
    const hex = value.toString(16).padStart(8, '0');
    for (const id of peerId === NO_PEER ? [0] : ids) {
      view.setUint32(header.length, id);
      if (crc32(covered, 0, covered.length) === value) {
        return { value, isRight: true, text: `checksum ${hex} right` };
      }
    }
    if (peerId === NO_PEER) {
      const expected = crc32(covered, 0, covered.length).toString(16).padStart(8, '0');
      return { value, isRight: false, text: `checksum ${hex} WRONG, ${expected} is right` };
    }
    if (ids.length > 0) {
      return { value, isRight: false, text: `checksum ${hex} WRONG for the connections seen so far` };
    }
    return {
      value,
      isRight: undefined,
      text: `checksum ${hex} not verified: its CONNECT is not in the capture`,
    };
  }

  #learn(ends: string, commands: readonly ParsedCommand[]): readonly number[] {
    let ids = this.#ids.get(ends);
    for (const command of commands) {
      if (command.name !== 'CONNECT' && command.name !== 'VERIFY_CONNECT') continue;
      if (ids === undefined) {
        ids = [];
        this.#ids.set(ends, ids);
      }
      const place = ids.indexOf(command.connectId);
      if (place >= 0) ids.splice(place, 1);
      ids.unshift(command.connectId);
      ids.length = Math.min(ids.length, REMEMBERED);
    }
    return ids ?? [];
  }
}
