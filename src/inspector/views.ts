/** What viewers say they look at, read from JSON of whoever has sent it: every part bounded. */
import { Refused } from './access/requests.ts';
import type { View } from './protocol.ts';

/** @throws Refused 400 for what is no view. */
export function readView(text: unknown): View {
  const value = fieldsOf(text);
  const { section } = value;
  if (typeof section !== 'string' || !SECTIONS.has(section))
    throw new Refused(400, 'There is no such section.');
  const view: Record<string, unknown> = { section };
  for (const [name, read] of Object.entries(FIELDS)) {
    const given = value[name];
    if (given === undefined || given === null) continue;
    view[name] = read(given, name);
  }
  // Each field was read as its type; what a section has no use for is left alone.
  return view as unknown as View;
}

/** An object from JSON. @throws Refused 400 */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refused(400, 'That is no object.');
  return value as Readonly<Record<string, unknown>>;
}

/** @throws Refused 400 for anything but a text of so many characters. */
export function readText(value: unknown, name: string, most = 500): string {
  if (typeof value !== 'string' || value.length > most)
    throw new Refused(400, `"${name}" is a text of at most ${most} characters.`);
  return value;
}

/** @throws Refused 400 for anything but an integer in the range. */
export function readNumber(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new Refused(400, `"${name}" is an integer from ${least} to ${most}.`);
  return value;
}

/** @throws Refused 400 for anything but a boolean. */
export function readFlag(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw new Refused(400, `"${name}" is true or false.`);
  return value;
}

const text = (value: unknown, name: string): string => readText(value, name);
const shortText = (value: unknown, name: string): string => readText(value, name, 200);
const FIELDS: Readonly<Record<string, (value: unknown, name: string) => unknown>> = {
  server: (value, name) => readNumber(value, name, 1, Number.MAX_SAFE_INTEGER),
  search: shortText,
  sort: shortText,
  filter: shortText,
  room: text,
  selected: (value, name) => readText(value, name, 2000),
  descending: readFlag,
  offset: (value, name) => readNumber(value, name, 0, 10_000_000),
  limit: (value, name) => readNumber(value, name, 1, 200),
  position: (value, name) => (value === 'end' ? value : readNumber(value, name, 0, Number.MAX_SAFE_INTEGER)),
  expanded: (value, name) => {
    if (!Array.isArray(value) || value.length > MAX_EXPANDED)
      throw new Refused(400, `"${name}" is a list of at most ${MAX_EXPANDED} paths.`);
    return value.map((path) => readText(path, name, 2000));
  },
};
const MAX_EXPANDED = 500;
const SECTIONS: ReadonlySet<string> = new Set<View['section']>([
  'overview',
  'peers',
  'rooms',
  'cluster',
  'traffic',
  'calls',
  'charts',
  'scene',
]);
