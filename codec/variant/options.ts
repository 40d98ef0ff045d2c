/** Options and limits of the Variant codec (variant-codec.md section 7.3). */
import { checkInteger, checkOptions, type OptionNames } from '../../options/internal.ts';

/** The engine's own ceiling: its lengths are signed 32-bit numbers. */
const MAX_BYTES = 0x7fffffff;

/** By minor version. */
const GODOT_4: readonly string[] = ['4.0', '4.1', '4.2', '4.3', '4.4', '4.5', '4.6', '4.7'];

/**
 * Which Godot version the bytes are for or from. All untyped data is the same in all of Godot 4 (section 7.1); Godot 3
 * has other type ids and fewer types (section 7.2). The bytes do not tell which one they are. What is known of 4.7 is
 * as in 4.6.
 */
export type Dialect = 'godot3' | '4.0' | '4.1' | '4.2' | '4.3' | '4.4' | '4.5' | '4.6' | '4.7';

/** How Variants are written. Every option may be left out. */
export interface EncodeOptions {
  /**
   * The receiver's version. Below 4.3 arrays are written untyped and PackedVector4Array is refused; below 4.4
   * dictionaries are written untyped. For `'godot3'` both are written untyped, and types that Godot 3 lacks are
   * refused. Default `'4.6'`.
   */
  readonly dialect?: Dialect | undefined;
  /**
   * The width of vector components: `'double'` for engines built with double precision, which Godot 3 never is.
   * Default `'single'`.
   */
  readonly real?: 'single' | 'double' | undefined;
  /**
   * Refuse elements, keys and values of another type than their container declares; String and StringName become each
   * other. With false they are written as they are, which passes on what was received with false. Default true.
   */
  readonly strictTypedContainers?: boolean | undefined;
  /** Write full objects and the classes of typed containers; without it a GodotObject is refused. Default false. */
  readonly fullObjects?: boolean | undefined;
  /** Changes nothing in what is written; accepted so that one options object serves both directions. */
  readonly exact?: boolean | undefined;
  /** The deepest nesting, 0 to 1024; the value given is at depth 0. Default 1024, as the engine. */
  readonly maxDepth?: number | undefined;
  /** The most bytes to write. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
}

/** How Variants are read. Every option may be left out. */
export interface DecodeOptions {
  /**
   * Lose nothing: INT becomes bigint and FLOAT a `Float`, so that encoding gives the engine's bytes again.
   * Default false: INT becomes a number when it is safe, else a bigint, and FLOAT a number.
   */
  readonly exact?: boolean | undefined;
  /** The sender's version. Default `'4.6'`, which reads what older versions of Godot 4 write. */
  readonly dialect?: Dialect | undefined;
  /** Decode full objects (to `GodotObject`, nothing is instantiated). Default false: they are refused. */
  readonly allowObjects?: boolean | undefined;
  /**
   * Follow the engine in typed containers: convert or drop elements of another type, and without `allowObjects` take
   * every class for `EncodedObjectAsID`. With false everything is kept as it was sent. Default true.
   */
  readonly strictTypedContainers?: boolean | undefined;
  /**
   * `'object'`: dictionaries become plain objects with a null prototype; StringName keys become strings, INT keys
   * their decimal text, any other key is refused. Typing is lost. Default `'map'`: {@link Dictionary}.
   */
  readonly dictionaries?: 'map' | 'object' | undefined;
  /**
   * Give packed arrays of numbers as views of the bytes, where their numbers are aligned and the message is longer than 64
   * bytes: `isBorrowed` tells. For code that reads a message and forgets it: a view is right only as long as nobody writes to
   * the bytes, and it keeps all of their memory. Keys of Dictionaries are copied always. Packets and streams do not take it.
   * Default false: nothing shares memory with the bytes.
   */
  readonly borrow?: boolean | undefined;
  /** The deepest nesting accepted, 0 to 1024. Default 1024, as the engine. */
  readonly maxDepth?: number | undefined;
  /** The most array elements, dictionary keys and values, properties and packed strings in one message. Default 1,000,000. */
  readonly maxElements?: number | undefined;
  /** The most bytes that may be given at once. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
}

/** The limits that hold when the options name no others. */
export const DEFAULT_CODEC_LIMITS = {
  /** Nesting, as in the engine. */
  maxDepth: 1024,
  /** Elements of all containers of one message together. */
  maxElements: 1_000_000,
  /** Bytes of one message. */
  maxBytes: 67_108_864,
} as const;

/** The minor version that stands for Godot 3: it has nothing of what came with Godot 4. */
export const GODOT_3 = -1;

/** Every option of encoding with its value. */
export interface ResolvedEncodeOptions {
  /** The minor version of Godot 4, 0 to 7; {@link GODOT_3} for Godot 3. */
  readonly minor: number;
  /** Whether vector components are f64. */
  readonly isDouble: boolean;
  /** Whether typed containers hold only what they declare. */
  readonly strict: boolean;
  /** Whether full objects are written. */
  readonly fullObjects: boolean;
  /** The deepest nesting. */
  readonly maxDepth: number;
  /** The most bytes. */
  readonly maxBytes: number;
}

/** Every option of decoding with its value. */
export interface ResolvedDecodeOptions {
  /** Whether INT and FLOAT keep their types. */
  readonly exact: boolean;
  /** The minor version of Godot 4, 0 to 7; {@link GODOT_3} for Godot 3. */
  readonly minor: number;
  /** Whether full objects are accepted. */
  readonly allowObjects: boolean;
  /** Whether typed containers convert and drop as the engine does. */
  readonly strict: boolean;
  /** Whether dictionaries become plain objects. */
  readonly asObjects: boolean;
  /** Whether packed arrays may be views of the bytes. */
  readonly borrow: boolean;
  /** The deepest nesting. */
  readonly maxDepth: number;
  /** The most elements. */
  readonly maxElements: number;
  /** The most bytes. */
  readonly maxBytes: number;
}

/**
 * What both directions, packets and frames can be told: one options object may serve them all.
 */
const CODEC_OPTION_NAMES: OptionNames<
  EncodeOptions & DecodeOptions & { readonly bigEndian?: unknown; readonly acceptDictionaryType?: unknown }
> = {
  dialect: true,
  real: true,
  strictTypedContainers: true,
  fullObjects: true,
  exact: true,
  maxDepth: true,
  maxBytes: true,
  allowObjects: true,
  dictionaries: true,
  borrow: true,
  maxElements: true,
  bigEndian: true,
  acceptDictionaryType: true,
};

/** Checks the options of encoding and fills in the defaults. @throws TypeError or RangeError for a bad option. */
export function resolveEncodeOptions(options: EncodeOptions): ResolvedEncodeOptions {
  checkOptions(options, CODEC_OPTION_NAMES);
  const minor = minorOf(options.dialect);
  const isDouble = oneOf('real', options.real, ['single', 'double']) === 'double';
  if (isDouble && minor === GODOT_3) {
    throw new RangeError(`"real" expected 'single' for the dialect 'godot3', got double`);
  }
  return {
    minor,
    isDouble,
    strict: flag('strictTypedContainers', options.strictTypedContainers, true),
    fullObjects: flag('fullObjects', options.fullObjects, false),
    maxDepth: limit(
      'maxDepth',
      options.maxDepth,
      DEFAULT_CODEC_LIMITS.maxDepth,
      DEFAULT_CODEC_LIMITS.maxDepth,
    ),
    maxBytes: limit('maxBytes', options.maxBytes, DEFAULT_CODEC_LIMITS.maxBytes, MAX_BYTES),
  };
}

/** Checks the options of decoding and fills in the defaults. @throws TypeError or RangeError for a bad option. */
export function resolveDecodeOptions(options: DecodeOptions): ResolvedDecodeOptions {
  checkOptions(options, CODEC_OPTION_NAMES);
  return {
    exact: flag('exact', options.exact, false),
    minor: minorOf(options.dialect),
    allowObjects: flag('allowObjects', options.allowObjects, false),
    strict: flag('strictTypedContainers', options.strictTypedContainers, true),
    borrow: flag('borrow', options.borrow, false),
    asObjects: oneOf('dictionaries', options.dictionaries, ['map', 'object']) === 'object',
    maxDepth: limit(
      'maxDepth',
      options.maxDepth,
      DEFAULT_CODEC_LIMITS.maxDepth,
      DEFAULT_CODEC_LIMITS.maxDepth,
    ),
    maxElements: limit('maxElements', options.maxElements, DEFAULT_CODEC_LIMITS.maxElements, MAX_BYTES),
    maxBytes: limit('maxBytes', options.maxBytes, DEFAULT_CODEC_LIMITS.maxBytes, MAX_BYTES),
  };
}

/**
 * {@link resolveDecodeOptions}, which is not asked again for the object that it was asked for last: whoever decodes much gives the
 * same one each time. Its values may have changed. An object that is seen once costs nothing more.
 */
export function recallDecodeOptions(options: DecodeOptions): ResolvedDecodeOptions {
  if (options !== lastGiven) {
    lastGiven = options;
    lastSeen = undefined;
    return resolveDecodeOptions(options);
  }
  if (lastSeen === undefined || !isSame(options, lastSeen)) {
    lastSeen = undefined;
    lastResolved = resolveDecodeOptions(options);
    lastSeen = { ...options };
  }
  return lastResolved;
}

function isSame(options: DecodeOptions, seen: DecodeOptions): boolean {
  return (
    options.exact === seen.exact &&
    options.borrow === seen.borrow &&
    options.dialect === seen.dialect &&
    options.allowObjects === seen.allowObjects &&
    options.strictTypedContainers === seen.strictTypedContainers &&
    options.dictionaries === seen.dictionaries &&
    options.maxDepth === seen.maxDepth &&
    options.maxElements === seen.maxElements &&
    options.maxBytes === seen.maxBytes
  );
}

/** The options that hold when none are given. */
export const DEFAULT_ENCODE_OPTIONS: ResolvedEncodeOptions = resolveEncodeOptions({});
/** The options that hold when none are given. */
export const DEFAULT_DECODE_OPTIONS: ResolvedDecodeOptions = resolveDecodeOptions({});

let lastGiven: DecodeOptions | undefined;
let lastSeen: DecodeOptions | undefined;
let lastResolved = DEFAULT_DECODE_OPTIONS;

/** The minor version of Godot 4 that a dialect names; {@link GODOT_3} for Godot 3. @throws RangeError for another name. */
export function minorOf(dialect: Dialect | undefined): number {
  if (dialect === 'godot3') return GODOT_3;
  const minor = dialect === undefined ? 6 : GODOT_4.indexOf(dialect);
  if (minor < 0) {
    throw new RangeError(`"dialect" expected one of godot3, ${GODOT_4.join(', ')}, got ${String(dialect)}`);
  }
  return minor;
}

function oneOf(name: string, value: string | undefined, choices: readonly [string, string]): string {
  if (value === undefined) return choices[0];
  if (!choices.includes(value)) {
    throw new RangeError(`"${name}" expected '${choices.join("' or '")}', got ${String(value)}`);
  }
  return value;
}

/** A boolean option, or its default. @throws TypeError for what is no boolean. */
export function flag(name: string, value: boolean | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw new TypeError(`"${name}" expected a boolean, got ${typeof value}`);
  return value;
}

/** A limit, or its default. @throws RangeError for what is no integer of 0..`most`. */
export function limit(name: string, value: number | undefined, fallback: number, most: number): number {
  return value === undefined ? fallback : checkInteger(name, value, 0, most, 'an integer');
}
