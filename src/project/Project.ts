/** A Godot project: its settings, scenes, resources and scripts, and how a mirror is told of them. */
import {
  ClassTable,
  type MirrorNode,
  type ProjectFiles,
  type RpcDeclaration,
  type SceneMirror,
} from '../../schema/index.ts';
import { UidIndex } from '../../schema/internal.ts';
import { readCSharpScripts } from './csharp/readCSharpScripts.ts';
import type { Unzstd } from './gdscript/binaryTokens.ts';
import { type ProjectIssue, unread } from './issue.ts';
import { isKnownNative } from './nativeClasses.ts';
import { type ProjectResource, readResources } from './projectResource.ts';
import { type ProjectAutoload, type ProjectSettings, readSettings } from './projectSettings.ts';
import type { ProjectRpc, ProjectScript } from './scripts/projectScript.ts';
import { ScriptIndex } from './scripts/ScriptIndex.ts';

/** What is known besides its files. */
interface ProjectDetails {
  /** Files that cannot be read, with why. */
  readonly unreadable?: ReadonlyMap<string, string>;
  /** Undoes zstd, where this process can. */
  readonly unzstd?: Unzstd | undefined;
}

/** A project. Made by {@link readProject} and `loadProject`. */
export class Project {
  /** Its files: `new SceneMirror({ resources: project.files })`. */
  readonly files: ProjectFiles;
  /** What `project.godot` says; of an export, `project.binary`. */
  readonly settings: ProjectSettings;
  /** The `res://` paths of its text scenes. */
  readonly scenes: readonly string[];
  /** Its scripts by `res://` path, those with errors included. */
  readonly scripts: ReadonlyMap<string, ProjectScript>;
  /** Its text resources (`.tres`) by `res://` path: those that can be read. */
  readonly resources: ReadonlyMap<string, ProjectResource>;
  /** What is wrong with the project, and what could not be read: of settings, resources and whole files, then of each script. */
  readonly issues: readonly ProjectIssue[];
  readonly #ensurePath: (pathOrUid: string) => string;

  /** @internal */
  constructor(files: ProjectFiles, { unreadable = new Map(), unzstd }: ProjectDetails = {}) {
    this.files = files;
    const issues: ProjectIssue[] = [];
    for (const [path, why] of unreadable) if (IS_READ.test(path)) issues.push(unread(path, why));
    const issue = (each: ProjectIssue): void => {
      if (!unreadable.has(each.file)) issues.push(each);
    };
    const uids = new UidIndex(files, (path, problem) => issue(unread(path, problem)));
    const ensurePath = (text: string): string => (text.startsWith('uid://') ? (uids.find(text) ?? '') : text);
    this.#ensurePath = ensurePath;
    this.settings = readSettings(files, ensurePath, issue);
    const paths = [...new Set(files.list?.())];
    const of = (end: string): string[] => paths.filter((path) => path.endsWith(end));
    this.scenes = of('.tscn');
    this.resources = readResources(of('.tres'), { files, ensurePath, issue });
    const index = new ScriptIndex({
      files,
      paths: of('.gd'),
      ensurePath,
      isNative: isKnownNative,
      unzstd,
      issue,
    });
    this.scripts = new Map([...index.describe(), ...readCSharpScripts(files, of('.cs'), issue)]);
    // What is listed and has no text: too long, or a link that leads elsewhere.
    const told = new Set(issues.map(({ file }) => file));
    for (const path of [...of('.gd'), ...of('.cs'), ...of('.tres')])
      if (
        !this.scripts.has(path) &&
        !this.resources.has(path) &&
        !told.has(path) &&
        files(path) === undefined
      )
        issue(unread(path, 'It cannot be read'));
    this.issues = [...issues, ...[...this.scripts.values()].flatMap((script) => script.issues)];
  }

  /** The `res://` path of the main scene; `''` for none. */
  get mainScene(): string {
    return this.settings.mainScene;
  }

