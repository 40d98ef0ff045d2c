/**
 * What a bad network does to each datagram, drawn from a seed. The draw depends on nothing but the seed, the direction
 * and how many datagrams went that way before, so that two programs which send alike meet the same losses.
 */
import { PatternRandom } from '../interop/libenet/pattern.ts';

/** How bad a path is. Shares are of 0..1. */
export interface PathOptions {
  /** Share that vanishes. */
  readonly loss: number;
  /** Share that arrives twice. */
  readonly duplicates: number;
  /** Share that is held back by {@link PathOptions.holdMs} more, so that later ones overtake it. */
  readonly reordered: number;
  /** How long, in milliseconds. */
  readonly holdMs: number;
  /** What every datagram takes at least, in milliseconds. */
  readonly delayMs: number;
  /** Up to this much more, each its own share of it. */
  readonly jitterMs: number;
}

/** Towards the server, or back. */
export type Direction = 'toServer' | 'toClient';

/** One delay in whole milliseconds per copy that arrives; empty when the datagram is lost. */
export type Fate = readonly number[];

/** The fate of the datagram with a number (from 0) in a direction. */
export function fateOf(options: PathOptions, seed: number, direction: Direction, index: number): Fate {
  const random = new PatternRandom(
    seed ^ Math.imul(index + 1, 0x9e3779b1) ^ (direction === 'toServer' ? 0x5ca1ab1e : 0),
  );
  // The first words of neighbouring seeds are alike.
  for (let i = 0; i < 8; i++) random.next();
  const dice = (): number => random.next() / 2 ** 32;
  if (dice() < options.loss) return [];
  const copies = dice() < options.duplicates ? 2 : 1;
  return Array.from({ length: copies }, () => {
    const hold = dice() < options.reordered ? options.holdMs : 0;
    return Math.round(options.delayMs + hold + dice() * options.jitterMs);
  });
}
