/**
 * Godot's error numbers (`@GlobalScope.Error`), in one place for everything Godot-shaped.
 * Implements godot-enet-classes 1.1, and the rest of the engine's list so that no number is without a name.
 */

/** The numbers that Godot-shaped methods return instead of throwing. */
export const GodotError = {
  /** No error. */
  OK: 0,
  /** Generic error. */
  FAILED: 1,
  /** What was asked for is not available (here also: nothing to fetch). */
  ERR_UNAVAILABLE: 2,
  /** The object is not set up: no host was created, or the connection has ended. */
  ERR_UNCONFIGURED: 3,
  /** Not authorized. */
  ERR_UNAUTHORIZED: 4,
  /** A parameter is out of range. */
  ERR_PARAMETER_RANGE_ERROR: 5,
  /** Something is too large for memory or for a limit. */
  ERR_OUT_OF_MEMORY: 6,
  /** File: not found. */
  ERR_FILE_NOT_FOUND: 7,
  /** File: bad drive. */
  ERR_FILE_BAD_DRIVE: 8,
  /** File: bad path. */
  ERR_FILE_BAD_PATH: 9,
  /** File: no permission. */
  ERR_FILE_NO_PERMISSION: 10,
  /** File: already in use. */
  ERR_FILE_ALREADY_IN_USE: 11,
  /** File: cannot be opened. */
  ERR_FILE_CANT_OPEN: 12,
  /** File: cannot be written. */
  ERR_FILE_CANT_WRITE: 13,
  /** File: cannot be read. */
  ERR_FILE_CANT_READ: 14,
  /** File: unrecognized. */
  ERR_FILE_UNRECOGNIZED: 15,
  /** File: corrupt. */
  ERR_FILE_CORRUPT: 16,
  /** File: missing dependencies. */
  ERR_FILE_MISSING_DEPENDENCIES: 17,
  /** File: end reached. The decoders use it for bytes that end too early. */
  ERR_FILE_EOF: 18,
  /** Cannot be opened. */
  ERR_CANT_OPEN: 19,
  /** Cannot be created, e.g. because the port is taken. */
  ERR_CANT_CREATE: 20,
  /** A query failed. */
  ERR_QUERY_FAILED: 21,
  /** Already in use: a host exists already. */
  ERR_ALREADY_IN_USE: 22,
  /** Locked. */
  ERR_LOCKED: 23,
  /** Timed out. */
  ERR_TIMEOUT: 24,
  /** Cannot connect. */
  ERR_CANT_CONNECT: 25,
  /** A name cannot be resolved. */
  ERR_CANT_RESOLVE: 26,
  /** The connection is broken. */
  ERR_CONNECTION_ERROR: 27,
  /** A resource cannot be had. */
  ERR_CANT_ACQUIRE_RESOURCE: 28,
  /** A process cannot be started. */
  ERR_CANT_FORK: 29,
  /** Invalid data. */
  ERR_INVALID_DATA: 30,
  /** A parameter is invalid. */
  ERR_INVALID_PARAMETER: 31,
  /** Exists already. */
  ERR_ALREADY_EXISTS: 32,
  /** Does not exist. */
  ERR_DOES_NOT_EXIST: 33,
  /** Database: cannot be read. */
  ERR_DATABASE_CANT_READ: 34,
  /** Database: cannot be written. */
  ERR_DATABASE_CANT_WRITE: 35,
  /** Compilation failed. */
  ERR_COMPILATION_FAILED: 36,
  /** A method is not found. */
  ERR_METHOD_NOT_FOUND: 37,
  /** Linking failed. */
  ERR_LINK_FAILED: 38,
  /** A script failed. */
  ERR_SCRIPT_FAILED: 39,
  /** Cyclic link. */
  ERR_CYCLIC_LINK: 40,
  /** Invalid declaration. */
  ERR_INVALID_DECLARATION: 41,
  /** Duplicate symbol. */
  ERR_DUPLICATE_SYMBOL: 42,
  /** Text cannot be parsed. */
  ERR_PARSE_ERROR: 43,
  /** Busy. */
  ERR_BUSY: 44,
  /** Skipped. */
  ERR_SKIP: 45,
  /** Help was asked for. */
  ERR_HELP: 46,
  /** A bug: this state should not occur. */
  ERR_BUG: 47,
  /** The printer is on fire. */
  ERR_PRINTER_ON_FIRE: 48,
} as const;

/** One of the numbers of {@link GodotError}. */
export type GodotError = (typeof GodotError)[keyof typeof GodotError];

/**
 * The name of an error number, as Godot writes it.
 *
 * @returns e.g. `"ERR_INVALID_PARAMETER"` for 31; `"unknown error 99"` for a number that Godot does not have.
 */
export function godotErrorName(error: number): string {
  return NAMES.get(error) ?? `unknown error ${error}`;
}

/** Whether a number is one of Godot's error numbers. */
export function isGodotError(error: number): error is GodotError {
  return NAMES.has(error);
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(GodotError).map(([name, value]) => [value, name]),
);
