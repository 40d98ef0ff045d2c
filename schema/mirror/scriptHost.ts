/** Runs the scripts of a mirror: makes an instance for each node that carries one, and calls its life cycle. */
import type { NodePath } from '../../codec/index.ts';
import { type ScriptClassOf, type ScriptInstance, ScriptTable } from './scripts.ts';
import type { WatcherOf } from './treeWatch.ts';

/** Takes what a script throws, and where: `"_ready of /root/Main"`. */
export type ScriptErrorReporter = (error: unknown, where: string) => void;

/** What is asked of a node to run its script. */
export interface ScriptedNode<N> {
  /** Its name, for errors. */
  readonly name: string;
  /** The path of its script; `''` for none. */
  readonly scriptPath: string;
  /** It and everything below it, parents before children. */
  walk(): Iterable<N>;
  /** Where it is, for errors. */
  getPath(): NodePath;
}

/** The scripts of one mirror and their instances. */
export class ScriptHost<N extends ScriptedNode<N>> implements WatcherOf<N> {
  /** Which class stands for which script. */
  readonly table: ScriptTable<N> = new ScriptTable();
  readonly #instances = new WeakMap<N, ScriptInstance>();
  readonly #inTree = new Set<N>();
  readonly #report: ScriptErrorReporter;

  constructor(report: ScriptErrorReporter) {
    this.#report = report;
  }

  /** Registers a class; nodes of the tree that carry its script get their instances at once. */
  register(script: ScriptClassOf<N>, root: N): void {
    this.table.register(script);
    for (const node of root.walk()) {
      if (node.scriptPath !== script.path || this.#instances.has(node)) continue;
      this.entered(node);
      this.ready(node);
    }
  }

  /** The instance of a node; made now if there is none yet. `undefined` without a registered script. */
  instanceOf(node: N): ScriptInstance | undefined {
    const known = this.#instances.get(node);
    if (known !== undefined) return known;
    const script = this.table.find(node.scriptPath);
    if (script === undefined) return undefined;
    let instance: ScriptInstance | undefined;
    this.#guard(node, 'constructor', () => {
      instance = new script(node);
    });
    if (instance !== undefined) this.#instances.set(node, instance);
    return instance;
  }

  entered(node: N): void {
    const instance = this.instanceOf(node);
    if (instance === undefined) return;
    this.#inTree.add(node);
    if (instance._enterTree !== undefined) this.#guard(node, '_enterTree', () => instance._enterTree?.());
  }

  ready(node: N): void {
    const instance = this.#instances.get(node);
    if (instance?._ready !== undefined) this.#guard(node, '_ready', () => instance._ready?.());
  }

  exiting(node: N): void {
    if (!this.#inTree.delete(node)) return;
    const instance = this.#instances.get(node);
    if (instance?._exitTree !== undefined) this.#guard(node, '_exitTree', () => instance._exitTree?.());
  }

  /** Calls `_process` of every instance in the tree. */
  process(delta: number): void {
    for (const node of [...this.#inTree]) {
      // An earlier one may have taken it out.
      if (!this.#inTree.has(node)) continue;
      const instance = this.#instances.get(node);
      if (instance?._process !== undefined) this.#guard(node, '_process', () => instance._process?.(delta));
    }
  }

  #guard(node: N, what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#report(error, `${what} of ${node.getPath().toString() || node.name}`);
    }
  }
}
