/** The doctor of a SceneMultiplayer: tells each mismatch with a peer once, and keeps the latest. */
import { Teller } from '../doctor/internal.ts';
import type { MultiplayerDiagnosis, RefusalDetail } from './diagnosis.ts';
import { oneLine } from './oneLine.ts';
import type { MultiplayerRefusal } from './refusals.ts';

/**
 * Makes diagnoses of refusals. Bounded as the doctor of a host: some 30 refusals a second are looked at and one line a second is
 * told (64 and 16 at once), 32 about one peer, and 1,024 peers are remembered. One peer takes no more than 2 of the looks a second (32 at
 * once): who floods leaves some to the others.
 */
export class MultiplayerDoctor {
  readonly #now: () => number;
  readonly #onDiagnosis: ((diagnosis: MultiplayerDiagnosis) => void) | undefined;
  readonly #teller = new Teller(MAX_PER_PEER, LOOKS_PER_PEER);
  #latest: readonly MultiplayerDiagnosis[] = [];

  /** @param onDiagnosis - Gets each diagnosis; must not throw. */
  constructor(now: () => number, onDiagnosis: ((diagnosis: MultiplayerDiagnosis) => void) | undefined) {
    this.#now = now;
    this.#onDiagnosis = onDiagnosis;
  }

  /** The latest diagnoses, 16 at most, the oldest first. */
  get latest(): readonly MultiplayerDiagnosis[] {
    return this.#latest;
  }

  /** Whether a refusal of something by this peer is worth a look; it counts as one. */
  mayLook(peer: number): boolean {
    const remote = String(peer);
    return !this.#teller.isTold(remote) && this.#teller.mayLook(this.#now(), remote);
  }

  /** Something was refused that somebody can mend. */
  tell(code: MultiplayerRefusal, peer: number, detail: RefusalDetail, remedy: string): void {
    const timeMs = this.#now();
    const nodePath = detail.nodePath && shortened(detail.nodePath);
    const method = detail.method && shortened(detail.method);
    const finding = nodePath === undefined ? code : `${code} ${nodePath} ${method}`;
    if (!this.#teller.tell(timeMs, String(peer), finding)) return;
    const text = oneLine(detail.text);
    const message = `peer ${peer}: ${text}; ${remedy}`;
    const diagnosis = { code, peer, nodePath, method, detail: text, remedy, message, timeMs };
    this.#latest = [...this.#latest.slice(1 - MAX_LATEST), diagnosis];
    this.#onDiagnosis?.(diagnosis);
  }
}

function shortened(text: string): string {
  return oneLine(text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}...` : text);
}

const MAX_PER_PEER = 32;
const LOOKS_PER_PEER = { perSec: 2, burst: 32 };
const MAX_LATEST = 16;
/** Characters of a path or a method's name. */
const MAX_NAME = 256;
