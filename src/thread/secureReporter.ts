/**
 * DTLS in the network thread, as far as the application hears of it: its numbers cross some time after something has
 * happened, so that they can be read over there without asking. docs/decisions/0004-network-thread.md.
 */

import type { AttachedHost } from '../io/internal.ts';
import type { Timer } from '../runtime/index.ts';
import type { ThreadRuntime, ThreadVoice } from './threadRuntime.ts';

/** See the head of this file. On plain UDP it does nothing. */
export class SecureReporter {
  readonly #port: AttachedHost;
  readonly #runtime: ThreadRuntime;
  readonly #voice: ThreadVoice;
  readonly #isSecured: boolean;
  #timer: Timer | undefined;
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#tell();
  };

  constructor(port: AttachedHost, runtime: ThreadRuntime, voice: ThreadVoice) {
    this.#port = port;
    this.#runtime = runtime;
    this.#voice = voice;
    this.#isSecured = port.secureCounters !== undefined;
    this.#tell();
  }

  /** The host was run: its numbers may have changed. */
  passed(): void {
    if (this.#isSecured) this.#timer ??= this.#runtime.startTimer(REPORT_MS, this.#onTimer);
  }

  /** Uses another key and certificate; what is wrong with them is told. */
  setCredentials(key: string, certificate: string): void {
    const problem = this.#port.setCredentials(key, certificate);
    if (problem !== undefined) this.#voice.complain(`${problem.code} ${problem.message}`);
    this.#tell();
  }

  /** Tells nothing more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tell(): void {
    const counters = this.#port.secureCounters;
    if (counters !== undefined) this.#voice.tellSecure(counters);
  }
}

const REPORT_MS = 250;
