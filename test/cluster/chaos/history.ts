/**
 * What nodes of a cluster did, line by line, and what must never be in it. Each node writes its own file, with the monotonic clock of the
 * machine, which all processes share; the driver writes what it did to them. The checks know nothing of the product.
 */

/** One line. Times are milliseconds of the machine's monotonic clock. */
export type Line = { readonly t: number; readonly node: string } & (
  | { readonly what: 'open'; readonly room: string; readonly epoch: number; readonly seats: number }
  | {
      readonly what: 'admit' | 'leave';
      readonly room: string;
      readonly epoch: number;
      readonly player: string;
    }
  | { readonly what: 'end'; readonly room: string; readonly epoch: number }
  | { readonly what: 'fenced' | 'unfenced' }
  | { readonly what: 'sees' | 'misses'; readonly other: string }
  /** The bus did not answer this node, and answers again: it may be the machine that stood still. */
  | { readonly what: 'bus-down' | 'bus-up' }
  /** By the driver: `node` was killed, stopped or let go on. */
  | { readonly what: 'killed' | 'stopped' | 'continued' }
  /** By the driver, of the bus. */
  | { readonly what: 'bus-gone' | 'bus-back' }
  /** By the driver, in a quiet moment: what each living node has, and what one of them sees listed. */
  | {
      readonly what: 'census';
      readonly has: readonly Place[];
      readonly listed: readonly Place[];
    }
);

/** A room on a node. */
export interface Place {
  readonly room: string;
  readonly node: string;
  readonly epoch: number;
}

/** How long nodes may take. */
export interface Bounds {
  /** To see that another one is dead. */
  readonly noticeMs: number;
  /** To take players again once the bus is back. */
  readonly recoverMs: number;
}

/** Everything that is wrong. */
export function faultsOf(lines: readonly Line[], bounds: Bounds): string[] {
  const sorted = lines.toSorted((a, b) => a.t - b.t);
  return [
    ...twins(sorted),
    ...seatFaults(sorted),
    ...censusFaults(sorted),
    ...lateNotices(sorted, bounds.noticeMs),
    ...lateRecoveries(sorted, bounds.recoverMs),
  ];
}

/** Once a room is open under an epoch, nobody is admitted to it, and it is not opened, under an older one. */
function twins(lines: readonly Line[]): string[] {
  const newest = new Map<string, { readonly epoch: number; readonly node: string }>();
  const found: string[] = [];
  for (const line of lines) {
    if (line.what !== 'open' && line.what !== 'admit') continue;
    const { room, epoch, node, what, t } = line;
    const last = newest.get(room);
    if (last !== undefined && (epoch < last.epoch || (epoch === last.epoch && node !== last.node)))
      found.push(
        `twin: ${node} has ${what} ${room} as ${epoch} at ${t}, which is ${last.epoch} of ${last.node}`,
      );
    if (last === undefined || epoch > last.epoch) newest.set(room, { epoch, node });
  }
  return found;
}

/** No room has more players than seats, and nobody has two of them. */
function seatFaults(lines: readonly Line[]): string[] {
  const rooms = new Map<string, { readonly seats: number; readonly players: Set<string> }>();
  const found: string[] = [];
  for (const line of lines) {
    if (line.what === 'open')
      rooms.set(`${line.room} ${line.epoch}`, { seats: line.seats, players: new Set() });
    if (line.what !== 'admit' && line.what !== 'leave') continue;
    const room = rooms.get(`${line.room} ${line.epoch}`);
    if (room === undefined) found.push(`${line.player} is let into ${line.room}, which is not open`);
    else if (line.what === 'leave') room.players.delete(line.player);
    else if (room.players.has(line.player)) found.push(`${line.player} has two seats in ${line.room}`);
    else if (room.players.add(line.player).size > room.seats)
      found.push(`${line.room} has sold ${room.players.size} of ${room.seats} seats`);
  }
  return found;
}

