/**
 * `.godot/uid_cache.bin`, in which an exported project keeps which files its `uid://` texts mean.
 *
 * Little-endian: u32 count, then for each i64 number, u32 length of the path, the path in UTF-8. Of a number that comes twice the
 * later path counts.
 */

/** What a cache says. */
export interface UidCache {
  /** `res://` paths by `uid://` text. */
  readonly paths: ReadonlyMap<string, string>;
  /** What is wrong with it, for people; what stood before is read, as in the engine. `''` for nothing. */
  readonly problem: string;
}

/** Where a project has it. */
export const UID_CACHE = 'res://.godot/uid_cache.bin';

/** Reads the bytes of a cache. Never throws, and costs no more than their length. */
export function readUidCache(bytes: Uint8Array): UidCache {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const paths = new Map<string, string>();
  if (bytes.length < 4) return { paths, problem: 'It ends in its first 4 bytes' };
  const count = view.getUint32(0, true);
  let at = 4;
  for (let i = 0; i < count; i++) {
    const start = at + ENTRY_BYTES;
    const length = start > bytes.length ? 0 : view.getUint32(at + 8, true);
    if (start + length > bytes.length)
      return { paths, problem: `It ends in the entry ${i + 1} of ${count}, at the byte ${at}` };
    // A negative number stands for no uid.
    const id = view.getBigInt64(at, true);
    if (id >= 0n) paths.set(uidText(id), UTF8.decode(bytes.subarray(start, start + length)));
    at = start + length;
  }
  return { paths, problem: '' };
}

/** The text of a number: base 34, with letters up to `y` and then digits up to `8`. */
function uidText(id: bigint): string {
  // Two halves, so that all digits but a few come from plain numbers.
  const high = id / HALF;
  const text = digits(Number(id % HALF));
  return `uid://${high === 0n ? text : digits(Number(high)) + text.padStart(HALF_DIGITS, DIGITS.charAt(0))}`;
}

function digits(number: number): string {
  let text = '';
  let left = number;
  do {
    text = DIGITS.charAt(left % DIGITS.length) + text;
    left = Math.floor(left / DIGITS.length);
  } while (left > 0);
  return text;
}

const ENTRY_BYTES = 12;
const DIGITS = 'abcdefghijklmnopqrstuvwxy012345678';
const HALF_DIGITS = 8;
const HALF = BigInt(DIGITS.length) ** BigInt(HALF_DIGITS);
const UTF8 = new TextDecoder();
