/** Who listens to a bus, and how each of them ends: the same for all engines. */
import type { BusListener, Unsubscribe } from './bus.ts';
import { checkListener } from './names.ts';

/** The listeners of one bus. */
export class BusListeners {
  readonly #report: (error: unknown, where: string) => void;
  readonly #states = new Set<(isUp: boolean) => void>();
  readonly #ends = new Set<Unsubscribe>();

  /** @param report takes what listeners throw. */
  constructor(report: (error: unknown, where: string) => void) {
    this.#report = report;
  }

  /** `ClusterBus.onState`. @throws TypeError for what is no function. */
  onState(listener: (isUp: boolean) => void): Unsubscribe {
    checkListener(listener);
    // The same function may listen twice.
    const own = (isUp: boolean): void => listener(isUp);
    this.#states.add(own);
    return this.ending(() => this.#states.delete(own));
  }

  /** The engine answers, or does not any more. */
  tellState(isUp: boolean): void {
    for (const listener of [...this.#states])
      try {
        listener(isUp);
      } catch (error) {
        this.#report(error, 'onState');
      }
  }

  /** Calls a listener; never rejects. */
  call(listener: BusListener, bytes: Uint8Array, where: string): Promise<void> {
    return callListener(listener, bytes, where, this.#report);
  }

  /** @returns what ends something once; {@link BusListeners.end} does it, too. */
  ending(end: () => void): Unsubscribe {
    const own = (): void => {
      if (this.#ends.delete(own)) end();
    };
    this.#ends.add(own);
    return own;
  }

  /** The bus is closed: all ends. */
  end(): void {
    for (const end of [...this.#ends]) end();
  }
}

/** Calls a listener of an inbox or a topic; never rejects. @param report takes what it throws. */
export async function callListener(
  listener: BusListener,
  bytes: Uint8Array,
  where: string,
  report: (error: unknown, where: string) => void,
): Promise<void> {
  try {
    await listener(bytes);
  } catch (error) {
    report(error, where);
  }
}
