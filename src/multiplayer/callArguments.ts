/** The arguments of one call as bytes, for each version that is among its receivers. docs/protocol/scene-multiplayer 12. */
import { type Dialect, EncodeError, type VariantInput } from '../../codec/index.ts';
import { sameBytes } from './sameBytes.ts';
import { MAX_ARGUMENTS } from './wire/protocol.ts';
import { type EncodedArguments, encodeArguments } from './wire/remoteCall.ts';

/** Bytes, or what is wrong with the arguments. */
type Result = EncodedArguments | string;

/** The arguments of a call. Each version is encoded when it is first asked for. */
export class CallArguments {
  readonly #args: readonly VariantInput[];
  readonly #keepsEmptyBytes: boolean;
  readonly #isOfLatest: boolean;
  readonly #results = new Map<Dialect, Result>();
  #size = -1;

  /** @param isOfLatest Whether a peer that looks like 4.3 has to be a later one. */
  constructor(args: readonly VariantInput[], keepsEmptyBytes: boolean, isOfLatest = false) {
    this.#args = args;
    this.#isOfLatest = isOfLatest;
    this.#keepsEmptyBytes = keepsEmptyBytes;
  }

  /** As they were given; once the call is sealed they may have changed. */
  get values(): readonly VariantInput[] {
    return this.#args;
  }

  /** The bytes for a version; a text says what it cannot carry. `undefined`: the latest. */
  for(dialect: Dialect | undefined): Result {
    const known = groupOf(dialect);
    const group = this.#isOfLatest && known === '4.3' ? '4.6' : known;
    let result = this.#results.get(group);
    if (result === undefined) {
      result = this.#encode(group);
      this.#results.set(group, result);
    }
    return result;
  }

  /** Whether the version of the receiver makes a difference. */
  get differs(): boolean {
    const [first, ...others] = GROUPS.map((group) => this.for(group));
    return others.some((other) => !isSame(first, other));
  }

  /** Encodes for every version: the values may change from now on. @returns the bytes that it holds. */
  seal(): number {
    if (this.#size >= 0) return this.#size;
    const all = GROUPS.map((group) => this.for(group));
    // One PackedByteArray is sent as it is: the only bytes that still are the caller's.
    for (const [group, result] of this.#results)
      if (typeof result !== 'string')
        this.#results.set(group, { ...result, bytes: new Uint8Array(result.bytes) });
    this.#size = all.reduce(
      (sum, result) => sum + (typeof result === 'string' ? 0 : result.bytes.length),
      OVERHEAD,
    );
    return this.#size;
  }

  #encode(dialect: Dialect): Result {
    try {
      const encoded = encodeArguments(this.#args, this.#keepsEmptyBytes, { dialect });
      return encoded ?? `${this.#args.length} arguments are more than ${MAX_ARGUMENTS}`;
    } catch (error) {
      if (error instanceof EncodeError) return error.message;
      throw error;
    }
  }
}

/** Versions within a group encode alike: 4.3 brought typed arrays and PackedVector4Array, 4.4 typed dictionaries. */
function groupOf(dialect: Dialect | undefined): Dialect {
  if (dialect === undefined || dialect >= '4.4') return '4.6';
  return dialect >= '4.3' ? '4.3' : '4.2';
}

function isSame(a: Result | undefined, b: Result): boolean {
  if (a === undefined || typeof a === 'string' || typeof b === 'string') return typeof a === typeof b;
  return sameBytes(a.bytes, b.bytes);
}

const GROUPS: readonly Dialect[] = ['4.6', '4.3', '4.2'];
/** What a call that waits costs beside its bytes. */
const OVERHEAD = 256;
