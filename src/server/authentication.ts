/** What new connections have to do before they are let in. enet-server-module section 2 and section 8 row 3. */
import { AuthMode } from './constants.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import { loginTimeoutOf, NO_TIME_LIMIT } from './link/loginTimeout.ts';
import type { ReceivedDictionary } from './packets.ts';

/** Decides about a login: see `ENetServer.setCustomAuthenticator`. */
export type Authenticator = (peer: ENetServerPeer, loginData: ReceivedDictionary) => unknown;

/** The settings of ENetServer about authentication. */
export class Authentication {
  #mode: AuthMode = AuthMode.AUTH_NONE;
  #isModeChosen = false;
  #timeoutSec = DEFAULT_TIMEOUT_SEC;
  #authenticator: Authenticator | undefined;

  /** What new connections have to do. */
  get mode(): AuthMode {
    return this.#mode;
  }
  /** Chooses; from then on an authenticator changes nothing about it. */
  set mode(mode: AuthMode) {
    this.#mode = mode;
    this.#isModeChosen = true;
  }

  /** Whether there is an authenticator that nobody asks: with AUTH_NONE everybody is let in. */
  get isAuthenticatorIdle(): boolean {
    return this.#authenticator !== undefined && this.#mode !== AuthMode.AUTH_CUSTOM;
  }

  /** In seconds; 0 or less: for ever. A 32-bit float, as in Godot. */
  get timeoutSec(): number {
    return this.#timeoutSec;
  }

  /** In ms. */
  get timeoutMs(): number {
    return this.#timeoutSec * 1000;
  }

  /** The function that decides now; `undefined` when `peerPrelogin` does. */
  get authenticator(): Authenticator | undefined {
    return this.#mode === AuthMode.AUTH_CUSTOM ? this.#authenticator : undefined;
  }

  /** @returns `false` for what is no number; then nothing changes. */
  setTimeout(timeoutSec: unknown): boolean {
    if (typeof timeoutSec !== 'number' || Number.isNaN(timeoutSec)) return false;
    this.#timeoutSec = Math.fround(timeoutSec);
    return true;
  }

  /**
   * What is no function removes it. Whoever sets one wants it to be asked: where no mode was ever chosen, this chooses
   * AUTH_CUSTOM, and without an authenticator AUTH_NONE again. The reference lets everybody in.
   */
  setAuthenticator(authenticator: Authenticator | undefined): void {
    this.#authenticator = typeof authenticator === 'function' ? authenticator : undefined;
    if (this.#isModeChosen) return;
    this.#mode = this.#authenticator === undefined ? AuthMode.AUTH_NONE : AuthMode.AUTH_CUSTOM;
  }

  /** Section 2: what `stopServer` resets. */
  reset(): void {
    this.#mode = AuthMode.AUTH_NONE;
    this.#isModeChosen = false;
    this.#authenticator = undefined;
  }

  /** See `RemoteHost.setLoginTimeout`. */
  threadTimeoutMs(): number {
    if (this.#mode === AuthMode.AUTH_NONE) return 0;
    return loginTimeoutOf(this.timeoutMs) || NO_TIME_LIMIT;
  }
}

const DEFAULT_TIMEOUT_SEC = 10;
