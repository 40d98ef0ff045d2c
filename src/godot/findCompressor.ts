/** The compressors of the `COMPRESS_*` modes. godot-enet-classes 2.2 (`compress`) and 5. */

import { describe } from '../../options/internal.ts';
import type { Compressor } from '../enet/index.ts';
import { CompressionMode } from './constants.ts';

/** A mode's compressor; `undefined` inside stands for no compression. */
export interface FoundCompressor {
  /** For the ENet host. */
  readonly compressor: Compressor | undefined;
}

/**
 * Makes the compressor of a mode. Never throws.
 *
 * @param create `ENetConnectionOptions.createCompressor`.
 * @returns it, or in words why there is none (and, when `create` says so, what would help).
 */
export function findCompressor(
  mode: unknown,
  create: ((mode: number) => Compressor | undefined) | undefined,
): FoundCompressor | string {
  if (!isCompressionMode(mode)) return `mode ${describe(mode)} is unknown, expected 0..4`;
  if (mode === CompressionMode.COMPRESS_NONE) return { compressor: undefined };
  try {
    const compressor = create?.(mode);
    return compressor === undefined ? `mode ${mode} is not available here` : { compressor };
  } catch (error) {
    const reason = error instanceof Error ? error.message : describe(error);
    return `mode ${mode} is not available here (${reason})`;
  }
}

/** A compressor that unpacks and never packs: what it sends, everybody understands. */
export function readOnly(compressor: Compressor | undefined): Compressor | undefined {
  if (compressor === undefined) return undefined;
  return {
    name: `${compressor.name} (reading only)`,
    compress: () => 0,
    decompress: (input, inStart, inEnd, output, outStart, outLimit) =>
      compressor.decompress(input, inStart, inEnd, output, outStart, outLimit),
  };
}

function isCompressionMode(mode: unknown): mode is CompressionMode {
  return COMPRESSION_MODES.has(mode);
}

const COMPRESSION_MODES: ReadonlySet<unknown> = new Set(Object.values(CompressionMode));
