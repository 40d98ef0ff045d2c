/** What is known of a script of a project. */
import type { NodeValue, RpcConfigInput } from '../../../schema/index.ts';
import type { ProjectIssue, SourcePlace } from '../issue.ts';

/** A parameter of a function or a signal. */
export interface ProjectParameter {
  /** Its name. */
  readonly name: string;
  /** Its type as GDScript writes it; enums are `int`, classes of the project those of the engine that they extend; `Variant`: any. */
  readonly type: string;
  /** Whether it may be left out. */
  readonly isOptional: boolean;
  /** Whether it takes all arguments that are left, as an Array. */
  readonly isRest: boolean;
}

/** A function of a script. */
export interface ProjectFunction extends SourcePlace {
  /** Its name. */
  readonly name: string;
  /** Its parameters in order. */
  readonly parameters: readonly ProjectParameter[];
  /** What it returns: a type as of parameters, or `void`; `Variant` when it does not say. */
  readonly returns: string;
  /** Whether it is static. */
  readonly isStatic: boolean;
}

/** A signal of a script. */
export interface ProjectSignal extends SourcePlace {
  /** Its name. */
  readonly name: string;
  /** Its parameters in order. */
  readonly parameters: readonly ProjectParameter[];
}

/** A variable of a script. */
export interface ProjectVariable extends SourcePlace {
  /** Its name. */
  readonly name: string;
  /** Its type, as of a {@link ProjectParameter}. */
  readonly type: string;
  /** What it holds before anything is set; `undefined` when that is worked out while the game runs, or unknown here. */
  readonly default: NodeValue | undefined;
  /** Whether the inspector and scene files have it (`@export`). */
  readonly isExported: boolean;
  /** Whether it belongs to the class and not to nodes. */
  readonly isStatic: boolean;
  /** The `res://` path of the script that declares it. */
  readonly declaredIn: string;
}

/** A method that can be called from afar. What was not written is not there, but `rpcMode` is. */
export interface ProjectRpc extends RpcConfigInput {
  /** The method's name. */
  readonly name: string;
  /** Its number on the wire, while its node has the configuration of its script alone. */
  readonly id: number;
  /** `'authority'` when the annotation does not say. */
  readonly rpcMode: 'any_peer' | 'authority' | 'disabled';
  /** What is called. */
  readonly function: ProjectFunction;
  /** The `res://` path of the script whose annotation counts. */
  readonly declaredIn: string;
}

/** A class of a script: the script itself, or one that stands in it. */
export interface ProjectClass {
  /** `''` for the script itself, `Inner.Deeper` for others. */
  readonly name: string;
  /** What it extends: `res://base.gd`, `res://base.gd::Inner`, or a class of the engine; `''` when that is not there. */
  readonly base: string;
  /** The class of the engine that it extends in the end; `''` when a base is not there. */
  readonly native: string;
  /** Whether no node can have it. */
  readonly isAbstract: boolean;
  /** Its RPCs, inherited ones included, those of bases first. None for a script that the engine refuses. */
  readonly rpcs: ReadonlyMap<string, ProjectRpc>;
  /** What SIMPLIFY_PATH carries for a node with this script. */
  readonly checksum: string;
  /** Its variables, inherited ones included: those of the most derived script first, as the engine lists them. */
  readonly variables: ReadonlyMap<string, ProjectVariable>;
  /** Its signals, inherited ones included. */
  readonly signals: ReadonlyMap<string, ProjectSignal>;
  /** Its functions, inherited ones included. */
  readonly functions: ReadonlyMap<string, ProjectFunction>;
}

/** A script of a project. */
export interface ProjectScript extends ProjectClass {
  /** Its `res://` path. */
  readonly path: string;
  /** What it is written in. */
  readonly language: 'GDScript' | 'C#';
  /** Its `class_name`; of C#, the class. `''` for none. */
  readonly className: string;
  /** Whether it runs in the editor. */
  readonly isTool: boolean;
  /** Whether nothing was found that the engine refuses it for. What stands in its functions is not looked at. */
  readonly isValid: boolean;
  /** The classes that stand in it, by their names (`Inner.Deeper`). */
  readonly classes: ReadonlyMap<string, ProjectClass>;
  /** What is wrong with it, and what could not be read, with places. */
  readonly issues: readonly ProjectIssue[];
}
