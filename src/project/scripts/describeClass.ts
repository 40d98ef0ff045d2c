/** A class of GDScript as what is told of it. */
import { checksumOf, inCallOrder } from '../../multiplayer/internal.ts';
import { ClassValue, EnumValues, plainValue } from '../gdscript/constant.ts';
import type { AnnotationDraft, FunctionDraft, ParameterDraft, VariableDraft } from '../gdscript/draft.ts';
import { readRpc, type WrittenRpc } from '../gdscript/rpcWords.ts';
import type { ProjectIssueKind, SourcePlace } from '../issue.ts';
import { LinkedClass } from './LinkedClass.ts';
import type {
  ProjectClass,
  ProjectFunction,
  ProjectParameter,
  ProjectRpc,
  ProjectSignal,
  ProjectVariable,
} from './projectScript.ts';
import { inferredType, typeText } from './typeText.ts';

/** Takes what is wrong. */
export type IssueTaker = (kind: ProjectIssueKind, place: SourcePlace, message: string) => void;

/** What stands in one class, without its bases. */
export interface OwnMembers {
  readonly rpcs: ReadonlyMap<string, WrittenRpc>;
  readonly variables: readonly ProjectVariable[];
  readonly signals: readonly ProjectSignal[];
  readonly functions: ReadonlyMap<string, ProjectFunction>;
}

/** Reads what stands in a class. */
export function ownMembers(owner: LinkedClass, issue: IssueTaker): OwnMembers {
  const { draft } = owner;
  const functions = new Map<string, ProjectFunction>();
  const rpcs = new Map<string, WrittenRpc>();
  for (const each of draft.functions.values()) {
    functions.set(each.name, functionOf(each, owner));
    const annotation = each.annotations.find(({ name }) => name === 'rpc');
    if (annotation !== undefined) rpcs.set(each.name, rpcOf(annotation, owner, issue));
  }
  return {
    rpcs,
    functions,
    variables: [...draft.variables.values()].map((each) => variableOf(each, owner, issue)),
    signals: [...draft.signals.values()].map(({ name, parameters, line, column }) => ({
      name,
      parameters: parameters.map((each) => parameterOf(each, owner)),
      line,
      column,
    })),
  };
}

/** A class with what it inherits. `members`: what stands in each of them. */
export function describeClass(
  owner: LinkedClass,
  members: (of: LinkedClass) => OwnMembers,
  isValid: boolean,
): ProjectClass {
  const line = [...owner.line()];
  const variables = new Map<string, ProjectVariable>();
  for (const at of line)
    for (const each of members(at).variables) if (!variables.has(each.name)) variables.set(each.name, each);
  const signals = new Map<string, ProjectSignal>();
  const functions = new Map<string, ProjectFunction>();
  const written = new Map<string, { readonly config: WrittenRpc; readonly path: string }>();
  for (const at of line.reverse()) {
    const own = members(at);
    for (const each of own.signals) signals.set(each.name, each);
    for (const [name, each] of own.functions) functions.set(name, each);
    for (const [name, config] of own.rpcs) written.set(name, { config, path: at.path });
  }
  const order = inCallOrder(written.keys());
  const ids = new Map(order.map((name, id) => [name, id]));
  const rpcs = new Map<string, ProjectRpc>();
  for (const [name, { config, path }] of isValid ? written : []) {
    const called = functions.get(name);
    if (called !== undefined)
      rpcs.set(name, { ...config, name, id: ids.get(name) ?? 0, function: called, declaredIn: path });
  }
  const { base } = owner;
  return {
    name: owner.draft.name,
    base: base instanceof LinkedClass ? base.id : (base ?? ''),
    native: owner.native ?? '',
    isAbstract: owner.draft.isAbstract,
    rpcs,
    checksum: checksumOf(isValid ? order : []),
    variables,
    signals,
    functions,
  };
}

function rpcOf(annotation: AnnotationDraft, owner: LinkedClass, issue: IssueTaker): WrittenRpc {
  const { config, error, unread } = readRpc(annotation.args.map((arg) => owner.evaluate(arg)));
  if (error !== undefined) issue('error', annotation, error);
  for (const at of unread)
    issue(
      'unread',
      annotation,
      `Argument ${at} of @rpc is no constant that is known here: taken as not given`,
    );
  return config;
}

function functionOf(draft: FunctionDraft, owner: LinkedClass): ProjectFunction {
  const { name, parameters, returns, isStatic, line, column } = draft;
  return {
    name,
    parameters: parameters.map((each) => parameterOf(each, owner)),
    returns: typeText(returns, owner),
    isStatic,
    line,
    column,
  };
}

function parameterOf(draft: ParameterDraft, owner: LinkedClass): ProjectParameter {
  const { name, type, value, isInferred, isRest } = draft;
  const inferred = isInferred && value !== undefined ? inferredType(value, owner) : undefined;
  return { name, type: inferred ?? typeText(type, owner), isOptional: value !== undefined, isRest };
}

function variableOf(draft: VariableDraft, owner: LinkedClass, issue: IssueTaker): ProjectVariable {
  const { name, type, value, isInferred, isStatic, annotations, line, column } = draft;
  const isExported = annotations.some((each) => each.name.startsWith('export'));
  const isLate = annotations.some((each) => each.name === 'onready');
  const found = value === undefined || isLate ? undefined : owner.evaluate(value);
  // What is exported has the type of its value, as the inspector shows it.
  const inferred =
    value !== undefined && type === undefined && (isInferred || isExported)
      ? inferredType(value, owner)
      : undefined;
  const isUnread = value !== undefined && !isLate && isExported && found === undefined;
  if (isUnread) issue('unread', draft, `The default of ${name} is no constant that is known here`);
  return {
    name,
    type: inferred ?? typeText(type, owner),
    default: found instanceof ClassValue || found instanceof EnumValues ? undefined : plainValue(found),
    isExported,
    isStatic,
    declaredIn: owner.path,
    line,
    column,
  };
}

/** All classes of a script, outer ones first. */
export function* classesOf(root: LinkedClass): Generator<LinkedClass> {
  yield root;
  for (const inner of root.inner.values()) yield* classesOf(inner);
}
