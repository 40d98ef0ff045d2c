/** Scripts in TypeScript for the scripts of a Godot project: which class stands for which path, and what nodes have of it. */
import type { VariantValue } from '../../codec/index.ts';
import { checkList, checkOptions, isIntegerIn, type OptionNames } from '../../options/internal.ts';
import type { PropertyInfo } from '../classes/classTable.ts';
import { shown } from '../values/shown.ts';
import { RPC_CONFIG_NAMES, type RpcConfig, type RpcConfigInput, rpcConfigOf } from './nodeRemote.ts';
import { parseType, type ScriptVariable, scriptVariableInfo } from './variables.ts';

/** One RPC of a script: its configuration, and what is known of its arguments. */
export interface RpcDeclaration extends RpcConfigInput {
  /** The declared types of the arguments, as GDScript writes them (`'int'`, `'Array[String]'`, `'Variant'`). */
  readonly argumentTypes?: readonly string[] | undefined;
  /** How many arguments it needs at least. Default: as many as there are types; 0 without types. */
  readonly leastArguments?: number | undefined;
  /** How many it takes at most. Default: as many as there are types; any number without types. */
  readonly mostArguments?: number | undefined;
}

/** The RPCs of a script by their names. */
export type RpcDeclarations = Readonly<Record<string, RpcDeclaration>>;

/** What a script of the project declares, whether or not a class stands for it. */
export interface ScriptDeclaration {
  /** Its RPCs by name, those of its bases included. */
  readonly rpcs?: RpcDeclarations | undefined;
  /** Its variables, those of its bases included: those of the most derived script first, as the engine lists them. */
  readonly variables?: readonly ScriptVariable[] | undefined;
  /** The names of its functions, which may be RPCs or not: for explanations, when a client has another list. */
  readonly functions?: readonly string[] | undefined;
}

/** What a node has of its script. Every method may be missing. */
export interface ScriptInstance {
  /** Called once, when the node and everything below it have entered the tree. */
  _ready?(): void;
  /** Called at every step. `delta`: seconds since the last one. */
  _process?(delta: number): void;
  /**
   * Called when a state of a synchronizer of the node has arrived and was set: by property path, as the configuration names them, and
   * who sent it.
   */
  _synchronized?(values: ReadonlyMap<string, VariantValue>, sender: number): void;
  /** Called when the node enters the tree, before what lies below it. */
  _enterTree?(): void;
  /** Called when the node leaves the tree. */
  _exitTree?(): void;
}

/** A class that stands for a script of the Godot project; `N`: what nodes are. */
export interface ScriptClassOf<N> {
  /** Called once for each node that carries the script. */
  new (node: N): ScriptInstance;
  /** The path of the script, e.g. `res://player.gd`. */
  readonly path: string;
  /** Its RPCs; those of base classes are taken over. */
  readonly rpcs?: RpcDeclarations | undefined;
}

/** An RPC of a script with every value. */
export interface ScriptRpc extends RpcConfig {
  /** See {@link RpcDeclaration.argumentTypes}. */
  readonly argumentTypes: readonly string[];
  /** How many arguments it needs at least. */
  readonly leastArguments: number;
  /** How many it takes at most; Infinity for any number. */
  readonly mostArguments: number;
}

/** The scripts of a mirror. */
export class ScriptTable<N> {
  readonly #classes = new Map<string, ScriptClassOf<N>>();
  readonly #rpcs = new WeakMap<ScriptClassOf<N>, ReadonlyMap<string, ScriptRpc>>();
  readonly #declared = new Map<string, DeclaredScript>();

  /** @throws TypeError or RangeError for what is no script class, or a path that is taken. */
  register(script: ScriptClassOf<N>): void {
    if (typeof script !== 'function')
      throw new TypeError(`"script" expected a class with a static path, got ${shown(script)}`);
    const { path } = script;
    if (typeof path !== 'string' || path === '')
      throw new TypeError(
        `"path" of a script class expected a text such as res://player.gd, got ${shown(path)}`,
      );
    const known = this.#classes.get(path);
    if (known !== undefined && known !== script)
      throw new RangeError(`"path" expected one that no other class has, got ${shown(path)}`);
    const rpcs = declaredRpcs(script);
    checkSame(path, rpcs, this.#declared.get(path)?.rpcs);
    this.#rpcs.set(script, rpcs);
    this.#classes.set(path, script);
  }

  /** @throws TypeError or RangeError for a bad declaration, or one that the class for the path contradicts. */
  declare(path: string, declaration: ScriptDeclaration): void {
    if (typeof path !== 'string' || path === '')
      throw new TypeError(`"path" expected a text such as res://player.gd, got ${shown(path)}`);
    checkOptions(declaration, SCRIPT_NAMES, 'declaration', 'field');
    const { rpcs = {}, variables = [], functions = [] } = declaration;
    checkList('variables', variables, 'variables');
    checkList('functions', functions, 'names');
    if (typeof rpcs !== 'object' || rpcs === null)
      throw new TypeError(`"rpcs" of ${path} expected an object, got ${shown(rpcs)}`);
    const declared = new Map(Object.entries(rpcs).map(([name, each]) => [name, scriptRpc(each)]));
    const script = this.#classes.get(path);
    if (script !== undefined) checkSame(path, this.#rpcs.get(script), declared);
    this.#declared.set(path, {
      rpcs: declared,
      variables: variables.map(scriptVariableInfo),
      functions: functions.map(String),
    });
  }

