/**
 * Dumps as text: of xxd, hexdump and od, of tcpdump (-x, -X), and of Wireshark (packet bytes, "Follow" and `tshark -x`). A dump
 * begins anew wherever its offset does.
 */
import { CaptureError } from './capturedDatagram.ts';

/** The bytes of one dump. */
export interface Dump {
  /** The line where it begins, counted from 1. */
  readonly line: number;
  /** What was dumped; owned by the caller. */
  readonly bytes: Uint8Array;
  /** How far it is indented: one of two who talk, in a dump of both. */
  readonly indent: number;
}

/** What one line says. */
interface DumpLine {
  readonly indent: number;
  /** The digits of the offset, of base 16 or, with od, 8. */
  readonly offset: string;
  readonly bytes: readonly number[];
}

/** The bytes that were gathered so far. */
interface Gathering {
  readonly line: number;
  readonly indent: number;
  bytes: number[];
  /** Where its first byte stands in what is dumped. */
  start: number;
  base: 8 | 16;
  /** How many bytes its lines have; a shorter one is the last of a packet. */
  width: number;
  isRepeated: boolean;
}

/** Whether a text is a dump, and not digits alone: an offset of 0, and what is next to it or below it. */
export function isHexDump(text: string): boolean {
  let first: DumpLine | undefined;
  for (const { text: line } of linesOf(text.slice(0, LOOKED_AT))) {
    if (first !== undefined) {
      const next = readLine(line);
      const { length } = first.bytes;
      if (typeof next !== 'object' || next.offset.length !== first.offset.length) return false;
      // Of words of 16 bits the last may be half a one.
      return [length, length - 1].some((end) => baseOf(next.offset, end) !== undefined);
    }
    if (!/^\s*(?:0x)?0{4,}(?::|\s)/.test(line)) continue;
    const read = readLine(line);
    if (typeof read !== 'object' || read.bytes.length === 0) continue;
    // A colon or a column of text, as hexadecimal digits of a datagram have not.
    if (/^\s*(?:0x)?0+:\s/.test(line) || /^\s*0{8,} {2,}\S|^\s*0{4,} {2,}\S.*[^0-9a-f\s]/i.test(line))
      return true;
    first = read;
  }
  return false;
}

/**
 * The dumps of a text in their order. Lines that are no part of one, such as headings, are passed over and end it.
 *
 * @throws CaptureError, while it is iterated, for a line whose offset is not where the one before ended, or whose text is not
 *   that of its bytes.
 */
export function* readHexDumps(text: string): Generator<Dump> {
  /** By how far they are indented: in a dump of two who talk each has offsets of its own. */
  const places = new Map<number, number>();
  const isFollowed = isOfTwo(text);
  let now: Gathering | undefined;
  let isOther = false;
  for (const { text: line, number } of linesOf(text)) {
    if (/^\s*\*\s*$/.test(line) && now !== undefined) {
      now.isRepeated = true;
      continue;
    }
    const read = readLine(line);
    if (read === 'unlike' && now !== undefined) {
      throw new CaptureError(`line ${number} has text beside its bytes that is not theirs`);
    }
    if (typeof read !== 'object') {
      if (now !== undefined) yield dumpOf(now);
      now = undefined;
      places.clear();
      // Another view of the frame before, as tshark has them: "Reassembled (20 bytes):".
      const title = /^\s*(\S.*?) \(\d+ bytes?\):?\s*$/.exec(line)?.[1];
      if (title !== undefined) isOther = title !== 'Frame';
      else if (line.trim() === '') isOther = false;
      continue;
    }
    if (isOther) continue;
    const zero = /^0+$/.test(read.offset);
    if (now !== undefined && read.indent === now.indent && !zero) {
      now.base = baseOf(read.offset, now.start + now.bytes.length) ?? now.base;
      const at = Number.parseInt(read.offset, now.base);
      if (now.isRepeated) repeat(now, at, number);
      const end = now.start + now.bytes.length;
      // The last line of hexdump and od is where it ends; of words of 16 bits one byte may be too many.
      if (read.bytes.length === 0 && (at === end || at === end - 1)) {
        now.bytes.length = at - now.start;
        yield dumpOf(now);
        now = undefined;
        places.clear();
        continue;
      }
      if (at !== end)
        throw new CaptureError(
          `line ${number} has the offset ${read.offset}, expected ${end.toString(now.base)}`,
        );
      if (now.bytes.length % now.width === 0) {
        append(now, read.bytes);
        continue;
      }
    }
    if (now !== undefined) {
      places.set(now.indent, now.start + now.bytes.length);
      yield dumpOf(now);
    }
    const start = zero ? 0 : Number.parseInt(read.offset, 16);
    if (!zero && start !== (places.get(read.indent) ?? 0)) {
      throw new CaptureError(`line ${number} has the offset ${read.offset}, expected 0`);
    }
    const { indent, bytes } = read;
    now = {
      line: number,
      indent,
      bytes: [...bytes],
      start,
      base: 16,
      width: isFollowed ? FOLLOW_WIDTH : Math.max(bytes.length, 1),
      isRepeated: false,
    };
  }
  if (now !== undefined) yield dumpOf(now);
}

