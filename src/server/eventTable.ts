/** The custom events an application listens to. enet-server-module sections 3, 5 and 6.3. */
import { describe } from '../../options/internal.ts';

/** Callbacks by the name of their event; `Callback` is the type of the functions. */
export class EventTable<Callback extends (...args: never) => unknown> {
  readonly #callbacks = new Map<string, Callback>();
  /** Takes a line for a callback that cannot be called. */
  trace: ((line: string) => void) | undefined;

  /** Stores or replaces the callback of an event. */
  register(name: string, callback: Callback): void {
    this.#callbacks.set(name, callback);
    if (typeof callback !== 'function')
      this.trace?.(
        `registerEvent: callback expected a function, got ${describe(callback)}; nothing is called`,
      );
  }

  /** Forgets the callback of an event. An unknown name is fine. */
  unregister(name: string): void {
    this.#callbacks.delete(name);
  }

  /** Whether a callback is registered. */
  has(name: string): boolean {
    return this.#callbacks.has(name);
  }

  /** The callback of an event, if there is one that can be called. */
  find(name: string): Callback | undefined {
    const callback = this.#callbacks.get(name);
    return typeof callback === 'function' ? callback : undefined;
  }

  /** Forgets all callbacks. */
  clear(): void {
    this.#callbacks.clear();
  }
}
