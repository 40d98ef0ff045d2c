/** The form of golden cases of SceneMultiplayer; golden/multiplayer/README.md explains it. */
import { readFileSync } from 'node:fs';

/** One event of `then`. */
export type GoldenEvent = Readonly<Record<string, unknown>>;

/** One step of a case. */
export interface GoldenStep extends Readonly<Record<string, unknown>> {
  readonly do: string;
  readonly then?: readonly GoldenEvent[];
  readonly result?: unknown;
}

/** A script of a case. */
export interface GoldenClass {
  readonly extends: string;
  readonly rpc?: Readonly<Record<string, GoldenRpc>>;
  readonly methods?: Readonly<Record<string, { args: [number, number]; types?: string[] }>>;
  readonly props?: Readonly<Record<string, string>>;
  readonly ready?: boolean;
  readonly enter_tree?: readonly (readonly [what: string, child: string, from: string])[];
}

/** An RPC configuration as `get_rpc_config()` gives it. */
export interface GoldenRpc {
  readonly rpc_mode?: number;
  readonly transfer_mode?: number;
  readonly call_local?: boolean;
  readonly channel?: number;
}

/** A node of a tree or a scene. */
export interface GoldenNode extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly type?: string;
  readonly class?: string;
  readonly scene?: string;
  readonly props?: Readonly<Record<string, string>>;
  readonly children?: readonly GoldenNode[];
  readonly authority?: number;
  readonly recursive?: boolean;
  readonly rpc_config?: Readonly<Record<string, GoldenRpc>>;
}

/** One case. */
export interface GoldenCase {
  readonly name: string;
  readonly role: number;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly classes?: Readonly<Record<string, GoldenClass>>;
  readonly scenes?: Readonly<Record<string, GoldenNode>>;
  readonly tree: readonly GoldenNode[];
  readonly steps: readonly GoldenStep[];
  readonly real_time?: boolean;
}

/** All cases of a file. */
export function readCases(file: string): readonly GoldenCase[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: GoldenCase[] }).cases;
}
