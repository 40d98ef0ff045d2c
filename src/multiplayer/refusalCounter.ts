/** Counts what a SceneMultiplayer turns away, and tells of each: a trace line, and the doctor. */
import { type RefusalDetail, remedyFor } from './diagnosis.ts';
import type { MultiplayerDoctor } from './MultiplayerDoctor.ts';
import type { MultiplayerRefusal, MultiplayerRefusals } from './refusals.ts';

/** Counts refusals, and tells of each. */
export class RefusalCounter {
  readonly #counts = new Map<MultiplayerRefusal, number>();
  readonly #doctor: MultiplayerDoctor;
  readonly #trace: ((line: string) => void) | undefined;

  /** @param trace takes one line for each refusal; `undefined` when nobody listens. */
  constructor(doctor: MultiplayerDoctor, trace: ((line: string) => void) | undefined) {
    this.#doctor = doctor;
    this.#trace = trace;
  }

  /**
   * Counts one. A function as `detail` is called only when somebody listens, or the doctor looks at it: a flood of refusals makes
   * no texts for nobody.
   */
  refuse(reason: MultiplayerRefusal, peer: number, detail: string | (() => string | RefusalDetail)): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    const isLookedAt = remedyFor(reason) !== undefined && this.#doctor.mayLook(peer);
    if (this.#trace === undefined && !isLookedAt) return;
    const told = typeof detail === 'string' ? detail : detail();
    const known: RefusalDetail = typeof told === 'string' ? { text: told } : told;
    const remedy = known.remedy ?? remedyFor(reason);
    this.#trace?.(`peer ${peer}: ${known.text}${remedy === undefined ? '' : `; ${remedy}`} (${reason})`);
    if (isLookedAt && remedy !== undefined) this.#doctor.tell(reason, peer, known, remedy);
  }

  /** The counts so far. */
  snapshot(): MultiplayerRefusals {
    return Object.fromEntries(this.#counts);
  }
}
