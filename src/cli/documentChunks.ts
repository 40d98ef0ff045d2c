/** Scene documents as text, in pieces: one of a large scene takes more memory than all its nodes. */
import type { SceneDocument, SceneNode } from '../../schema/index.ts';

/** The text of `JSON.stringify(document, null, indent)` in pieces. */
export function* documentChunks(document: SceneDocument, indent: number): Generator<string> {
  const { root, ...rest } = document;
  const [open, close] = opened(rest, indent, 0);
  let text = `${open}${key('root', indent, 1)}`;
  for (const piece of nodeText(root, indent, 1)) {
    text += piece;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield text + close;
}

/** Depth first, without recursion: trees may be as deep as their limits allow. */
function* nodeText(root: SceneNode, indent: number, depth: number): Generator<string> {
  const levels: {
    readonly children: readonly SceneNode[];
    next: number;
    readonly close: string;
    readonly depth: number;
  }[] = [];
  let node: SceneNode | undefined = root;
  let at = depth;
  for (;;) {
    if (node !== undefined) {
      const { children, ...rest }: SceneNode = node;
      if (children === undefined || children.length === 0) {
        yield stringified(rest, indent, at);
      } else {
        const [open, close] = opened(rest, indent, at);
        yield `${open}${key('children', indent, at + 1)}[${line(indent, at + 2)}`;
        levels.push({ children, next: 0, close: `${line(indent, at + 1)}]${close}`, depth: at + 2 });
      }
    }
    const level = levels.at(-1);
    if (level === undefined) return;
    node = level.children[level.next];
    if (node === undefined) {
      yield level.close;
      levels.pop();
      continue;
    }
    at = level.depth;
    if (level.next > 0) yield `,${line(indent, at)}`;
    level.next++;
  }
}

/** An object's text, without its end, and its end. The objects here have at least one member. */
function opened(value: object, indent: number, depth: number): [open: string, close: string] {
  const text = stringified(value, indent, depth);
  const close = `${line(indent, depth)}}`;
  return [`${text.slice(0, -close.length)},`, close];
}

/** Strings of JSON hold no line breaks, so every one is the formatter's. */
function stringified(value: object, indent: number, depth: number): string {
  const text = JSON.stringify(value, null, indent);
  return indent === 0 || depth === 0 ? text : text.replaceAll('\n', line(indent, depth));
}

function key(name: string, indent: number, depth: number): string {
  return `${line(indent, depth)}"${name}":${indent === 0 ? '' : ' '}`;
}

function line(indent: number, depth: number): string {
  return indent === 0 ? '' : `\n${' '.repeat(indent * depth)}`;
}

const CHUNK = 65_536;
