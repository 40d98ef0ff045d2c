/**
 * Godot's PacketPeer: what everything that sends and receives packets has in common.
 * Implements godot-enet-classes 7.1 and variant-codec 2.8 (one packet = one encoding).
 */
import type { DecodeOptions, Dialect, EncodeOptions, VariantInput, VariantValue } from '../../codec/index.ts';
import { describe } from '../../options/internal.ts';
import { GodotError, godotErrorName } from './errors.ts';
import { toInteger } from './numbers.ts';
import { decodeVariant, encodeVariant, isCodecFailure } from './variantPacket.ts';

/**
 * The base of all packet peers. Its methods never throw for what arrived or for what Godot answers with an error
 * number.
 */
export abstract class PacketPeer {
  /**
   * Godot 3's property: whether {@link PacketPeer.getVar} decodes objects even without being asked to. Godot 4
   * dropped it. Default false.
   */
  allowObjectDecoding = false;

  #encodeBufferMaxSize = DEFAULT_ENCODE_BUFFER_SIZE;
  #lastError: GodotError = GodotError.OK;

  /** How many packets can be fetched with {@link PacketPeer.getPacket}. */
  abstract getAvailablePacketCount(): number;

  /** Removes the next packet; an error number when there is none to be had. */
  protected abstract takePacket(): Uint8Array | GodotError;

  /** Sends one packet that is not empty. */
  protected abstract sendPacket(bytes: Uint8Array): GodotError;

  /** The version of Godot whose Variants travel. Default: Godot 4, in its newest version. */
  protected get dialect(): Dialect | undefined {
    return undefined;
  }

  /** Takes the human explanation of a refused call. */
  protected abstract trace(line: string): void;

  /**
   * Fetches the next packet.
   *
   * @returns its bytes, owned by the caller; empty on an error, which {@link PacketPeer.getPacketError} tells apart
   * from an empty packet.
   */
  getPacket(): Uint8Array {
    const taken = this.takePacket();
    if (taken instanceof Uint8Array) {
      this.#lastError = GodotError.OK;
      return taken;
    }
    this.#lastError = taken;
    this.trace(`getPacket: no packet to fetch (${godotErrorName(taken)})`);
    return new Uint8Array(0);
  }

  /** The error number of the last {@link PacketPeer.getPacket} or {@link PacketPeer.getVar}. */
  getPacketError(): GodotError {
    return this.#lastError;
  }

  /**
   * Sends one packet.
   *
   * @param bytes copied before the call returns. An empty packet is not sent, and that is no error.
   */
  putPacket(bytes: Uint8Array): GodotError {
    if (!(bytes instanceof Uint8Array)) {
      this.trace('putPacket: the packet is no Uint8Array (ERR_INVALID_PARAMETER)');
      return GodotError.ERR_INVALID_PARAMETER;
    }
    return bytes.length === 0 ? GodotError.OK : this.sendPacket(bytes);
  }

  /**
   * Fetches the next packet and decodes it as one Variant. Bytes behind it are ignored.
   *
   * @param allowObjects whether objects may be decoded. Objects of a stranger are dangerous in an engine that runs
   * their scripts; here they become plain data, but the default stays Godot's. Or every option of decoding but `borrow`:
   * the value shares no memory with the packet, which others may have, too.
   * @returns the value; null on an error, which {@link PacketPeer.getPacketError} tells apart from a null.
   * @throws TypeError or RangeError for a bad option.
   */
  getVar(allowObjects: boolean | Omit<DecodeOptions, 'borrow'> = false): VariantValue {
    const options: Omit<DecodeOptions, 'borrow'> = isOptions(allowObjects)
      ? allowObjects
      : { allowObjects: Boolean(allowObjects) };
    const taken = this.takePacket();
    if (!(taken instanceof Uint8Array)) {
      this.#lastError = taken;
      this.trace(`getVar: no packet to fetch (${godotErrorName(taken)})`);
      return null;
    }
    const decoded = decodeVariant(taken, {
      ...options,
      borrow: false,
      allowObjects: options.allowObjects || this.allowObjectDecoding,
      dialect: options.dialect ?? this.dialect,
    });
    if (isCodecFailure(decoded)) {
      this.#lastError = decoded.error;
      this.trace(`getVar: ${decoded.message} (${godotErrorName(decoded.error)})`);
      return null;
    }
    this.#lastError = GodotError.OK;
    return decoded.value;
  }

  /**
   * Encodes a value as one Variant and sends it as one packet.
   *
   * @param fullObjects whether objects are sent with their properties instead of their id alone. Or every option of
   * encoding.
   * @returns what {@link PacketPeer.putPacket} returned; ERR_OUT_OF_MEMORY when the encoding is larger than
   * {@link PacketPeer.encodeBufferMaxSize}; the codec's error number for a
   * value that Godot does not have.
   * @throws TypeError or RangeError for a bad option.
   */
  putVar(value: VariantInput, fullObjects: boolean | EncodeOptions = false): GodotError {
    const options: EncodeOptions = isOptions(fullObjects)
      ? fullObjects
      : { fullObjects: Boolean(fullObjects) };
    const encoded = encodeVariant(value, { ...options, dialect: options.dialect ?? this.dialect });
    if (isCodecFailure(encoded)) {
      this.trace(`putVar: ${encoded.message} (${godotErrorName(encoded.error)})`);
      return encoded.error;
    }
    if (encoded.value.length > this.#encodeBufferMaxSize) {
      this.trace(
        `putVar: ${encoded.value.length} bytes exceed encodeBufferMaxSize, ${this.#encodeBufferMaxSize} (ERR_OUT_OF_MEMORY)`,
      );
      return GodotError.ERR_OUT_OF_MEMORY;
    }
    return this.putPacket(encoded.value);
  }

  /**
   * The largest encoding in bytes that {@link PacketPeer.putVar} sends. Default 8 MiB. A new value from 1024 to
   * 256 MiB is rounded up to a power of two; any other is refused with a trace line.
   */
  get encodeBufferMaxSize(): number {
    return this.#encodeBufferMaxSize;
  }

  /** Refuses what is out of range, with a trace line. */
  set encodeBufferMaxSize(maxSize: number) {
    const size = toInteger(maxSize);
    if (!(size >= MIN_ENCODE_BUFFER_SIZE && size <= MAX_ENCODE_BUFFER_SIZE)) {
      this.trace(
        `encodeBufferMaxSize: expected ${MIN_ENCODE_BUFFER_SIZE}..${MAX_ENCODE_BUFFER_SIZE}, got ${describe(maxSize)}`,
      );
      return;
    }
    this.#encodeBufferMaxSize = 2 ** Math.ceil(Math.log2(size));
  }

  /** The getter of {@link PacketPeer.encodeBufferMaxSize}, as Godot names it. */
  getEncodeBufferMaxSize(): number {
    return this.encodeBufferMaxSize;
  }

  /** The setter of {@link PacketPeer.encodeBufferMaxSize}, as Godot names it. */
  setEncodeBufferMaxSize(maxSize: number): void {
    this.encodeBufferMaxSize = maxSize;
  }
}

const DEFAULT_ENCODE_BUFFER_SIZE = 8 * 1024 * 1024;
const MIN_ENCODE_BUFFER_SIZE = 1024;
const MAX_ENCODE_BUFFER_SIZE = 256 * 1024 * 1024;

/** Options in place of Godot's boolean: an object that counted as `true` would turn objects on. */
function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
