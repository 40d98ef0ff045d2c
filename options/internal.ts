/**
 * What is said about options and other arguments, in one place for all rooms: what was given, which names there are, which
 * integers are allowed. Nothing of it is public API. Re-exports only.
 */
export { describe } from './describe.ts';
export { given, withDefaults } from './given.ts';
export { checkInteger, isIntegerIn } from './integers.ts';
export { checkBooleans, checkFunctions, checkList } from './kinds.ts';
export { checkLimitNumbers } from './limits.ts';
export { checkKnownName, checkOptions, type OptionNames } from './names.ts';
export { suggest } from './suggest.ts';
