/** The options of reading Godot's text formats (docs/protocol/variant-codec 9.4). */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import type { TextResource } from '../values/TextResource.ts';
import { flag, limit } from '../variant/options.ts';
import type { TextError } from './TextError.ts';
import type { TextScannerOptions } from './tokens.ts';

/** How texts are read. Every option may be left out. */
export interface TextReadOptions extends TextScannerOptions {
  /** `true`: INTs come as bigints and FLOATs as `Float`s. Default `false`: as numbers, INTs beyond 2^53 as bigints. */
  readonly exact?: boolean | undefined;
  /** Width of real components: `'double'` for an engine built with double precision. Default `'single'`: they become f32. */
  readonly real?: 'single' | 'double' | undefined;
  /** The deepest nesting of containers and objects, 0 to 1024; the value itself is at depth 0. Default 1024. */
  readonly maxDepth?: number | undefined;
  /**
   * The most elements, keys, values, properties and packed strings together. Packed numbers do not count: `maxLength` bounds
   * them. Default 1,000,000.
   */
  readonly maxElements?: number | undefined;
  /** The most UTF-16 units that the text may have. Default 67,108,864. */
  readonly maxLength?: number | undefined;
  /**
   * What stands for `ExtResource(…)`, `SubResource(…)` and `Resource(…)`, whatever it is; it goes into the result as it is.
   * Default: the reference itself. It may throw; `fail` makes an error with the place of the reference.
   */
  readonly resource?: ((reference: TextResource, fail: (reason: string) => TextError) => unknown) | undefined;
  /**
   * The `res://` path of a script that types a container, as in `Array[ExtResource("1_ab")]`. Default: the path of a
   * `Resource`, its uid when it has no path, the reference as text for the other two.
   */
  readonly scriptPath?: ((reference: TextResource) => string) | undefined;
}

/** The limits that hold when the options name no others. */
export const DEFAULT_TEXT_LIMITS = {
  /** Nesting of containers. The engine has no limit when reading and writes no more than 100 levels. */
  maxDepth: 1024,
  /** Elements of all containers together. */
  maxElements: 1_000_000,
  /** UTF-16 units of the text. */
  maxLength: 67_108_864,
} as const;

/** Every option that the parser itself needs, with its value. */
export interface ResolvedTextOptions {
  /** Whether INT and FLOAT keep their types. */
  readonly isExact: boolean;
  /** Whether components keep double precision. */
  readonly isDouble: boolean;
  /** The deepest nesting. */
  readonly maxDepth: number;
  /** The most elements. */
  readonly maxElements: number;
  /** The most UTF-16 units. */
  readonly maxLength: number;
}

/** Checks the options and fills in the defaults. @throws RangeError for a bad option. */
export function resolveTextOptions(options: TextReadOptions): ResolvedTextOptions {
  checkOptions(options, TEXT_OPTION_NAMES);
  const { maxDepth, maxElements, maxLength } = DEFAULT_TEXT_LIMITS;
  return {
    isExact: flag('exact', options.exact, false),
    isDouble: precision(options.real) === 'double',
    maxDepth: limit('maxDepth', options.maxDepth, maxDepth, maxDepth),
    maxElements: limit('maxElements', options.maxElements, maxElements, 0x7fffffff),
    maxLength: limit('maxLength', options.maxLength, maxLength, 0x1fffffff),
  };
}

function precision(real: string | undefined): string {
  if (real === undefined || real === 'single' || real === 'double') return real ?? 'single';
  throw new RangeError(`"real" expected 'single' or 'double', got ${String(real)}`);
}

const TEXT_OPTION_NAMES: OptionNames<TextReadOptions> = {
  exact: true,
  real: true,
  maxDepth: true,
  maxElements: true,
  maxLength: true,
  resource: true,
  scriptPath: true,
  isFile: true,
  onIssue: true,
};
