/** Which class a new node has. */
import { VariantType } from '../../codec/index.ts';
import type { ClassInfo, ClassTable, PropertyInfo } from '../classes/classTable.ts';
import { shown } from '../values/shown.ts';
import { type VariableInput, variableInfo } from './variables.ts';

/** What is said of the class of a new node. */
export interface ClassInput {
  /** Native class name. One that the class table does not know needs `declared`. */
  readonly class: string;
  /** For an unknown class: the known class whose properties come first. Absent: `declared` is the whole list. */
  readonly base?: string | undefined;
  /** For an unknown class: its properties, in the engine's order. */
  readonly declared?: readonly VariableInput[] | undefined;
}

/** The class of a node: from the table, or made of the list that came with it. @throws TypeError or RangeError naming what is wrong. */
export function classOf(classes: ClassTable, input: ClassInput): ClassInfo {
  const { class: name, base, declared } = input;
  if (typeof name !== 'string') throw new TypeError(`"class" expected a string, got ${typeof name}`);
  if (name === '' || name.includes('\0')) throw new RangeError('"class" expected a text that is not empty');
  const known = classes.get(name);
  if (known !== undefined) {
    if (declared !== undefined || base !== undefined) {
      throw new RangeError(
        `"declared" expected only with a class that the table does not have, got it with ${name}`,
      );
    }
    if (!known.isInstantiable)
      throw new RangeError(`"class" expected one that can be instantiated, got ${name}`);
    return known;
  }
  if (declared === undefined) {
    throw new RangeError(
      `"class" expected one of the class table, or a list of its properties in "declared", got ${shown(name)}`,
    );
  }
  const parent = base === undefined ? undefined : classes.get(base);
  if (base !== undefined && parent === undefined) {
    throw new RangeError(`"base" expected a class of the class table, got ${shown(base)}`);
  }
  return declaredClass(name, parent, [...declared].map(variableInfo));
}

/** protocol/variant-codec 10.5: an own class comes behind those that it inherits from and before the script. */
function declaredClass(name: string, parent: ClassInfo | undefined, own: readonly PropertyInfo[]): ClassInfo {
  const behind = (inherited: readonly PropertyInfo[] = []): readonly PropertyInfo[] => {
    const script = inherited.filter((info) => info.name === 'script');
    return [...inherited.filter((info) => info.name !== 'script'), ...own, ...script];
  };
  const unknown: PropertyInfo = { name: 'script', type: VariantType.OBJECT, default: null, isStored: false };
  return {
    name,
    inherits: parent?.name ?? '',
    isInstantiable: true,
    properties: behind(parent?.properties),
    all: behind(parent?.all),
    conditions: parent?.conditions ?? new Map(),
    isUnsaved: (wanted) => parent?.isUnsaved(wanted) ?? false,
    property: (wanted) =>
      own.find((info) => info.name === wanted) ??
      parent?.property(wanted) ??
      (wanted === 'script' ? unknown : undefined),
    is: (className) => className === name || (parent?.is(className) ?? false),
  };
}
