/** The scripts and scenes of a project as types in TypeScript: what the command `types` writes. */
import { type MirrorNode, SceneMirror, SceneTextError } from '../../../schema/index.ts';
import { declarationOf, isNodeClass, type Project } from '../Project.ts';
import type { ProjectParameter, ProjectRpc, ProjectScript } from '../scripts/projectScript.ts';
import { memberName, quoted, TypeNames } from './typeNames.ts';

/** What was written. */
export interface WrittenTypes {
  /** The text of the file. */
  readonly text: string;
  /** The scenes that could not be read, one line each. */
  readonly problems: readonly string[];
}

/**
 * Writes the types of a project as one file in TypeScript. The same project gives the same text.
 *
 * Of scripts: those of nodes that the engine does not refuse. Of scenes: those whose files are all there.
 */
export function writeTypes(project: Project): WrittenTypes {
  const names = new TypeNames();
  const scripts = [...project.scripts.values()]
    .filter(({ isValid, native }) => isValid && isNodeClass(native))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const byPath = new Map(scripts.map((script) => [script.path, names.take(script.path, script.className)]));
  const problems: string[] = [];
  const scenes = writeScenes(project, byPath, problems);
  const parts = scripts.map((script) => writeScript(script, byPath.get(script.path) ?? ''));
  const body = [...parts, ...scenes].join('\n');
  return { text: `${headerFor(body)}\n${body}`, problems };
}

function writeScript(script: ProjectScript, name: string): string {
  const rpcs = [...script.rpcs.values()];
  const variables = [...script.variables.values()].filter(({ isStatic }) => !isStatic);
  const title = [script.path, ...(script.className === '' ? [] : [`class ${script.className}`])].join(', ');
  return `/** What ${title} declares. */
export interface ${name}Types {
  rpcs: {${block(
    rpcs.map((rpc) => `${memberName(rpc.name)}: ${tupleOf(rpc.function.parameters)};`),
    2,
  )}};
  variables: {${block(
    variables.map((each) => `${memberName(each.name)}: ${quoted(each.type)};`),
    2,
  )}};
}

/** The base of a class for ${script.path}${rpcs.length === 0 ? '' : ': its RPCs, to be written where everybody may call them'}. */
export abstract class ${name}Script extends TypedScript<${quoted(script.native)}, ${name}Types> {
  static override readonly path: string = ${quoted(script.path)};
${
  rpcs.length === 0
    ? ''
    : `  static override readonly rpcs: RpcDeclarations = {${block(rpcs.map(declarationText), 2)}};
`
}${rpcs.map(handlerText).join('')}}
`;
}

/** The arguments of a function as a tuple with the names of their types. */
function tupleOf(parameters: readonly ProjectParameter[]): string {
  const parts = parameters.map(({ name, type, isOptional, isRest }) =>
    isRest
      ? `...${memberLabel(name)}: 'Variant'[]`
      : `${memberLabel(name)}${isOptional ? '?' : ''}: ${quoted(type)}`,
  );
  return `[${parts.join(', ')}]`;
}

function declarationText(rpc: ProjectRpc): string {
  const { rpcMode, transferMode, callLocal, channel, argumentTypes, leastArguments, mostArguments } =
    declarationOf(rpc);
  const parts = [
    `rpcMode: ${quoted(String(rpcMode))}`,
    ...(transferMode === undefined ? [] : [`transferMode: ${quoted(String(transferMode))}`]),
    ...(callLocal === undefined ? [] : [`callLocal: ${callLocal}`]),
    ...(channel === undefined ? [] : [`channel: ${channel}`]),
    `argumentTypes: [${(argumentTypes ?? []).map(quoted).join(', ')}]`,
    ...(leastArguments === argumentTypes?.length ? [] : [`leastArguments: ${leastArguments}`]),
    ...(mostArguments === argumentTypes?.length ? [] : ['mostArguments: Number.POSITIVE_INFINITY']),
  ];
  // Of a name that all objects have, the compiler takes the type from there.
  const literal = rpc.name in Object.prototype ? ' as const' : '';
  return `${memberName(rpc.name)}: { ${parts.join(', ')} }${literal},`;
}

