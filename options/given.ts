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

/** The options that have a default, complete: what was given of them, and nothing else that is in `options`. */
export function withDefaults<Defaults extends object>(
  defaults: Defaults,
  options: { readonly [Name in keyof Defaults]?: Defaults[Name] | undefined },
): Defaults {
  const all = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof Defaults)[]) {
    const value = options[name];
    if (value !== undefined) all[name] = value;
  }
  return all;
}
