/** What stands in one script, before anything in it is looked up elsewhere. */
import type { SourcePlace } from '../issue.ts';
import type { Expression } from './expression.ts';
import type { TypeName } from './typeName.ts';

/** An annotation: `@rpc("any_peer")`. */
export interface AnnotationDraft extends SourcePlace {
  readonly name: string;
  readonly args: readonly Expression[];
}

/** A parameter of a function or a signal. */
export interface ParameterDraft {
  readonly name: string;
  readonly type: TypeName | undefined;
  /** Its default, when it has one. */
  readonly value: Expression | undefined;
  /** Whether its type is that of its default (`:=`). */
  readonly isInferred: boolean;
  /** Whether it takes all that is left (`...rest`). */
  readonly isRest: boolean;
}

/** A variable or a constant. */
export interface VariableDraft extends SourcePlace {
  readonly name: string;
  readonly type: TypeName | undefined;
  readonly value: Expression | undefined;
  readonly isInferred: boolean;
  readonly isStatic: boolean;
  readonly annotations: readonly AnnotationDraft[];
}

/** A function. */
export interface FunctionDraft extends SourcePlace {
  readonly name: string;
  readonly parameters: readonly ParameterDraft[];
  readonly returns: TypeName | undefined;
  readonly isStatic: boolean;
  readonly annotations: readonly AnnotationDraft[];
}

/** A signal. */
export interface SignalDraft extends SourcePlace {
  readonly name: string;
  readonly parameters: readonly ParameterDraft[];
}

/** A value of an enum; without an expression it is one more than the value before. */
export interface EnumValueDraft {
  readonly name: string;
  readonly value: Expression | undefined;
}

/** An enum; `''` for one without a name, whose values are constants of the class. */
export interface EnumDraft extends SourcePlace {
  readonly name: string;
  readonly values: readonly EnumValueDraft[];
}

/** What a class extends: a path, names, or both. */
export interface ExtendsDraft extends SourcePlace {
  readonly path: string | undefined;
  readonly names: readonly string[];
}

/** A class: the script itself, or one in it. */
export interface ClassDraft extends SourcePlace {
  /** Its names inside of the script: `''`, `Inner`, `Inner.Deeper`. */
  readonly name: string;
  extends: ExtendsDraft | undefined;
  isAbstract: boolean;
  isTool: boolean;
  readonly constants: Map<string, VariableDraft>;
  readonly enums: EnumDraft[];
  readonly variables: Map<string, VariableDraft>;
  readonly functions: Map<string, FunctionDraft>;
  readonly signals: Map<string, SignalDraft>;
  readonly classes: Map<string, ClassDraft>;
}

/** Why the engine refuses a script. */
export interface DraftError extends SourcePlace {
  readonly message: string;
}

/** A script. */
export interface ScriptDraft {
  /** Its `class_name`, `''` for none. */
  className: string;
  readonly root: ClassDraft;
  /** What the engine refuses it for. */
  readonly errors: DraftError[];
}

/** An empty class. */
export function emptyClass(name: string, { line, column }: SourcePlace): ClassDraft {
  return {
    name,
    line,
    column,
    extends: undefined,
    isAbstract: false,
    isTool: false,
    constants: new Map(),
    enums: [],
    variables: new Map(),
    functions: new Map(),
    signals: new Map(),
    classes: new Map(),
  };
}
