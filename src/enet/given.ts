/** What an option means that is there with the value `undefined`: that it was not given. One place for all classes. */

/**
 * A copy of options without those that are `undefined`, which would hide a default when they are spread over it.
 *
 * @returns a shallow copy; options inside it that are objects themselves are not looked into.
 */
export function given<Options extends object>(options: Options): Options {
  // What is missing afterwards may be missing: it was allowed to be undefined.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
