/** A class of a class table. */
import type { ClassInfo, PropertyInfo } from './classInfo.ts';
import { conditionsOf, type ListingCondition } from './listing.ts';

/** What a {@link NodeClass} is made of. */
export interface NodeClassParts {
  /** Its name. */
  readonly name: string;
  /** The class it inherits from, `''` if unknown. */
  readonly inherits: string;
  /** The class and those it inherits from. */
  readonly ancestors: ReadonlySet<string>;
  /** What its nodes store in some state, in the engine's order; `undefined` for an abstract class. */
  readonly all: readonly PropertyInfo[] | undefined;
  /** The class it inherits from, where the table has it. */
  readonly parent: () => ClassInfo | undefined;
  /** Whether the class or one above has a property that no node stores. */
  readonly isUnsaved: (name: string) => boolean;
}

/** A class, with what follows from its list. */
export class NodeClass implements ClassInfo {
  readonly name: string;
  readonly inherits: string;
  readonly isInstantiable: boolean;
  readonly properties: readonly PropertyInfo[];
  readonly all: readonly PropertyInfo[];
  readonly #parts: NodeClassParts;
  readonly #byName: ReadonlyMap<string, PropertyInfo>;
  readonly #hidden = new Map<string, PropertyInfo | undefined>();
  #conditions: ReadonlyMap<string, readonly ListingCondition[]> | undefined;

  constructor(parts: NodeClassParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.inherits = parts.inherits;
    this.isInstantiable = parts.all !== undefined;
    this.all = parts.all ?? [];
    this.properties = this.all.filter((info) => info.isStored);
    this.#byName = new Map(this.all.map((info) => [info.name, info]));
  }

  get conditions(): ReadonlyMap<string, readonly ListingCondition[]> {
    this.#conditions ??= this.#ownConditions();
    return this.#conditions;
  }

  property(name: string): PropertyInfo | undefined {
    const own = this.#byName.get(name);
    if (own !== undefined) return own;
    if (this.#hidden.has(name)) return this.#hidden.get(name);
    // Abstract parents have no list; what lies above them is what their children share.
    const parent = this.inherits === this.name ? undefined : this.#parts.parent();
    const inherited = parent?.property(name);
    const hidden = inherited === undefined ? undefined : { ...inherited, isStored: false };
    if (hidden !== undefined) this.#hidden.set(name, hidden);
    return hidden;
  }

  isUnsaved(name: string): boolean {
    return !this.#byName.has(name) && this.#parts.isUnsaved(name);
  }

  is(className: string): boolean {
    return this.#parts.ancestors.has(className);
  }

  /** Conditions that a fresh node contradicts are those of another engine than the table's. */
  #ownConditions(): ReadonlyMap<string, readonly ListingCondition[]> {
    const fresh = (name: string): unknown => this.#byName.get(name)?.default;
    const found = [...conditionsOf(this.#parts.ancestors)].filter(([name, conditions]) => {
      const info = this.#byName.get(name);
      return info !== undefined && info.isStored === conditions.every((condition) => condition.holds(fresh));
    });
    return new Map(found);
  }
}
