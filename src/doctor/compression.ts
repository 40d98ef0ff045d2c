/** Which compression a datagram uses, told by what it gives. godot-enet-classes 5.6. */
import { type Compressor, parseDatagram } from '../enet/index.ts';
import { createFastLz, createRangeCoder, MAX_MTU } from '../enet/internal.ts';
import type { CompressionModeName } from './diagnosis.ts';

/** FastLZ pads short bodies with zeros, to 16 bytes (godot-enet-classes 5.3). */
const MAX_PADDING = 15;

/** Tells compressions apart. Holds scratch memory of about 100 KiB from its first use on. */
export class CompressionGuesser {
  #scratch: Uint8Array | undefined;
  #fastLz: Compressor | undefined;
  #rangeCoder: Compressor | undefined;

  /**
   * Looks at the compressed part of a datagram. zlib and zstd are told by their first bytes, the others by whether
   * nothing but whole commands comes out.
   *
   * @param packed what stands behind the header; at most 4096 bytes of it count.
   */
  guess(packed: Uint8Array): CompressionModeName | undefined {
    const word = ((packed[0] ?? 0) << 8) | (packed[1] ?? 0);
    if (word === 0x28b5 && packed[2] === 0x2f && packed[3] === 0xfd) return 'zstd';
    // RFC 1950 2.2: method 8 and a window of 32 KiB, with its check bits.
    if (word >>> 8 === 0x78 && word % 31 === 0) return 'zlib';
    this.#fastLz ??= createFastLz();
    if (this.#givesCommands(this.#fastLz, packed)) return 'FastLZ';
    this.#rangeCoder ??= createRangeCoder();
    if (this.#givesCommands(this.#rangeCoder, packed)) return 'range coder';
    return undefined;
  }

  /**
   * Unpacks the body of a datagram.
   *
   * @param room how many bytes may come out.
   * @returns a copy behind two empty header bytes; `undefined` when nothing comes out.
   */
  unpack(compressor: Compressor, packed: Uint8Array, room: number = MAX_MTU - 2): Uint8Array | undefined {
    this.#scratch ??= new Uint8Array(MAX_MTU);
    const size = compressor.decompress(packed, 0, packed.length, this.#scratch, 2, room);
    if (!(size > 0 && size <= room)) return undefined;
    this.#scratch.fill(0, 0, 2);
    return this.#scratch.slice(0, 2 + size);
  }

  #givesCommands(compressor: Compressor, packed: Uint8Array): boolean {
    const datagram = this.unpack(compressor, packed);
    const parsed = datagram === undefined ? undefined : parseDatagram(datagram);
    return (
      parsed !== undefined &&
      parsed.commands.length > 0 &&
      parsed.rest.length <= MAX_PADDING &&
      parsed.rest.every((byte) => byte === 0)
    );
  }
}
