/** What a scene mirror tells those who listen. */

import type { MirrorNode } from './mirrorNode.ts';
import { shown } from './shown.ts';

/** The events of a {@link SceneMirror} with their arguments. They come after the change, from inside the call that made it. */
export interface SceneMirrorEvents {
  /** Something of a node changed: a property's name, `metadata/x`, `$name`, `$groups`, `$owner` or `$children`. */
  changed: (node: MirrorNode, name: string) => void;
  /** A node was added, with everything below it. */
  nodeAdded: (node: MirrorNode) => void;
  /** A node was taken out, with everything below it; `parent` is where it was. */
  nodeRemoved: (node: MirrorNode, parent: MirrorNode) => void;
  /** A node has another name. */
  nodeRenamed: (node: MirrorNode, oldName: string) => void;
  /** A node has another parent; `from` is the old one. */
  nodeMoved: (node: MirrorNode, from: MirrorNode) => void;
}

/** Listeners by event. */
export class MirrorEmitter {
  readonly #listeners = new Map<keyof SceneMirrorEvents, Set<(...args: never[]) => void>>();

  /** Adds a listener; one that is there already stays once. */
  on<E extends keyof SceneMirrorEvents>(event: E, listener: SceneMirrorEvents[E]): void {
    check(event, listener);
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  /** Removes a listener; an unknown one is fine. */
  off<E extends keyof SceneMirrorEvents>(event: E, listener: SceneMirrorEvents[E]): void {
    check(event, listener);
    this.#listeners.get(event)?.delete(listener);
  }

  /** Calls the listeners of an event. What one throws comes out of the call that made the change, which stays. */
  emit<E extends keyof SceneMirrorEvents>(event: E, ...args: Parameters<SceneMirrorEvents[E]>): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined || listeners.size === 0) return;
    for (const listener of [...listeners]) (listener as (...args: unknown[]) => void)(...args);
  }
}

function check(event: unknown, listener: unknown): void {
  if (typeof event !== 'string' || !EVENTS.has(event)) {
    throw new RangeError(`"event" expected one of ${[...EVENTS].join(', ')}, got ${shown(event)}`);
  }
  if (typeof listener !== 'function')
    throw new TypeError(`"listener" expected a function, got ${typeof listener}`);
}

const EVENTS: ReadonlySet<string> = new Set<keyof SceneMirrorEvents>([
  'changed',
  'nodeAdded',
  'nodeRemoved',
  'nodeRenamed',
  'nodeMoved',
]);
