/** What a scene mirror tells those who listen. */
import { checkKnownName, type OptionNames } from '../../options/internal.ts';

/**
 * The events of a tree with their arguments; `N`: what its nodes are. They come when the change is whole (a packet that was applied,
 * say), from inside the call that made it.
 */
export interface TreeEvents<N> {
  /** Something of a node changed: a property's name, `metadata/x`, `$name`, `$groups`, `$owner` or `$children`. */
  changed: (node: N, name: string) => void;
  /** A node was added, with everything below it. */
  nodeAdded: (node: N) => void;
  /** A node was taken out, with everything below it; `parent` is where it was. */
  nodeRemoved: (node: N, parent: N) => void;
  /** A node has another name. */
  nodeRenamed: (node: N, oldName: string) => void;
  /** A node has another parent; `from` is the old one. */
  nodeMoved: (node: N, from: N) => void;
}

/** Listeners by event. */
export class MirrorEmitter<N> {
  readonly #listeners = new Map<EventName, Set<(...args: never[]) => void>>();
  /** What is told when the change is whole; `undefined` when none is being made. */
  #waiting: Waiting[] | undefined;
  /** What went wrong in the change that is being made. */
  #failures: unknown[] | undefined;

  /** Adds a listener; one that is there already stays once. */
  on<E extends keyof TreeEvents<N>>(event: E, listener: TreeEvents<N>[E]): void {
    check(event, listener);
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  /** Removes a listener; an unknown one is fine. */
  off<E extends keyof TreeEvents<N>>(event: E, listener: TreeEvents<N>[E]): void {
    check(event, listener);
    this.#listeners.get(event)?.delete(listener);
  }

  /**
   * Calls the listeners of an event, or keeps it until the change that is being made is whole.
   *
   * @throws What a listener throws, when all have been called; an AggregateError when several do. The change stays.
   */
  emit<E extends keyof TreeEvents<N>>(event: E, ...args: Parameters<TreeEvents<N>[E]>): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined || listeners.size === 0) return;
    if (this.#waiting !== undefined) this.#waiting.push({ event, args });
    else throwAll(this.#tell([{ event, args }]));
  }

  /**
   * Makes a change whose events are told when it is whole. One inside another is part of it.
   *
   * @returns What `change` returns.
   * @throws What `change` throws; what listeners throw, as {@link MirrorEmitter.emit}.
   */
  during<T>(change: () => T): T {
    if (this.#waiting !== undefined) return change();
    const waiting: Waiting[] = [];
    const errors: unknown[] = [];
    let result: T | undefined;
    this.#waiting = waiting;
    this.#failures = errors;
    try {
      result = change();
    } catch (error) {
      errors.push(error);
    } finally {
      this.#waiting = undefined;
      this.#failures = undefined;
    }
    errors.push(...this.#tell(waiting));
    throwAll(errors);
    // Nothing was thrown, so `change` has returned.
    return result as T;
  }

  /** Lets an error come out when the change that is being made is whole; at once when none is. */
  fail(error: unknown): void {
    if (this.#failures === undefined) throw error;
    this.#failures.push(error);
  }

  /** Everybody hears of everything, whatever the others do with it. */
  #tell(events: readonly Waiting[]): unknown[] {
    const errors: unknown[] = [];
    for (const { event, args } of events) {
      for (const listener of [...(this.#listeners.get(event) ?? [])]) {
        try {
          (listener as (...args: unknown[]) => void)(...args);
        } catch (error) {
          errors.push(error);
        }
      }
    }
    return errors;
  }
}

type EventName = keyof TreeEvents<unknown>;

/** An event that is told later. */
interface Waiting {
  readonly event: EventName;
  readonly args: readonly unknown[];
}

function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} errors while a mirror changed`);
}

function check(event: unknown, listener: unknown): void {
  checkKnownName('event', event, EVENTS);
  if (typeof listener !== 'function')
    throw new TypeError(`"listener" expected a function, got ${typeof listener}`);
}

const EVENTS: OptionNames<TreeEvents<unknown>> = {
  changed: true,
  nodeAdded: true,
  nodeRemoved: true,
  nodeRenamed: true,
  nodeMoved: true,
};