/** What everybody may call has to be written; what only the authority calls is mostly for clients. */
function handlerText({ name, rpcMode, function: called }: ProjectRpc): string {
  if (OWN_MEMBERS.has(name)) return '';
  const parameters = called.parameters.map((each) =>
    each.isRest
      ? `...${memberLabel(each.name)}: GodotValue<'Variant'>[]`
      : `${memberLabel(each.name)}${each.isOptional ? '?' : ''}: GodotValue<${quoted(each.type)}>`,
  );
  const signature = `(${parameters.join(', ')}): void;\n`;
  return rpcMode === 'any_peer'
    ? `  abstract ${memberName(name)}${signature}`
    : `  ${memberName(name)}?${signature}`;
}

/** Scenes with the nodes at their paths. */
function writeScenes(project: Project, scripts: ReadonlyMap<string, string>, problems: string[]): string[] {
  const mirror = project.register(new SceneMirror({ resources: project.files }));
  const names = new TypeNames();
  const written: string[] = [];
  const index: string[] = [];
  for (const path of [...project.scenes].sort()) {
    const root = instantiate(mirror, path, problems);
    if (root === undefined) continue;
    const name = `${names.take(path, '')}Scene`;
    const nodes = [...root.walk()].map(
      (node) => `${quoted(pathBelow(root, node))}: ${nodeType(node, scripts)};`,
    );
    written.push(`/** The nodes of ${path}. */\nexport interface ${name} {${block(nodes, 0)}}\n`);
    index.push(`${quoted(path)}: ${name};`);
  }
  return [
    ...written,
    `/** The scenes by their paths. */\nexport interface Scenes {${block(index, 0)}}\n${FOOTER}`,
  ];
}

function instantiate(mirror: SceneMirror, path: string, problems: string[]): MirrorNode | undefined {
  try {
    return mirror.instantiate(path);
  } catch (error) {
    if (!(error instanceof SceneTextError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function nodeType(node: MirrorNode, scripts: ReadonlyMap<string, string>): string {
  const script = scripts.get(node.scriptPath);
  return script === undefined
    ? `TypedNode<${quoted(node.class)}>`
    : `TypedNode<${quoted(node.class)}, ${script}Types>`;
}

function pathBelow(root: MirrorNode, node: MirrorNode): string {
  const names: string[] = [];
  for (let at: MirrorNode | undefined = node; at !== undefined && at !== root; at = at.getParent())
    names.push(at.name);
  return names.length === 0 ? '.' : names.reverse().join('/');
}

/** Lines between braces, whose closing one stands at an indent. */
function block(lines: readonly string[], indent: number): string {
  if (lines.length === 0) return '';
  const margin = ' '.repeat(indent);
  return `\n${lines.map((line) => `${margin}  ${line}\n`).join('')}${margin}`;
}

/** Labels of tuples and parameters may be no reserved words. */
function memberLabel(name: string): string {
  return RESERVED.has(name) || !/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? `${name}_` : name;
}

/** The imports of what is used: unused ones are errors to some. */
function headerFor(body: string): string {
  const used = (names: readonly string[]): string =>
    names
      .filter((name) => body.includes(name.replace('type ', '')))
      .map((name) => `  ${name},\n`)
      .join('');
  return `// Written by \`godot-enet types\`: changes are lost. The project is what counts.
import {
${used(['asScene', 'type GodotValue', 'type TypedNode', 'type TypedScene', 'TypedScript'])}} from 'godot-enet/project';
import type {
${used(['InstanceInput', 'RpcDeclarations', 'SceneMirror'])}} from 'godot-enet/schema';
`;
}

const FOOTER = `
/** Makes the nodes of a scene, with their types. */
export function instantiate<P extends keyof Scenes>(
  mirror: SceneMirror,
  path: P,
  overrides: InstanceInput = {},
): TypedScene<Scenes[P]> {
  return asScene<Scenes[P]>(mirror.instantiate(path, overrides));
}
`;

/** What scripts in TypeScript have already: RPCs of these names are handled as what they are there. */
const OWN_MEMBERS: ReadonlySet<string> = new Set([
  'constructor',
  'node',
  'multiplayer',
  'rpc',
  'rpcId',
  '_ready',
  '_process',
  '_synchronized',
  '_enterTree',
  '_exitTree',
]);

const RESERVED: ReadonlySet<string> = new Set(
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package private protected public await arguments eval'.split(
    ' ',
  ),
);
