/** The scripts of a project that are written in C#: what the engine knows of them once they are built. */
import { Float } from '../../../codec/index.ts';
import { variantTypeByString } from '../../../codec/internal.ts';
import type { NodeValue, ProjectFiles } from '../../../schema/index.ts';
import { checksumOf, inCallOrder } from '../../multiplayer/internal.ts';
import { type ProjectIssue, unread } from '../issue.ts';
import { isKnownNative } from '../nativeClasses.ts';
import type {
  ProjectFunction,
  ProjectParameter,
  ProjectRpc,
  ProjectScript,
  ProjectSignal,
  ProjectVariable,
} from '../scripts/projectScript.ts';
import type { CSharpAttribute, CSharpClass, CSharpFile, CSharpMember, CSharpParameter } from './draft.ts';
import { readCSharp } from './readCSharp.ts';

/** A class with the file in which each of its parts stands. */
interface WholeClass {
  readonly name: string;
  readonly parts: { readonly path: string; readonly part: CSharpClass }[];
}

/**
 * Reads all files. A class is the script of the file that has its name, with the parts that stand in other files.
 *
 * @param issue - Takes what could not be read.
 */
export function readCSharpScripts(
  files: ProjectFiles,
  paths: readonly string[],
  issue: (issue: ProjectIssue) => void,
): Map<string, ProjectScript> {
  const read: [string, CSharpFile][] = [];
  for (const path of paths) {
    const text = files(path);
    if (text === undefined) continue;
    if (text.length <= LONGEST) read.push([path, readCSharp(text)]);
    else issue(unread(path, `It has more than ${LONGEST} characters: not read`));
  }
  const classes = new Map<string, WholeClass>();
  const enums = new Set<string>();
  for (const [path, file] of read) {
    for (const part of file.classes) {
      const whole = classes.get(part.name) ?? { name: part.name, parts: [] };
      whole.parts.push({ path, part });
      classes.set(part.name, whole);
    }
    for (const name of file.enums) enums.add(name);
  }
  const scripts = new Map<string, ProjectScript>();
  for (const [path] of read) {
    const whole = classes.get(path.slice(path.lastIndexOf('/') + 1, -'.cs'.length));
    if (whole?.parts.some((each) => each.path === path) !== true) continue;
    const script = new Describer(classes, enums).describe(path, whole);
    if (script !== undefined) scripts.set(path, script);
  }
  return scripts;
}

class Describer {
  readonly #classes: ReadonlyMap<string, WholeClass>;
  readonly #enums: ReadonlySet<string>;
  readonly #issues: ProjectIssue[] = [];

  constructor(classes: ReadonlyMap<string, WholeClass>, enums: ReadonlySet<string>) {
    this.#classes = classes;
    this.#enums = enums;
  }

  /** `undefined` for a class that is no script: it extends nothing of the engine. */
  describe(path: string, whole: WholeClass): ProjectScript | undefined {
    const line = this.#line(whole);
    const native = NATIVE_NAMES.get(baseOf(line.at(-1))) ?? baseOf(line.at(-1));
    if (native === '') return undefined;
    const rpcs = new Map<string, Omit<ProjectRpc, 'id'>>();
    const variables = new Map<string, ProjectVariable>();
    const signals = new Map<string, ProjectSignal>();
    const functions = new Map<string, ProjectFunction>();
    for (const each of line.toReversed())
      for (const { path: declaredIn, part } of each.parts)
        for (const member of part.members) {
          if (member.kind === 'signal' && has(member.attributes, 'Signal'))
            signals.set(member.name, this.#signal(member));
          if (member.kind !== 'method') continue;
          const called = this.#function(member);
          functions.set(member.name, called);
          const rpc = member.attributes.find(({ name }) => name === 'Rpc');
          if (rpc !== undefined)
            rpcs.set(member.name, {
              ...this.#rpc(rpc, declaredIn),
              name: member.name,
              function: called,
              declaredIn,
            });
        }
    for (const each of line)
      for (const { path: declaredIn, part } of each.parts)
        for (const member of part.members)
          if (member.kind === 'variable' && !variables.has(member.name))
            variables.set(member.name, this.#variable(member, declaredIn));
    const order = inCallOrder(rpcs.keys());
    const attributes = whole.parts.flatMap(({ part }) => part.attributes);
    const base = line[1];
    return {
      name: '',
      path,
      language: 'C#',
      className: whole.name,
      base: base === undefined ? native : (base.parts[0]?.path ?? native),
      native,
      isAbstract: whole.parts.some(({ part }) => part.isAbstract),
      isTool: has(attributes, 'Tool'),
      isValid: true,
      rpcs: new Map([...rpcs].map(([name, rpc]) => [name, { ...rpc, id: order.indexOf(name) }])),
      checksum: checksumOf(order),
      variables,
      signals,
      functions,
      classes: new Map(),
      issues: this.#issues,
    };
  }

  /** A class and those of the project that it extends. */
  #line(whole: WholeClass): WholeClass[] {
    const line: WholeClass[] = [];
    let next: WholeClass | undefined = whole;
    while (next !== undefined && !line.includes(next)) {
      line.push(next);
      next = this.#classes.get(baseOf(next));
    }
    return line;
  }

  #rpc({ args, line, column }: CSharpAttribute, file: string): Pick<ProjectRpc, 'rpcMode'> {
    const found: { -readonly [K in keyof ProjectRpc]?: ProjectRpc[K] } = {};
    for (const [name, value] of args) {
      const word = value.replace(/^.*\./, '');
      const mode = name === '' || name === 'mode' ? MODES.get(word) : undefined;
      const transfer = name === 'TransferMode' ? TRANSFERS.get(word) : undefined;
      if (mode !== undefined) found.rpcMode = mode;
      else if (transfer !== undefined) found.transferMode = transfer;
      else if (name === 'CallLocal' && (word === 'true' || word === 'false'))
        found.callLocal = word === 'true';
      else if (name === 'TransferChannel' && /^-?\d{1,9}$/.test(value)) found.channel = Number(value);
      else {
        const message = `The argument ${name === '' ? value : name} of [Rpc] is not known here: taken as not given`;
        this.#issues.push({ kind: 'unread', file, line, column, message });
      }
    }
    return { rpcMode: 'authority', ...found };
  }

