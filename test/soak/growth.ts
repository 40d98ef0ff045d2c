/** What a soak may leave behind. */
import type { SoakRound } from './soak.ts';

/**
 * What has grown between the first rounds, in which everything warms up, and the last ones; `undefined` when nothing did.
 *
 * A socket remembers the addresses it has seen, in two generations of 8,192 (`SockaddrTable`, `AddressTable`), because
 * every connection over UDP comes from a port of its own here: {@link ADDRESS_BYTES} each, up to {@link MAX_ADDRESSES}
 * of them. That is taken off; what is above it is a leak of some 100 bytes per connection or more.
 */
export function growthOf(rounds: readonly SoakRound[], connectionsPerRound: number): string | undefined {
  const quarter = Math.max(1, rounds.length >> 2);
  const median = (part: readonly SoakRound[], read: (round: SoakRound) => number): number =>
    part.map(read).sort((a, b) => a - b)[part.length >> 1] ?? 0;
  const early = rounds.slice(quarter, 2 * quarter);
  const late = rounds.slice(-quarter);
  const grown = (read: (round: SoakRound) => number): number => median(late, read) - median(early, read);
  const connections = connectionsPerRound * (rounds.length - 2 * quarter);
  const allowed = NOISE_BYTES + ADDRESS_BYTES * Math.min(connections, MAX_ADDRESSES) + 100 * connections;
  const heap = grown((round) => round.heapBytes);
  const thread = grown((round) => round.threadHeapBytes);
  const rss = grown((round) => round.rssBytes);
  if (heap > allowed) return `the heap grew by ${heap} bytes, ${allowed} are allowed`;
  if (thread > allowed) return `the heap of the thread grew by ${thread} bytes, ${allowed} are allowed`;
  if (rss > 48 * 1048576) return `the resident set grew by ${rss} bytes`;
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first === undefined || last === undefined) return 'there were no rounds';
  // A server that has nobody to look after has no timer: fewer are no leak.
  if (last.resources > first.resources) return `resources ${first.resources} became ${last.resources}`;
  if (last.listeners > first.listeners) return `listeners ${first.listeners} became ${last.listeners}`;
  return undefined;
}

/** An address object with its text, its entry in a map and its C form: what heap snapshots show is 300 to 380. */
const ADDRESS_BYTES = 400;
const MAX_ADDRESSES = 2 * 8192;
const NOISE_BYTES = 512 * 1024;