/** In a quiet moment each open room is listed once, where it is. */
function censusFaults(lines: readonly Line[]): string[] {
  const found: string[] = [];
  for (const line of lines) {
    if (line.what !== 'census') continue;
    const name = ({ room, node, epoch }: Place): string => `${room} on ${node} as ${epoch}`;
    const { has } = line;
    const listed = new Set(line.listed.map(name));
    for (const place of has) if (!listed.delete(name(place))) found.push(`lost listing: ${name(place)}`);
    for (const rest of listed) found.push(`stale listing: ${rest}`);
    const owners = new Map<string, string>();
    for (const { room, node } of has) {
      const other = owners.get(room);
      if (other !== undefined) found.push(`twin: ${room} is open on ${other} and on ${node}`);
      owners.set(room, node);
    }
  }
  return found;
}

/** Spans of time in which something was so. */
function spans(
  lines: readonly Line[],
  begins: (line: Line) => boolean,
  ends: (line: Line) => boolean,
): [from: number, to: number][] {
  const found: [number, number][] = [];
  let from: number | undefined;
  for (const line of lines) {
    if (begins(line)) from ??= line.t;
    else if (from !== undefined && ends(line)) {
      found.push([from, line.t]);
      from = undefined;
    }
  }
  if (from !== undefined) found.push([from, Number.POSITIVE_INFINITY]);
  return found;
}

/** Who is there all the time while another one is dead sees it soon, unless the bus was away for all or for this one. */
function lateNotices(lines: readonly Line[], noticeMs: number): string[] {
  const nodes = new Set(lines.filter(({ what }) => what === 'unfenced').map(({ node }) => node));
  const lastMs = lines.at(-1)?.t ?? 0;
  const found: string[] = [];
  for (const { what, node: dead, t } of lines) {
    if (what !== 'killed' || t + noticeMs > lastMs) continue;
    for (const node of nodes) {
      if (outages(lines, node).some(([from, to]) => from < t + noticeMs && to > t - noticeMs)) continue;
      const sees = lines.filter(
        (line) =>
          line.node === node && (line.what === 'sees' || line.what === 'misses') && line.other === dead,
      );
      const last = sees.findLast((line) => line.t <= t);
      // It did not know it.
      if (node === dead || last?.what !== 'sees' || !isThere(lines, node, t, t + noticeMs)) continue;
      const seen = sees.find((line) => line.what === 'misses' && line.t > t);
      if (seen === undefined || seen.t > t + noticeMs)
        found.push(`${node} sees after ${((seen?.t ?? lastMs) - t).toFixed(0)} ms that ${dead} is dead`);
    }
  }
  return found;
}

/** Who is there all the time takes players again soon after the bus is back. */
function lateRecoveries(lines: readonly Line[], recoverMs: number): string[] {
  const nodes = new Set(lines.filter(({ what }) => what === 'unfenced').map(({ node }) => node));
  const lastMs = lines.at(-1)?.t ?? 0;
  const goneAgain = (t: number, node: string): boolean =>
    outages(lines, node).some(([from]) => from > t && from <= t + recoverMs);
  const found: string[] = [];
  for (const { what, t } of lines) {
    if (what !== 'bus-back' || t + recoverMs > lastMs) continue;
    for (const node of nodes) {
      if (goneAgain(t, node) || !isThere(lines, node, t, t + recoverMs)) continue;
      const states = lines.filter(
        (line) => line.node === node && (line.what === 'fenced' || line.what === 'unfenced'),
      );
      if (states.findLast((line) => line.t <= t + recoverMs)?.what === 'fenced')
        found.push(`${node} takes no players ${recoverMs} ms after the bus is back`);
    }
  }
  return found;
}

/** When the bus was away for a node: for all, or for it alone. */
function outages(lines: readonly Line[], node: string): [from: number, to: number][] {
  return [
    ...spans(
      lines,
      ({ what }) => what === 'bus-gone',
      ({ what }) => what === 'bus-back',
    ),
    ...spans(
      lines.filter((line) => line.node === node),
      ({ what }) => what === 'bus-down',
      ({ what }) => what === 'bus-up',
    ),
  ];
}

/** Whether a node runs in all of a span, and ran before it. */
function isThere(lines: readonly Line[], node: string, from: number, to: number): boolean {
  const own = lines.filter((line) => line.node === node);
  if (!own.some(({ what, t }) => what === 'unfenced' && t <= from)) return false;
  const away = spans(
    own,
    ({ what }) => what === 'killed' || what === 'stopped',
    ({ what }) => what === 'continued',
  );
  return !away.some(([begin, end]) => begin < to && end > from);
}
