/**
 * `project.binary`: the settings of an exported project.
 *
 * Little-endian: `ECFG`, u32 count, then for each setting u32 length of its name, the name in UTF-8, u32 length of its value, the
 * value as a Variant with full objects (docs/protocol/variant-codec 1 to 5).
 */
import { DecodeError, decodeVariant } from '../../codec/index.ts';
import type { NodeValue } from '../../schema/index.ts';

/** What stands in such a file. */
export interface ProjectBinary {
  /** Settings by name, in the order of the file. INTs are bigints. */
  readonly values: ReadonlyMap<string, NodeValue>;
  /** What could not be read, for people; at most {@link MOST_PROBLEMS}. The other settings are read. */
  readonly problems: readonly string[];
}

/** Such a file that is none, or ends too early. */
export class ProjectBinaryError extends Error {
  /** `ProjectBinaryError`. */
  override readonly name: string = 'ProjectBinaryError';
}

/**
 * Reads the bytes of a file. Costs no more than their length.
 *
 * @throws ProjectBinaryError for what is no such file, and for one that is cut off: none of its settings count then.
 */
export function readProjectBinary(bytes: Uint8Array): ProjectBinary {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (size: number): number => {
    if (size > bytes.length - at) throw new ProjectBinaryError(`It ends in what begins at the byte ${at}`);
    at += size;
    return at - size;
  };
  const sized = (): Uint8Array => {
    const size = view.getUint32(take(4), true);
    const start = take(size);
    return bytes.subarray(start, start + size);
  };
  if (LATIN1.decode(bytes.subarray(0, 4)) !== 'ECFG') throw new ProjectBinaryError('Expected "ECFG" first');
  take(4);
  const values = new Map<string, NodeValue>();
  const problems: string[] = [];
  const count = view.getUint32(take(4), true);
  for (let i = 0; i < count; i++) {
    const name = UTF8.decode(sized());
    const value = decoded(sized());
    if (typeof value === 'string') {
      if (problems.length < MOST_PROBLEMS)
        problems.push(`The value of ${JSON.stringify(name.slice(0, 100))}: ${value}`);
    } else {
      values.set(name, value.value);
    }
  }
  return { values, problems };
}

/** The value, or why it is none. */
function decoded(bytes: Uint8Array): { readonly value: NodeValue } | string {
  try {
    const { value, size } = decodeVariant(bytes, { exact: true, allowObjects: true });
    return size === bytes.length ? { value } : `${bytes.length - size} bytes too many`;
  } catch (error) {
    if (error instanceof DecodeError) return `${error.code}, ${error.message}`;
    throw error;
  }
}

/** The most problems that are told of one file. */
export const MOST_PROBLEMS = 20;
const LATIN1 = new TextDecoder('latin1');
const UTF8 = new TextDecoder();