  #function({ name, type, parameters, isStatic, line, column }: CSharpMember): ProjectFunction {
    const returns = type === 'void' ? 'void' : this.#type(type);
    return { name, parameters: this.#parameters(parameters), returns, isStatic, line, column };
  }

  #signal({ name, parameters, line, column }: CSharpMember): ProjectSignal {
    return { name, parameters: this.#parameters(parameters), line, column };
  }

  /** The engine calls a method with as many arguments as it has parameters: defaults and `params` are for C# alone. */
  #parameters(parameters: readonly CSharpParameter[]): ProjectParameter[] {
    return parameters.map(({ name, type }) => ({
      name,
      type: this.#type(type),
      isOptional: false,
      isRest: false,
    }));
  }

  #variable(member: CSharpMember, declaredIn: string): ProjectVariable {
    const { name, isStatic, attributes, line, column } = member;
    const type = this.#type(member.type);
    const isExported = has(attributes, 'Export');
    return {
      name,
      type,
      default: literalOf(member.value, type),
      isExported,
      isStatic,
      declaredIn,
      line,
      column,
    };
  }

  /** A type as GDScript writes it; `Variant` for one that is not known. */
  #type(type: string): string {
    const bare = type.replace(/^(?:global::)?(?:Godot\.)?(?:Collections\.)?/, '');
    const plain = PLAIN_TYPES.get(bare);
    if (plain !== undefined) return plain;
    const generic = /^(Array|Dictionary)<(.*)>$/.exec(bare);
    if (generic !== null) {
      const [, name = '', inner = ''] = generic;
      // What holds others than Variants is none of the engine's.
      if (inner.includes('<')) return 'Variant';
      const parts = inner.split(',').map((part) => this.#type(part));
      return parts.length === (name === 'Array' ? 1 : 2) && !parts.every((part) => part === 'Variant')
        ? `${name}[${parts.join(', ')}]`
        : name;
    }
    const last = bare.replace(/^.*\./, '');
    if (this.#enums.has(last)) return 'int';
    if (variantTypeByString(bare) !== undefined) return bare;
    if (isKnownNative(bare)) return bare;
    return this.#classes.has(last) ? 'Object' : 'Variant';
  }
}

function baseOf(whole: WholeClass | undefined): string {
  return whole?.parts.map(({ part }) => part.base).find((base) => base !== '' && !INTERFACE.test(base)) ?? '';
}

function has(attributes: readonly CSharpAttribute[], wanted: string): boolean {
  return attributes.some(({ name }) => name === wanted);
}

/** The value of a literal; `undefined` for anything else. */
function literalOf(text: string | undefined, type: string): NodeValue | undefined {
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^"[^"\\]*"$/.test(text)) return text.slice(1, -1);
  const number = /^(-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)[fFdDmMlLuU]*$/.exec(text)?.[1];
  if (number === undefined) return undefined;
  const digits = number.replaceAll('_', '');
  if (type === 'float') return new Float(Number(digits));
  return type === 'int' && /^-?\d{1,18}$/.test(digits) ? BigInt(digits) : undefined;
}

const LONGEST = 4_194_304;
const INTERFACE = /^I[A-Z]/;
const MODES: ReadonlyMap<string, ProjectRpc['rpcMode']> = new Map([
  ['AnyPeer', 'any_peer'],
  ['Authority', 'authority'],
  ['Disabled', 'disabled'],
] as const);
const TRANSFERS: ReadonlyMap<string, 'unreliable' | 'unreliable_ordered' | 'reliable'> = new Map([
  ['Unreliable', 'unreliable'],
  ['UnreliableOrdered', 'unreliable_ordered'],
  ['Reliable', 'reliable'],
] as const);
/** Classes that C# calls otherwise. */
const NATIVE_NAMES: ReadonlyMap<string, string> = new Map([
  ['GodotObject', 'Object'],
  ['MultiplayerApi', 'MultiplayerAPI'],
]);
const PLAIN_TYPES: ReadonlyMap<string, string> = new Map([
  ...['int', 'long', 'short', 'sbyte', 'byte', 'uint', 'ulong', 'ushort', 'char', 'Error', 'Key'].map(
    (name) => [name, 'int'] as const,
  ),
  ['float', 'float'],
  ['double', 'float'],
  ['string', 'String'],
  ['bool', 'bool'],
  ['Variant', 'Variant'],
  ['GodotObject', 'Object'],
  ['Rid', 'RID'],
  ['Aabb', 'AABB'],
  ['byte[]', 'PackedByteArray'],
  ['int[]', 'PackedInt32Array'],
  ['long[]', 'PackedInt64Array'],
  ['float[]', 'PackedFloat32Array'],
  ['double[]', 'PackedFloat64Array'],
  ['string[]', 'PackedStringArray'],
  ['Vector2[]', 'PackedVector2Array'],
  ['Vector3[]', 'PackedVector3Array'],
  ['Vector4[]', 'PackedVector4Array'],
  ['Color[]', 'PackedColorArray'],
]);
