/** Names for packets that were taken apart: which node a number stands for, which method a number is. */
import { varToStr } from '../../codec/index.ts';
import { checkFunctions, checkOptions, type OptionNames } from '../../options/internal.ts';
import type { MirrorNode, SceneMirror } from '../../schema/index.ts';
import { RpcTables } from './rpcTable.ts';
import {
  type DissectedState,
  dissectMultiplayerPacket,
  type MultiplayerPacket,
} from './wire/dissectPacket.ts';

/** A packet in words. */
export interface DescribedPacket {
  /** The command, and what it says. */
  readonly words: string;
  /** What is wrong with it; `undefined` when nothing is. */
  readonly problem: string | undefined;
}

/** What a {@link MultiplayerDissector} knows besides what it is shown. */
export interface MultiplayerDissectorOptions {
  /** The scene, for the names of methods. */
  readonly mirror?: SceneMirror | undefined;
  /** The node that paths begin at. Default `/root`. */
  readonly rootPath?: string | undefined;
  /** Who knows the numbers of nodes already: asked first. */
  readonly pathOf?: ((from: string | number, id: number) => string | undefined) | undefined;
}

/**
 * Reads the packets of a conversation and puts them in words. It learns the numbers of nodes from the announcements that it is
 * shown; with a scene, it knows the names of methods.
 */
export class MultiplayerDissector {
  readonly #root: MirrorNode | undefined;
  readonly #tables = new RpcTables();
  /** By sender and number. Bounded: the oldest go. */
  readonly #paths = new Map<string, string>();
  readonly #pathOf: NonNullable<MultiplayerDissectorOptions['pathOf']>;

  /** @param options what it knows besides what it is shown. @throws TypeError for an option that there is not, or of another type. */
  constructor(options: MultiplayerDissectorOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    checkFunctions(options, ['pathOf']);
    const { mirror, rootPath = '/root', pathOf = () => undefined } = options;
    this.#root = mirror?.getNode(rootPath);
    this.#pathOf = pathOf;
  }

  /**
   * One line about a packet. Never throws because of its bytes.
   *
   * @param from who sent it, in whatever words: numbers belong to their sender.
   * @param bytes the whole packet.
   */
  describe(from: string | number, bytes: Uint8Array): string {
    const { words, problem } = this.read(from, bytes);
    return problem === undefined ? words : `${words} (${problem})`;
  }

  /** {@link MultiplayerDissector.describe} in parts: what it is, and what is wrong with it. */
  read(from: string | number, bytes: Uint8Array): DescribedPacket {
    const { packet, problem } = dissectMultiplayerPacket(bytes);
    return { words: this.#wordsOf(String(from), packet), problem };
  }

  /** The path that a number stands for in what somebody sends; `undefined` when it is not known. */
  pathOf(from: string | number, id: number): string | undefined {
    return this.#pathOf(from, id) ?? this.#paths.get(keyOf(String(from), id));
  }

  /** The name of a method of a node by its number; `undefined` when it is not known. */
  methodOf(path: string | undefined, id: number): string | undefined {
    const node = path === undefined ? undefined : this.#root?.getNode(path);
    return node && this.#tables.of(node).byId(id)?.name;
  }

  #wordsOf(from: string, packet: MultiplayerPacket | undefined): string {
    return packet === undefined ? 'unreadable' : this.#words(from, packet);
  }

  #words(from: string, packet: MultiplayerPacket): string {
    switch (packet.command) {
      case 'REMOTE_CALL': {
        const path = packet.path ?? this.pathOf(from, packet.node ?? 0);
        const node = path ?? `node ${packet.node}`;
        return `REMOTE_CALL ${node}.${this.#method(path, packet.method)}(${packet.args.map(text).join(', ')})`;
      }
      case 'SIMPLIFY_PATH':
        this.#learn(from, packet.id, packet.path);
        return `SIMPLIFY_PATH ${packet.id} is ${packet.path}, methods ${packet.checksum}${this.#agrees(packet)}`;
      case 'CONFIRM_PATH': {
        const what = [packet.id, packet.path].filter((part) => part !== undefined).join(' or ');
        return `CONFIRM_PATH ${what}${packet.isRight ? '' : ', its methods differ'}`;
      }
      case 'RAW':
      case 'AUTH':
        return `${packet.command} ${packet.bytes.length} bytes`;
      case 'SPAWN':
        return `SPAWN ${JSON.stringify(packet.name)} as ${packet.netId}, ${packet.scene === 255 ? `custom ${text(packet.data)}` : `scene ${packet.scene}`} of ${this.#node(from, packet.spawner)}, synchronizers ${packet.synchronizers.join(', ') || 'none'}: ${list(packet.values, packet.state)}`;
      case 'DESPAWN':
        return `DESPAWN ${packet.netId}`;
      case 'SYNC':
        return `SYNC ${packet.time}: ${this.#states(from, packet.states)}`;
      case 'DELTA':
        return `DELTA ${this.#states(from, packet.states)}`;
      case 'RELAY':
        return `RELAY ${packet.peer}: ${this.#wordsOf(`${from} ${packet.peer}`, packet.inner.packet)}`;
      default:
        return `${packet.command} ${packet.peer}`;
    }
  }

  #states(from: string, states: readonly DissectedState[]): string {
    return states
      .map(({ id, isPath, mask, bytes, values }) => {
        const who = isPath ? this.#node(from, id) : String(id);
        const which = mask === undefined ? '' : ` mask ${mask.toString(2)}`;
        return `${who}${which} ${list(values, bytes)}`;
      })
      .join('; ');
  }

  #node(from: string, id: number): string {
    return this.pathOf(from, id) ?? `node ${id}`;
  }

  #method(path: string | undefined, id: number): string {
    return this.methodOf(path, id) ?? `method ${id}`;
  }

  #agrees({ path, checksum }: { path: string; checksum: string }): string {
    const node = this.#root?.getNode(path);
    if (node === undefined) return '';
    const table = this.#tables.of(node);
    return table.checksum === checksum
      ? ''
      : `, not those of the scene (${table.names.join(', ') || 'none'})`;
  }

  #learn(from: string, id: number, path: string): void {
    const key = keyOf(from, id);
    this.#paths.delete(key);
    this.#paths.set(key, path);
    const [oldest] = this.#paths.keys();
    if (this.#paths.size > MOST_PATHS && oldest !== undefined) this.#paths.delete(oldest);
  }
}

function keyOf(from: string, id: number): string {
  return `${from} ${id}`;
}

function list(values: readonly unknown[] | undefined, bytes: Uint8Array): string {
  return values === undefined
    ? `${bytes.length} bytes that are no values`
    : `[${values.map(text).join(', ')}]`;
}

/** A value in Godot's notation, on one line. */
function text(value: unknown): string {
  try {
    return varToStr(value as Parameters<typeof varToStr>[0]).replaceAll('\n', ' ');
  } catch (error) {
    return `(${error instanceof Error ? error.message : String(error)})`;
  }
}

const MOST_PATHS = 65_536;

const OPTION_NAMES: OptionNames<MultiplayerDissectorOptions> = { mirror: true, rootPath: true, pathOf: true };
