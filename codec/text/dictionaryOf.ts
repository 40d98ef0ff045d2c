/** Dictionaries of Godot's text formats (docs/protocol/variant-codec 5 and 9.4). */
import type { ContainerType } from '../values/ContainerType.ts';
import { Dictionary, KeyResolver, setResolved } from '../values/Dictionary.ts';
import type { KeySession } from '../values/keyToken.ts';
import type { VariantValue } from '../values/variantValue.ts';
import { KeyFloodGuard } from '../variant/keyFlood.ts';
import type { ParsedValue } from './convert.ts';
import type { TextScanner } from './tokens.ts';

/** A key and its value as they were read. */
export interface ParsedPair {
  /** The key, converted if its type is declared. */
  key: ParsedValue;
  /** The value, converted if its type is declared. */
  value: ParsedValue;
  /** Where the key begins. */
  readonly offset: number;
}

/**
 * Makes a dictionary: of equal keys the first keeps its place and the last gives the value.
 *
 * @param session - Shared by all dictionaries of a text, so that keys inside keys are not walked again at every level.
 * @throws TextError with code `ERR_TEXT_KEY_FLOOD`.
 */
export function dictionaryOf(
  pairs: readonly ParsedPair[],
  keyType: ContainerType | undefined,
  valueType: ContainerType | undefined,
  session: KeySession,
  scanner: TextScanner,
): Dictionary<VariantValue, VariantValue> {
  const dictionary = new Dictionary<VariantValue, VariantValue>(null, { keyType, valueType });
  const guard = new KeyFloodGuard();
  let resolver: KeyResolver | undefined;
  for (const { key, value, offset } of pairs) {
    const { size } = dictionary;
    if (resolver === undefined && isNative(key.value)) {
      Map.prototype.set.call(dictionary, key.value, value.value);
    } else {
      if (resolver === undefined) {
        resolver = new KeyResolver(session);
        for (const earlier of dictionary.keys()) resolver.resolve(earlier);
      }
      // What was resolved is one of the keys.
      setResolved(dictionary, resolver.resolve(key.value) as VariantValue, value.value);
    }
    if (dictionary.size !== size && !guard.accepts(key.value)) {
      throw scanner.error('Number keys that were chosen to collide', offset, 'ERR_TEXT_KEY_FLOOD');
    }
  }
  return dictionary;
}

/** Whether the native Map tells the key from all others: anything else is resolved by its token. */
function isNative(key: VariantValue): boolean {
  return (typeof key !== 'object' && typeof key !== 'bigint') || key === null;
}
