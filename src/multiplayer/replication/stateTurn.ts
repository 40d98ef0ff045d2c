/** The states that one peer gets in one step, and the peer's budget for them. */
import type { ErrorReporter } from '../../godot/index.ts';
import { callGuarded } from '../../godot/internal.ts';
import type { MultiplayerSynchronizer } from './MultiplayerSynchronizer.ts';
import type { ReplicationSettings } from './settings.ts';
import type { Replica } from './tracked.ts';

/** A state on its way. */
interface Candidate {
  readonly sync: MultiplayerSynchronizer;
  readonly entry: Uint8Array;
  readonly isFirm: boolean;
}

/** A peer's turn; used again for the next one. */
export class StateTurn {
  /** Entries that are sent unreliably. */
  readonly loose: Uint8Array[] = [];
  /** Entries that are sent reliably. */
  readonly firm: Uint8Array[] = [];
  readonly #settings: ReplicationSettings;
  readonly #report: ErrorReporter;
  #candidates: Candidate[] = [];

  /** @param report takes what the application's `priority` throws. */
  constructor(settings: ReplicationSettings, report: ErrorReporter) {
    this.#settings = settings;
    this.#report = report;
  }

  /** Another peer's turn begins. */
  clear(): void {
    this.loose.length = 0;
    this.firm.length = 0;
    this.#candidates = [];
  }

  /** Adds a state. */
  add(sync: MultiplayerSynchronizer, entry: Uint8Array, isFirm: boolean): void {
    if (this.#settings.bytesPerTick === Number.POSITIVE_INFINITY)
      (isFirm ? this.firm : this.loose).push(entry);
    else this.#candidates.push({ sync, entry, isFirm });
  }

  /** Lets wait what does not fit into the budget of the peer. @returns who waits; nobody without a budget. */
  keepToBudget(replica: Replica, step: number): ReadonlySet<MultiplayerSynchronizer> {
    const left = new Set<MultiplayerSynchronizer>();
    const bytes = this.#candidates.reduce((sum, { entry }) => sum + entry.length, 0);
    if (bytes > replica.credit) {
      const urgency = new Map(
        this.#candidates.map((one) => [one, this.#urgencyOf(one, replica, step)] as const),
      );
      this.#candidates.sort((a, b) => (urgency.get(b) ?? 0) - (urgency.get(a) ?? 0));
    }
    for (const { sync, entry, isFirm } of this.#candidates) {
      if (replica.credit > 0) {
        replica.credit -= entry.length;
        replica.waiting.delete(sync);
        (isFirm ? this.firm : this.loose).push(entry);
      } else {
        left.add(sync);
        if (!replica.waiting.has(sync)) replica.waiting.set(sync, step);
      }
    }
    return left;
  }

  #urgencyOf({ sync }: Candidate, replica: Replica, step: number): number {
    const { root } = sync;
    const { priority } = this.#settings;
    const waited = step - (replica.waiting.get(sync) ?? step) + 1;
    if (priority === undefined || root === undefined) return waited;
    let answer: unknown = 1;
    const ask = (): unknown => {
      answer = priority(replica.id, root);
      return answer;
    };
    callGuarded(ask, [], this.#report, 'priority');
    return waited * (typeof answer === 'number' && answer >= 0 ? answer : 1);
  }
}
