/** Checks of what methods of nodes are given. */
import { NodePath } from '../../codec/index.ts';
import { shown } from '../values/shown.ts';

/** @throws TypeError or RangeError for anything but the name of a property. */
export function checkName(name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`"name" expected a string, got ${typeof name}`);
  if (name === '' || name.includes('\0'))
    throw new RangeError('"name" expected a text that is not empty, without U+0000');
}

/** Godot's rule: an ASCII identifier. @throws TypeError or RangeError */
export function checkMetaName(name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`"name" expected a string, got ${typeof name}`);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new RangeError(`"name" expected an identifier, got ${shown(name)}`);
  }
}

/** A path in either form. @throws TypeError */
export function asPath(path: unknown): NodePath {
  if (path instanceof NodePath) return path;
  if (typeof path !== 'string')
    throw new TypeError(`"path" expected a NodePath or a string, got ${typeof path}`);
  return new NodePath(path);
}

/** `position:x` as text names a property first; as NodePath it may be `:position:x` too. */
export function subnamesOf(path: NodePath | string): readonly string[] {
  const { names, subnames } = asPath(path);
  return names.length === 0 ? subnames : [names.join('/'), ...subnames];
}