  /** What the engine loads before the main scene, in order. */
  get autoloads(): readonly ProjectAutoload[] {
    return this.settings.autoloads;
  }

  /** A path for a `uid://` text, `''` for an unknown one; any other text as it is. */
  ensurePath(pathOrUid: string): string {
    if (typeof pathOrUid !== 'string')
      throw new TypeError(`"pathOrUid" expected a string, got ${typeof pathOrUid}`);
    return this.#ensurePath(pathOrUid);
  }

  /** The script with a `class_name`; `undefined` when there is none. */
  scriptOfClass(className: string): ProjectScript | undefined {
    if (className === '') return undefined;
    return [...this.scripts.values()].find((script) => script.className === className);
  }

  /**
   * Tells a mirror what the scripts declare: each of its nodes with a script of the project has the RPCs and variables of it, with
   * or without a class in TypeScript. Before nodes are made, or after; before or after `registerScript`.
   *
   * @returns The mirror.
   * @throws RangeError when a registered class declares other RPCs than its script.
   */
  register(mirror: SceneMirror): SceneMirror {
    for (const script of this.scripts.values()) {
      if (!script.isValid) continue;
      const variables = [...script.variables.values()].filter(({ isStatic }) => !isStatic);
      mirror.declareScript(script.path, {
        rpcs: Object.fromEntries([...script.rpcs].map(([name, rpc]) => [name, declarationOf(rpc)])),
        variables: variables.map(({ name, type, default: value, isExported }) => ({
          name,
          type,
          isStored: isExported,
          ...(value === undefined || value === null ? {} : { default: value }),
        })),
        functions: [...script.functions.keys()],
      });
    }
    return mirror;
  }

  /**
   * Makes the nodes of the autoloads below `/root`, in their order, as the engine does before it loads the main scene: a client
   * calls `/root/Lobby` there. What has a node already, and what makes none (a resource, a script with errors), is left out.
   *
   * @param mirror - Made with the files of this project, when scenes are among the autoloads.
   * @returns The nodes.
   * @throws SceneTextError for a scene that cannot be read; RangeError for a mirror without `resources`.
   */
  addAutoloads(mirror: SceneMirror): MirrorNode[] {
    return this.autoloads.flatMap(({ name, path }) => {
      if (mirror.root.findChild(name) !== undefined) return [];
      if (path.endsWith('.tscn')) return [mirror.root.addChild(mirror.instantiate(path, { name }))];
      const script = this.scripts.get(path);
      if (script?.isValid !== true || !isNodeClass(script.native)) return [];
      return [mirror.root.addChild({ name, class: script.native, script: path })];
    });
  }
}

/**
 * Reads a project from its files, at once.
 *
 * @param files - With `list`, without which there are no scripts.
 * @throws TypeError for what is no function.
 */
export function readProject(files: ProjectFiles): Project {
  if (typeof files !== 'function') throw new TypeError(`"files" expected a function, got ${typeof files}`);
  return new Project(files);
}

/** An RPC of a script as a mirror takes it. */
export function declarationOf(rpc: ProjectRpc): RpcDeclaration {
  const { rpcMode, transferMode, callLocal, channel } = rpc;
  const { parameters } = rpc.function;
  const plain = parameters.filter(({ isRest }) => !isRest);
  const least = plain.findIndex(({ isOptional }) => isOptional);
  return {
    rpcMode,
    transferMode,
    callLocal,
    channel,
    argumentTypes: plain.map(({ type }) => type),
    leastArguments: least < 0 ? plain.length : least,
    mostArguments: plain.length < parameters.length ? Number.POSITIVE_INFINITY : plain.length,
  };
}

/** Whether a class is a Node, as far as the class table knows. */
export function isNodeClass(native: string): boolean {
  return native === 'Node' || ClassTable.GODOT_4_6.get(native)?.is('Node') === true;
}

/** Files of which something is read. */
const IS_READ = /(?:\.(?:gdc?|cs|t?scn|t?res|uid|import)|\/project\.(?:godot|binary)|\/uid_cache\.bin)$/;
