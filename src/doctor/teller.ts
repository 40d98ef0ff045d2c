/** What bounds a doctor: each finding once about each remote, few looks and few lines a second, a bounded memory. */
import { type Rate, TokenBucket, TokenBuckets } from '../enet/internal.ts';

/** Remembers what was told about whom. Remotes and findings are any texts that name them. */
export class Teller {
  /** Looks and lines that were left out, because there were too many at once. */
  suppressed = 0;
  readonly #maxPerRemote: number;
  readonly #told = new Map<string, Set<string>>();
  readonly #looksByRemote: TokenBuckets | undefined;
  #looks: TokenBucket | undefined;
  #lines: TokenBucket | undefined;

  /**
   * @param maxPerRemote after so many findings nothing more is told about a remote.
   * @param looksPerRemote how many of the looks one remote may take; without it all.
   */
  constructor(maxPerRemote: number, looksPerRemote?: Rate) {
    this.#maxPerRemote = maxPerRemote;
    this.#looksByRemote = looksPerRemote && new TokenBuckets(looksPerRemote, MAX_REMOTES);
  }

  /** Whether everything was told about a remote, or a finding was. */
  isTold(remote: string, finding?: string): boolean {
    const found = this.#told.get(remote);
    if (found === undefined) return false;
    return found.size >= this.#maxPerRemote || (finding !== undefined && found.has(finding));
  }

  /** Whether there is time to look for a cause of what a remote does; if so it counts as a look. */
  mayLook(now: number, remote: string): boolean {
    this.#looks ??= new TokenBucket(LOOKS, now);
    const isItsShare = this.#looksByRemote?.take(remote, now, 1) ?? true;
    if (isItsShare && this.#looks.take(now, 1)) return true;
    this.suppressed++;
    return false;
  }

  /** Whether a finding is to be told now; it is told then. */
  tell(now: number, remote: string, finding: string): boolean {
    if (this.isTold(remote, finding)) return false;
    this.#lines ??= new TokenBucket(LINES, now);
    if (!this.#lines.take(now, 1)) {
      this.suppressed++;
      return false;
    }
    const found = this.#told.get(remote);
    if (found !== undefined) found.add(finding);
    else this.#remember(remote, finding);
    return true;
  }

  #remember(remote: string, finding: string): void {
    this.#told.set(remote, new Set([finding]));
    if (this.#told.size <= MAX_REMOTES) return;
    for (const oldest of this.#told.keys()) {
      this.#told.delete(oldest);
      break;
    }
  }
}

const MAX_REMOTES = 1024;
const LOOKS: Rate = { perSec: 32, burst: 64 };
const LINES: Rate = { perSec: 1, burst: 16 };
