/** The bridge between packets and the Variant codec. Implements variant-codec 2.7, 2.8 and 3.1 (what callers do). */
import {
  bytesToVar,
  DecodeError,
  type DecodeOptions,
  EncodeError,
  type EncodeOptions,
  type VariantInput,
  type VariantValue,
  varToBytes,
} from '../../codec/index.ts';
import { GodotError, isGodotError } from './errors.ts';

/** Why a value could not be encoded or bytes not be decoded. */
export interface CodecFailure {
  /** Godot's error number for it. */
  readonly error: GodotError;
  /** One line for a human. */
  readonly message: string;
}

/** What the codec made. */
export interface CodecResult<T> {
  /** The decoded value or the encoded bytes. */
  readonly value: T;
}

/** Decodes one packet as one Variant; bytes behind it are ignored. */
export function decodeVariant(
  bytes: Uint8Array,
  options: DecodeOptions,
): CodecResult<VariantValue> | CodecFailure {
  try {
    return { value: bytesToVar(bytes, options) };
  } catch (error) {
    return failureOf(error);
  }
}

/** Encodes a value as one Variant. */
export function encodeVariant(
  value: VariantInput,
  options: EncodeOptions,
): CodecResult<Uint8Array> | CodecFailure {
  try {
    return { value: varToBytes(value, options) };
  } catch (error) {
    return failureOf(error);
  }
}

/** Whether the codec refused. */
export function isCodecFailure(result: CodecResult<unknown> | CodecFailure): result is CodecFailure {
  return 'error' in result;
}

function failureOf(error: unknown): CodecFailure {
  if (!(error instanceof DecodeError || error instanceof EncodeError)) throw error;
  const number = isGodotError(error.godotError) ? error.godotError : GodotError.ERR_INVALID_DATA;
  return { error: number, message: error.message };
}
