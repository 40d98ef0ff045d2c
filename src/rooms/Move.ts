/** A player on its way to a room: what that answers, or why nobody waits for it any more. */
import type { Player } from './Player.ts';
import type { RoomCore } from './roomCore.ts';
import { RoomError } from './roomErrors.ts';

/** One move, while the room is asked. */
export class Move {
  /** Where it goes. */
  readonly core: RoomCore;
  readonly #untilMs: number;
  readonly #stopped: Promise<never>;
  #stop: ((error: RoomError) => void) | undefined;

  constructor(core: RoomCore, nowMs: number) {
    this.core = core;
    this.#untilMs = nowMs + core.authMs;
    this.#stopped = new Promise<never>((_resolve, reject) => {
      this.#stop = reject;
    });
  }

  /** Asks the room. What it answers, or throws, after the move was stopped counts for nothing. @throws what it throws, or RoomError. */
  async ask(player: Player, options: unknown): Promise<boolean | undefined> {
    // The race is on before the room may stop it, so that somebody listens.
    return await Promise.race([this.#stopped, this.#answer(player, options)]);
  }

  /** Nobody waits for the answer any more. */
  stop(error: RoomError): void {
    this.#stop?.(error);
  }

  /** Stops it if the room has had its time. */
  expire(nowMs: number): void {
    const { id, authMs } = this.core;
    if (nowMs >= this.#untilMs)
      this.stop(new RoomError('AUTH_TIMEOUT', `room ${id} did not answer within ${authMs} ms`));
  }

  async #answer(player: Player, options: unknown): Promise<boolean | undefined> {
    return await this.core.room.onAuth(player, options);
  }
}
