/** Callbacks whose payload is checked first, so that an invalid one reaches nobody. */
import type { ReceivedDictionary } from './packets.ts';

/** What became of a payload. */
export type CheckedPayload =
  | { readonly isValid: true; readonly value: unknown }
  | {
      readonly isValid: false;
      readonly message: string;
      /** Application code that wants to know; it may throw, so it is called with a guard. */
      readonly tell: (() => unknown) | undefined;
    };

/** Looks at a payload before the callback gets it. Must not throw. */
export type EventCheck = (payload: ReceivedDictionary, sender: unknown) => CheckedPayload;

const checks = new WeakMap<object, EventCheck>();

/** Makes `check` look at everything that `callback` would get. */
export function attachCheck(callback: object, check: EventCheck): void {
  checks.set(callback, check);
}

/** What `callback` is to be called with. */
export function checkPayload(callback: object, payload: ReceivedDictionary, sender: unknown): CheckedPayload {
  const check = checks.get(callback);
  return check === undefined ? { isValid: true, value: payload } : check(payload, sender);
}
