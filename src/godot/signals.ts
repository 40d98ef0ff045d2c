/**
 * Godot's signals for Node: typed listeners, and the promise that one failing listener harms nobody else.
 * enet-server-module section 8, guarantee 5.
 */
import { checkKnownName } from '../../options/internal.ts';

/** A listener of the signal whose arguments are `Arguments`. It may be async. */
export type SignalListener<Arguments extends readonly unknown[]> = (...args: Arguments) => void;

/**
 * Gets what a listener, an event callback or an authenticator threw (or rejected with), and where, e.g.
 * `"signal packetReceived"`.
 */
export type ErrorReporter = (error: unknown, where: string) => void;

interface Entry {
  readonly listener: (...args: never) => void;
  readonly isOnce: boolean;
}

/**
 * An object with signals. `Signals` maps each signal's name to the tuple of its arguments.
 *
 * Listeners are called in the order in which they were added. One that throws, or whose promise rejects, does not
 * keep the others from being called: its error goes to the `onError` option of the object or, without one, is thrown
 * again on its own, where Node reports it as an uncaught exception.
 */
export class SignalEmitter<Signals extends { [Name in keyof Signals]: readonly unknown[] }> {
  readonly #entries = new Map<PropertyKey, readonly Entry[]>();
  readonly #report: ErrorReporter;
  readonly #names: object | undefined;

  /**
   * @param onError gets what listeners throw; without it that becomes an uncaught exception.
   * @param names the names of all signals, as the keys of an object; without it any name may be listened to.
   */
  constructor(onError?: ErrorReporter, names?: { readonly [Name in keyof Signals]: unknown }) {
    this.#report = safeReporter(onError);
    this.#names = names;
  }

  /**
   * Calls `listener` whenever the signal is emitted. Adding it twice calls it twice.
   *
   * @throws TypeError when `listener` is not a function; RangeError for a signal that there is not.
   */
  on<Name extends keyof Signals>(name: Name, listener: SignalListener<Signals[Name]>): this {
    return this.#add(name, listener, false);
  }

  /**
   * Calls `listener` the next time the signal is emitted, and then no more.
   *
   * @throws TypeError when `listener` is not a function; RangeError for a signal that there is not.
   */
  once<Name extends keyof Signals>(name: Name, listener: SignalListener<Signals[Name]>): this {
    return this.#add(name, listener, true);
  }

  /**
   * Takes back the newest addition of `listener`. An emission that is under way still reaches it.
   *
   * @throws RangeError for a signal that there is not.
   */
  off<Name extends keyof Signals>(name: Name, listener: SignalListener<Signals[Name]>): this {
    this.#check(name);
    const entries = this.#entries.get(name) ?? [];
    const index = entries.findLastIndex((entry) => entry.listener === listener);
    if (index >= 0) this.#entries.set(name, entries.toSpliced(index, 1));
    return this;
  }

  /** How many listeners the signal has. */
  listenerCount(name: keyof Signals): number {
    return this.#entries.get(name)?.length ?? 0;
  }

  /** Calls every listener of the signal that was there when the emission began. */
  protected emitSignal<Name extends keyof Signals>(name: Name, ...args: Signals[Name]): void {
    const entries = this.#entries.get(name);
    if (entries === undefined) return;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry === undefined) continue;
      if (entry.isOnce) this.#remove(name, entry);
      callGuarded(entry.listener, args, this.#report, 'signal', name);
    }
  }

  /** Hands an error of the application's code to `onError`, or to Node. Never throws. */
  protected reportError(error: unknown, where: string): void {
    this.#report(error, where);
  }

  #add<Name extends keyof Signals>(
    name: Name,
    listener: SignalListener<Signals[Name]>,
    isOnce: boolean,
  ): this {
    this.#check(name);
    if (typeof listener !== 'function') {
      throw new TypeError(`"listener" expected function, got ${typeof listener}`);
    }
    this.#entries.set(name, [...(this.#entries.get(name) ?? []), { listener, isOnce }]);
    return this;
  }

  #check(name: keyof Signals): void {
    if (this.#names !== undefined) checkKnownName('name', name, this.#names);
  }

  #remove(name: keyof Signals, entry: Entry): void {
    this.#entries.set(
      name,
      (this.#entries.get(name) ?? []).filter((other) => other !== entry),
    );
  }
}

/**
 * Calls application code; what it throws, at once or through a promise, goes to `report`, with `"<kind> <name>"` for
 * the place. That text is made only when it is needed.
 */
export function callGuarded(
  callback: (...args: never) => unknown,
  args: readonly unknown[],
  report: ErrorReporter,
  kind: string,
  name?: PropertyKey,
): void {
  try {
    // The tuple type was checked where the callback was handed in; here only the call is left.
    const result = (callback as (...args: readonly unknown[]) => unknown)(...args);
    if (isThenable(result)) result.then(undefined, (error: unknown) => report(error, placeOf(kind, name)));
  } catch (error) {
    report(error, placeOf(kind, name));
  }
}

function placeOf(kind: string, name: PropertyKey | undefined): string {
  return name === undefined ? kind : `${kind} ${String(name)}`;
}

/** Whether `value` is a promise or behaves like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof (value as { then: unknown }).then === 'function'
  );
}

/** A reporter that never throws: without `onError`, or when that throws itself, the error becomes an uncaught one. */
export function safeReporter(onError: ErrorReporter | undefined): ErrorReporter {
  if (onError === undefined) return throwLater;
  return (error, where) => {
    try {
      onError(error, where);
    } catch (failure) {
      throwLater(failure);
    }
  };
}

/** {@link safeReporter} that counts what passes it in `counters.handlerErrors`. */
export function countingReporter(
  onError: ErrorReporter | undefined,
  counters: { handlerErrors: number },
): ErrorReporter {
  const report = safeReporter(onError);
  return (error, where) => {
    counters.handlerErrors++;
    report(error, where);
  };
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
