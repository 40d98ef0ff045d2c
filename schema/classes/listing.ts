/** Which of a class's properties a node lists in its state (schema/classes/conditions.ts). */
import { CONDITIONS } from './conditions.ts';

/** What conditions ask for: the value of a property, or whether a fact holds when the name begins with `@`. */
export type ListingState = (name: string) => unknown;

/** What lists a property, and which names it asks for. */
export interface ListingCondition {
  /** The names that it depends on. */
  readonly names: readonly string[];
  /** Whether a node in this state lists the property. */
  holds(state: ListingState): boolean;
}

/** The conditions of a class, given with all it inherits from, by property; those of all classes have to hold. */
export function conditionsOf(ancestors: Iterable<string>): ReadonlyMap<string, readonly ListingCondition[]> {
  const found = new Map<string, readonly ListingCondition[]>();
  for (const ancestor of ancestors) {
    if (!Object.hasOwn(CONDITIONS, ancestor)) continue;
    for (const [names, text] of Object.entries(CONDITIONS[ancestor] ?? {})) {
      const condition = parse(text);
      for (const name of names.split(' ')) found.set(name, [...(found.get(name) ?? []), condition]);
    }
  }
  return found;
}

/** A condition of its text; the form is in schema/classes/conditions.ts. */
export function parse(text: string): ListingCondition {
  const alternatives = text.split('|').map((part) => part.split('&').map(parseTerm));
  return {
    names: alternatives.flatMap((terms) => terms.map(({ name }) => name)),
    holds: (state) => alternatives.some((terms) => terms.every(({ name, accepts }) => accepts(state(name)))),
  };
}

function parseTerm(text: string): { readonly name: string; readonly accepts: (value: unknown) => boolean } {
  if (text.startsWith('!')) return { name: text.slice(1), accepts: (value) => Number(value ?? 0) === 0 };
  const [name = '', list] = text.split(/!?=/);
  if (list === undefined) return { name, accepts: (value) => Number(value ?? 0) !== 0 };
  const wanted = new Set(list.split(',').map(Number));
  const isNegated = text.includes('!=');
  return { name, accepts: (value) => wanted.has(Number(value)) !== isNegated };
}