/** Whether a dump is one of "Follow" in Wireshark: those who talk are two, and one is indented. */
export function isOfTwo(text: string): boolean {
  return /^ {4}0{4,}/m.test(text) && /^0{4,}/m.test(text);
}

function dumpOf({ line, indent, bytes }: Gathering): Dump {
  return { line, indent, bytes: Uint8Array.from(bytes) };
}

function append(now: Gathering, bytes: readonly number[]): void {
  for (const byte of bytes) now.bytes.push(byte);
}

/** A line with a star stands for lines that are as the one before. */
function repeat(now: Gathering, end: number, line: number): void {
  now.isRepeated = false;
  const missing = end - now.start - now.bytes.length;
  if (missing < 0 || now.bytes.length + missing > MAX_REPEATED) {
    throw new CaptureError(`line ${line} has an offset that is ${missing} bytes behind the "*" before it`);
  }
  const last = now.bytes.slice(-now.width);
  for (let index = 0; index < missing; index++) now.bytes.push(last[index % last.length] ?? 0);
}

/** In which base an offset stands for a number; `undefined`: in none. */
function baseOf(offset: string, value: number): 8 | 16 | undefined {
  if (Number.parseInt(offset, 16) === value) return 16;
  return /^[0-7]+$/.test(offset) && Number.parseInt(offset, 8) === value ? 8 : undefined;
}

/**
 * One line: an offset, groups of digits, and perhaps the bytes as text.
 *
 * @returns `'unlike'` when there is other text behind the digits; `undefined` when it is no such line.
 */
function readLine(line: string): DumpLine | 'unlike' | undefined {
  const [whole = '', blank = '', offset = '', colon = ''] = LINE.exec(line) ?? [];
  if (whole === '') return undefined;
  const indent = blank.replaceAll('\t', '').length;
  const groups: string[] = [];
  let rest = line.slice(whole.length);
  /** How many of the groups are bytes, and not text that looks like them. */
  let fitting = rest.trim() === '' ? 0 : undefined;
  for (let group = GROUP.exec(rest); group !== null && fitting === undefined; group = GROUP.exec(rest)) {
    const digits = group[1] ?? '';
    const width = groups[0]?.length ?? digits.length;
    if (digits.length > width || groups.length === MAX_GROUPS) break;
    groups.push(digits);
    rest = rest.slice(group[0].length);
    if (isTextOf(rest, groups)) fitting = groups.length;
    // All groups of a line are alike; the last one may be a part.
    if (digits.length < width) break;
  }
  if (fitting === undefined) return groups.length > 0 ? 'unlike' : undefined;
  const taken = groups.slice(0, fitting);
  // hexdump and od without options show words of 16 bits, the low byte last.
  const isWords = colon === '' && taken.length > 0 && taken.every(({ length }) => length === 4);
  return {
    indent,
    offset,
    bytes: isWords ? taken.flatMap((word) => bytesOf(word).reverse()) : taken.flatMap(bytesOf),
  };
}

/** Whether what is left of a line is nothing, or the bytes as text: those that cannot be printed as points. */
function isTextOf(rest: string, groups: readonly string[]): boolean {
  if (rest.trim() === '') return true;
  if (!/^\s{2}/.test(rest)) return false;
  const inside = /^\s+(?:\|(.*)\||>(.*)<)$/.exec(rest);
  const text = (inside?.[1] ?? inside?.[2] ?? rest).replaceAll(/\s/g, '');
  const shown = groups
    .flatMap(bytesOf)
    .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
    .join('');
  // tcpdump has points for spaces, too.
  return text === shown.replaceAll(' ', '') || text === shown.replaceAll(' ', '.');
}

function bytesOf(digits: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < digits.length; at += 2) bytes.push(Number.parseInt(digits.slice(at, at + 2), 16));
  return bytes;
}

function* linesOf(text: string): Generator<{ readonly text: string; readonly number: number }> {
  let start = 0;
  for (let number = 1; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    // No tool writes longer ones; who does has written something else.
    yield { text: text.slice(start, Math.min(end, start + MAX_LINE)).trimEnd(), number };
    start = end + 1;
  }
}

const LINE = /^(\s*)(?:0x)?([0-9a-f]{4,16})(:?)(?=\s|$)/i;
/** Of 1, 2, 4 ... bytes. */
const GROUP = /^\s+((?:[0-9a-f]{2}){1,2}|(?:[0-9a-f]{8}){1,2}|[0-9a-f]{32})(?=\s|$)/i;
/** Bytes in a line of "Follow". */
const FOLLOW_WIDTH = 16;
const MAX_LINE = 1024;
const MAX_GROUPS = 64;
/** What a dump may become by its stars: 64 MiB. */
const MAX_REPEATED = 67_108_864;
/** Enough for the headings in front of a dump. */
const LOOKED_AT = 65_536;
