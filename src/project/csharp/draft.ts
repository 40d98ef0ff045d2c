/** What stands in the classes of C# files. */
import type { SourcePlace } from '../issue.ts';

/** An attribute: `[Rpc(MultiplayerApi.RpcMode.AnyPeer, CallLocal = true)]`. */
export interface CSharpAttribute extends SourcePlace {
  /** Without `Attribute`, and without namespace. */
  readonly name: string;
  /** Its arguments: the name of a property, `''` for one by its place, and the value as tokens without blanks. */
  readonly args: readonly (readonly [name: string, value: string])[];
}

/** A parameter of a method. */
export interface CSharpParameter {
  readonly name: string;
  readonly type: string;
}

/** A member of a class. */
export interface CSharpMember extends SourcePlace {
  readonly kind: 'method' | 'variable' | 'signal';
  readonly name: string;
  /** Its type, or what it returns. */
  readonly type: string;
  readonly parameters: readonly CSharpParameter[];
  readonly attributes: readonly CSharpAttribute[];
  readonly isStatic: boolean;
  /** What stands behind `=`, as tokens without blanks. */
  readonly value: string | undefined;
}

/** A class, or a part of one. */
export interface CSharpClass extends SourcePlace {
  readonly name: string;
  /** Its first base, without namespace; `''` for none. */
  readonly base: string;
  readonly isAbstract: boolean;
  readonly attributes: readonly CSharpAttribute[];
  readonly members: CSharpMember[];
}

/** A file. */
export interface CSharpFile {
  readonly classes: CSharpClass[];
  /** The names of its enums. */
  readonly enums: string[];
}
