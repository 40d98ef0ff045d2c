/** What ENetServer and ENetClient share: callbacks of custom events. enet-server-module sections 3, 5 and 6.3. */
import type { EventTable } from './eventTable.ts';
import { type ErrorReporter, SignalEmitter } from './signals.ts';

/**
 * An object with signals and with callbacks for custom events.
 *
 * @typeParam Signals maps each signal's name to the tuple of its arguments.
 * @typeParam Callback the type of the callbacks.
 */
export class EventReceiver<
  Signals extends { [Name in keyof Signals]: readonly unknown[] },
  Callback extends (...args: never) => unknown,
> extends SignalEmitter<Signals> {
  readonly #events: EventTable<Callback>;

  /** @internal */
  constructor(
    onError: ErrorReporter | undefined,
    events: EventTable<Callback>,
    names: { readonly [Name in keyof Signals]: unknown },
  ) {
    super(onError, names);
    this.#events = events;
  }

  /**
   * Sets the callback of a custom event, in place of an earlier one. It stays when a connection ends; `stopServer` of a
   * server forgets it unless `keepSettingsOnStop` is set.
   */
  registerEvent(eventName: string, callback: Callback): void {
    this.#events.register(eventName, callback);
  }

  /** Removes the callback of a custom event. An unknown name is fine. */
  unregisterEvent(eventName: string): void {
    this.#events.unregister(eventName);
  }

  /** Whether a custom event has a callback. */
  hasEvent(eventName: string): boolean {
    return this.#events.has(eventName);
  }
}
