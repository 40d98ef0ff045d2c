/** What a node says of itself, and how that is written down. */

/** What others know of a node. */
export interface NodeFacts {
  /** Its id. */
  readonly id: string;
  /** Which claim of that id it is; a node that was started anew, or has lost its lease, has a larger one. */
  readonly epoch: number;
  /** Where clients reach it, by transport, as the game has named them. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Where it stands; empty when it did not say. */
  readonly region: string;
  /** What else the game says of it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the game's program; empty when it did not say. */
  readonly version: string;
  /** Whether it takes no new rooms. */
  readonly isDraining: boolean;
  /** Players now, those who are away among them. */
  readonly players: number;
  /** Rooms now. */
  readonly rooms: number;
  /** The most players; `null`: as many as come. */
  readonly maxPlayers: number | null;
  /** The most rooms; `null`: as many as are asked for. */
  readonly maxRooms: number | null;
}

/** What a node says: all but what its record has anyhow. */
export type OwnFacts = Omit<NodeFacts, 'id' | 'epoch'>;

/** As the value of a record. */
export function writeFacts(facts: OwnFacts): string {
  return JSON.stringify(facts);
}

/** @returns `undefined` for what is no node: another version of this package may have written it. */
export function readFacts(key: string, epoch: number, value: string): NodeFacts | undefined {
  const read = readObject(value);
  if (read === undefined) return undefined;
  const { region, version, isDraining, players, rooms, maxPlayers, maxRooms } = read;
  const addresses = textsOf(read['addresses']);
  const labels = textsOf(read['labels']);
  const isGood =
    typeof region === 'string' &&
    typeof version === 'string' &&
    typeof isDraining === 'boolean' &&
    isCount(players) &&
    isCount(rooms) &&
    (maxPlayers === null || isCount(maxPlayers)) &&
    (maxRooms === null || isCount(maxRooms));
  if (!isGood || addresses === undefined || labels === undefined) return undefined;
  const id = key.slice(key.indexOf('/') + 1);
  return { id, epoch, addresses, region, labels, version, isDraining, players, rooms, maxPlayers, maxRooms };
}

/** A JSON object; `undefined` for anything else. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether something is an object and no array. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether something is an integer from 0 on. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function textsOf(value: unknown): Record<string, string> | undefined {
  if (!isTable(value)) return undefined;
  const entries = Object.entries(value);
  const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';
  return entries.every(isText) ? Object.fromEntries(entries) : undefined;
}
