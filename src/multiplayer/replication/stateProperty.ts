/** The properties of a state: where they are, how they are read and set. docs/protocol/scene-multiplayer 7.1, 8.2. */
import {
  Float,
  NodePath,
  VariantType,
  type VariantValue,
  Vector2i,
  Vector3i,
  Vector4i,
  variantTypeOf,
  variantTypeString,
} from '../../../codec/index.ts';
import type { MirrorNode, NodeValue } from '../../../schema/index.ts';
import { checkedValue, field, META_PREFIX, wire } from '../../../schema/internal.ts';

/** One property of a synchronized node or of a node below it: `.:position`, `Child:prop:x`. */
export class StateProperty {
  /** As the configuration names it. */
  readonly path: string;
  /** Whether its value may change without a change of its node: what follows from the nodes above. */
  readonly isGlobal: boolean;
  readonly #node: NodePath | undefined;
  /** The names behind the node, e.g. `position:x`. */
  readonly #subPath: string;
  readonly #name: string;
  readonly #rest: readonly string[];

  /**
   * @param path as `SceneReplicationConfig` has it.
   * @param knowsNoParts A property with names behind its own is one that there is not: see `Habits`.
   */
  constructor(path: NodePath, knowsNoParts: boolean) {
    this.path = path.toString();
    const { names, subnames } = path;
    const isRoot = names.length === 0 || (names.length === 1 && names[0] === '.');
    this.#node = isRoot ? undefined : new NodePath(names);
    const [first = '', ...rest] = subnames;
    const name = knowsNoParts && rest.length > 0 ? '' : first;
    this.#subPath = subnames.join(':');
    this.#name = name;
    this.#rest = rest;
    this.isGlobal = name.startsWith('global_');
  }

  /** The node that has it; `undefined` when there is none. */
  nodeIn(root: MirrorNode): MirrorNode | undefined {
    return this.#node === undefined ? root : root.getNode(this.#node);
  }

  /** Its value as packets hold it; `undefined` when the node has no such property. */
  read(node: MirrorNode): VariantValue | undefined {
    let value = storedValue(node, this.#name);
    for (const part of this.#rest) {
      const inner = field(value, part);
      // The parts of vectors are plain numbers; only those of integer vectors are INT.
      value = typeof inner === 'number' && !isOfIntegers(value) ? new Float(inner) : inner;
    }
    return value === undefined ? undefined : wire(node, value);
  }

  /** What is wrong with a value for it: its type is another one, or it cannot be set; `undefined`: nothing. */
  misfit(node: MirrorNode, value: VariantValue): string | undefined {
    const info = node.propertyInfo(this.#name);
    if (info === undefined) return undefined;
    const inner = this.#rest.length === 0 ? undefined : this.read(node);
    const type = inner === undefined ? info.type : (variantTypeOf(inner) ?? VariantType.NIL);
    const got = variantTypeOf(value);
    if (type !== VariantType.NIL && got !== type && (type !== VariantType.OBJECT || value !== null))
      return `expected ${variantTypeString(type)}, got ${variantTypeString(got ?? VariantType.NIL)}`;
    try {
      if (inner === undefined) checkedValue(info, value);
      return undefined;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return error.message;
    }
  }

  /** Sets it. @returns whether there is such a property. @throws TypeError or RangeError when the value does not fit. */
  write(node: MirrorNode, value: VariantValue): boolean {
    if (storedValue(node, this.#name) === undefined) return false;
    if (this.#rest.length === 0) node.set(this.#name, value);
    else node.setIndexed(this.#subPath, value);
    return true;
  }
}

/** The value of a property with its exact type. */
function storedValue(node: MirrorNode, name: string): NodeValue | undefined {
  if (name === '') return undefined;
  if (name.startsWith(META_PREFIX)) return node.metadata.get(name.slice(META_PREFIX.length));
  const info = node.propertyInfo(name);
  return info === undefined ? undefined : node.storedValue(info);
}

function isOfIntegers(value: unknown): boolean {
  return value instanceof Vector2i || value instanceof Vector3i || value instanceof Vector4i;
}
