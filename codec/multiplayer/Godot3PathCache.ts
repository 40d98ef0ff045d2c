/**
 * Which ids stand for which node paths between us and the peers of Godot 3's MultiplayerAPI (godot-enet-classes A.7).
 * Knows no network: payloads go in and come out.
 */

import { checkOptions, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import type { VariantInput } from '../values/variantValue.ts';
import type { DecodeOptions, EncodeOptions } from '../variant/options.ts';
import {
  decodeGodot3Payload,
  encodeGodot3Payload,
  Godot3Command,
  type Godot3NodeRef,
  type Godot3Payload,
} from './godot3Payload.ts';

/** Options of a {@link Godot3PathCache}. */
export interface Godot3PathCacheOptions {
  /**
   * How many paths one peer may announce. Further ones are not confirmed, and the peer goes on sending them in full; so
   * it is with paths of more than 1024 characters. Default 4096.
   */
  readonly maxPathsPerPeer?: number;
}

/** A payload that came in. */
export interface Godot3Received {
  /** What it says. */
  readonly payload: Godot3Payload;
  /** The path of the node that a call or a set is for; `undefined` for an id that was never announced, and for others. */
  readonly path: string | undefined;
  /** What must be sent back to the peer, as a reliable packet; mostly nothing. */
  readonly reply: Uint8Array | undefined;
}

/** What must be sent for one call. */
export interface Godot3Outgoing {
  /** To be sent before the call, as a reliable packet: the announcement of the path. Mostly nothing. */
  readonly announcement: Uint8Array | undefined;
  /** The call itself, in whatever transfer mode. */
  readonly payload: Uint8Array;
}

/**
 * Talks with the `rpc()` and `rset()` of Godot 3. Paths are relative to the root node, as Godot sends them: `Main/Player`
 * for `/root/Main/Player`. The first call to a path carries it in full and announces an id for it; calls carry the id
 * from its confirmation on. One cache serves all peers of one connection to a game.
 */
export class Godot3PathCache {
  readonly #maxPaths: number;
  /** Per peer: the paths behind the ids that it announced. */
  readonly #received: Map<number, Map<number, string>> = new Map();
  /** Our own ids, the same for all peers, as in Godot. */
  readonly #ids: Map<string, number> = new Map();
  /** Per peer: the paths that we announced to it, and whether it has confirmed them. */
  readonly #sent: Map<number, Map<string, boolean>> = new Map();

  /** @throws RangeError for an option out of range. */
  constructor(options: Godot3PathCacheOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    const most = options.maxPathsPerPeer ?? DEFAULT_MAX_PATHS;
    if (!isIntegerIn(most, 0, Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(`"maxPathsPerPeer" expected an integer from 0 on, got ${String(most)}`);
    }
    this.#maxPaths = most;
  }

  /**
   * Takes a payload of a peer.
   *
   * @param options of the arguments.
   * @throws DecodeError as {@link decodeGodot3Payload}.
   */
  receive(from: number, bytes: Uint8Array, options?: Omit<DecodeOptions, 'dialect'>): Godot3Received {
    const payload = decodeGodot3Payload(bytes, options);
    switch (payload.command) {
      case Godot3Command.REMOTE_CALL:
      case Godot3Command.REMOTE_SET:
        return { payload, path: this.resolve(from, payload.node), reply: undefined };
      case Godot3Command.SIMPLIFY_PATH:
        return { payload, path: undefined, reply: this.#learn(from, payload.id, payload.path) };
      case Godot3Command.CONFIRM_PATH: {
        const sent = this.#sent.get(from);
        if (sent?.has(payload.path) === true) sent.set(payload.path, true);
        return { payload, path: undefined, reply: undefined };
      }
      default:
        return { payload, path: undefined, reply: undefined };
    }
  }

  /** The path that a peer means; `undefined` for an id that it never announced. */
  resolve(from: number, node: Godot3NodeRef): string | undefined {
    return 'path' in node ? node.path : this.#received.get(from)?.get(node.id);
  }

  /**
   * Makes the payload of a call of a method of a node of one peer.
   *
   * @param path relative to the root node, e.g. `Main/Player`.
   * @throws EncodeError as {@link encodeGodot3Payload}.
   */
  call(
    to: number,
    path: string,
    method: string,
    args: readonly VariantInput[] = [],
    options?: Omit<EncodeOptions, 'dialect'>,
  ): Godot3Outgoing {
    return this.#send(to, path, (node) =>
      encodeGodot3Payload({ command: Godot3Command.REMOTE_CALL, node, method, args }, options),
    );
  }

  /** Makes the payload that sets a property of a node of one peer; otherwise as {@link Godot3PathCache.call}. */
  set(
    to: number,
    path: string,
    property: string,
    value: VariantInput,
    options?: Omit<EncodeOptions, 'dialect'>,
  ): Godot3Outgoing {
    return this.#send(to, path, (node) =>
      encodeGodot3Payload({ command: Godot3Command.REMOTE_SET, node, property, value }, options),
    );
  }

  /** Forgets a peer that is gone. Call it at `peerDisconnected`: another one may come with the same id. */
  forget(peer: number): void {
    this.#received.delete(peer);
    this.#sent.delete(peer);
  }

  #send(to: number, path: string, encode: (node: Godot3NodeRef) => Uint8Array): Godot3Outgoing {
    const sent = this.#sent.get(to);
    const isConfirmed = sent?.get(path);
    const id = this.#ids.get(path) ?? this.#ids.size + 1;
    // First, so that what cannot be encoded leaves no trace.
    const payload = encode(isConfirmed === true ? { id } : { path });
    if (isConfirmed !== undefined) return { announcement: undefined, payload };
    const announcement = encodeGodot3Payload({ command: Godot3Command.SIMPLIFY_PATH, id, path });
    this.#ids.set(path, id);
    if (sent) sent.set(path, false);
    else this.#sent.set(to, new Map([[path, false]]));
    return { announcement, payload };
  }

  #learn(from: number, id: number, path: string): Uint8Array | undefined {
    let paths = this.#received.get(from);
    if (!paths) {
      paths = new Map();
      this.#received.set(from, paths);
    }
    if (path === '' || path.length > MAX_PATH_LENGTH) return undefined;
    if (paths.size >= this.#maxPaths && !paths.has(id)) return undefined;
    paths.set(id, path);
    return encodeGodot3Payload({ command: Godot3Command.CONFIRM_PATH, path });
  }
}

const DEFAULT_MAX_PATHS = 4096;
/** So that what one peer can make us remember is bounded. */
const MAX_PATH_LENGTH = 1024;

const OPTION_NAMES: OptionNames<Godot3PathCacheOptions> = { maxPathsPerPeer: true };