  /** The variables that a script declares; none for an unknown one. */
  variablesOf(path: string): readonly PropertyInfo[] {
    return this.#declared.get(path)?.variables ?? [];
  }

  /** The class for a path. */
  find(path: string): ScriptClassOf<N> | undefined {
    return this.#classes.get(path);
  }

  /** The names of the functions of a script; none for an unknown one. */
  functionsOf(path: string): readonly string[] {
    return this.#declared.get(path)?.functions ?? [];
  }

  /** The RPCs of the script at a path, those of base classes included; empty for an unknown one. */
  rpcsOf(path: string): ReadonlyMap<string, ScriptRpc> {
    const script = this.#classes.get(path);
    const own = script && this.#rpcs.get(script);
    return own !== undefined && own.size > 0 ? own : (this.#declared.get(path)?.rpcs ?? NONE);
  }
}

/** What a script declares, checked. */
interface DeclaredScript {
  readonly rpcs: ReadonlyMap<string, ScriptRpc>;
  readonly variables: readonly PropertyInfo[];
  readonly functions: readonly string[];
}

/** A class that declares RPCs has those of its script: with others the numbers of calls would mean other methods. */
function checkSame(
  path: string,
  own: ReadonlyMap<string, ScriptRpc> | undefined,
  script: ReadonlyMap<string, ScriptRpc> | undefined,
): void {
  if (own === undefined || own.size === 0 || script === undefined) return;
  const lacking = [...script.keys()].filter((name) => !own.has(name));
  const more = [...own.keys()].filter((name) => !script.has(name));
  if (lacking.length === 0 && more.length === 0) return;
  const parts = [
    ...(lacking.length === 0 ? [] : [`it lacks ${lacking.join(', ')}`]),
    ...(more.length === 0 ? [] : [`it has ${more.join(', ')}, too`]),
  ];
  throw new RangeError(`"rpcs" of the class for ${path} expected those of the script: ${parts.join('; ')}`);
}

/** Base classes first, so that a subclass's entry replaces theirs. */
function declaredRpcs(script: ScriptClassOf<never>): Map<string, ScriptRpc> {
  const found = new Map<string, ScriptRpc>();
  const line: object[] = [];
  for (
    let at: object | null = script;
    at !== null && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  )
    line.unshift(at);
  for (const at of line) {
    const own: unknown = Object.getOwnPropertyDescriptor(at, 'rpcs')?.value;
    if (own === undefined) continue;
    if (typeof own !== 'object' || own === null)
      throw new TypeError(`"rpcs" of ${script.path} expected an object, got ${shown(own)}`);
    for (const [name, declaration] of Object.entries(own)) found.set(name, scriptRpc(declaration));
  }
  return found;
}

function scriptRpc(declaration: RpcDeclaration): ScriptRpc {
  const config = rpcConfigOf(declaration, DECLARATION_NAMES);
  const { argumentTypes = [], leastArguments, mostArguments } = declaration;
  checkList('argumentTypes', argumentTypes, 'types');
  for (const type of argumentTypes) parseType(type);
  checkCount('leastArguments', leastArguments);
  if (mostArguments !== Number.POSITIVE_INFINITY) checkCount('mostArguments', mostArguments);
  const isTyped = declaration.argumentTypes !== undefined;
  return {
    ...config,
    argumentTypes: [...argumentTypes],
    leastArguments: leastArguments ?? argumentTypes.length,
    mostArguments: mostArguments ?? (isTyped ? argumentTypes.length : Number.POSITIVE_INFINITY),
  };
}

/** @throws RangeError for what is no number of arguments. */
function checkCount(name: string, value: unknown): void {
  if (value === undefined || isIntegerIn(value, 0, MOST_ARGUMENTS)) return;
  throw new RangeError(`"${name}" expected an integer 0..${MOST_ARGUMENTS}, got ${shown(value)}`);
}

/** Of one call. */
const MOST_ARGUMENTS = 255;
const NONE: ReadonlyMap<string, ScriptRpc> = new Map();
const SCRIPT_NAMES: OptionNames<ScriptDeclaration> = {
  rpcs: true,
  variables: true,
  functions: true,
};
const DECLARATION_NAMES: OptionNames<RpcDeclaration> = {
  ...RPC_CONFIG_NAMES,
  argumentTypes: true,
  leastArguments: true,
  mostArguments: true,
};
