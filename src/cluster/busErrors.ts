/** Why a bus does not do what it was asked. docs/errors.md, "Clusters", explains each. */
import type { BusRecord } from './bus.ts';

/** The stable names of all reasons. */
export const BusErrorCode = {
  /** Somebody else holds the key. */
  TAKEN: 'TAKEN',
  /** It is not held by this claim any more. */
  LOST: 'LOST',
  /** The engine was started anew a moment ago: those who held something put it back first. */
  WARMING: 'WARMING',
  /** The engine does not answer. What was asked may have been done. */
  DOWN: 'DOWN',
  /** Too many messages wait in that inbox. */
  FULL: 'FULL',
  /** A value or a message is too large. */
  TOO_LARGE: 'TOO_LARGE',
  /** The bus was closed. */
  CLOSED: 'CLOSED',
} as const;

/** One of the names of {@link BusErrorCode}. */
export type BusErrorCode = (typeof BusErrorCode)[keyof typeof BusErrorCode];

/** A bus does not do what it was asked. */
export class BusError extends Error {
  /** Why. */
  readonly code: BusErrorCode;
  /** With TAKEN: who has it. */
  readonly record: BusRecord | undefined;

  /** @param code why. @param options `cause`; `record`: with TAKEN who has it. */
  constructor(
    code: BusErrorCode,
    message: string,
    options: ErrorOptions & { readonly record?: BusRecord } = {},
  ) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
    this.record = options.record;
  }
}

/** What a call with a claim that is no more gets. */
export function lost({ key, epoch }: Pick<BusRecord, 'key' | 'epoch'>): BusError {
  return new BusError('LOST', `${key} is not held by claim ${epoch} any more`);
}
