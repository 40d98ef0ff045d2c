/**
 * Watches descriptors through the poll handles of libuv, so that a wake costs little more than a wake of a program in C:
 * node:dgram would read a datagram itself, ask for another one, and make objects for both.
 *
 * Nothing of this calls JavaScript from C. The callback of a handle is the C library's `memset`: called as
 * `callback(handle, 0, UV_READABLE)` it clears the first byte of the handle, which is the user's in every version of
 * libuv (`void *data`). An immediate that does not keep the process alive runs after each look that Node takes at its
 * descriptors, and finds that byte. docs/decisions/0003-where-the-time-goes.md.
 */
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

/** The calls of libuv, which Node has in it. Those that can fail return less than 0 then. */
export interface Uv {
  /** How many bytes a poll handle has. */
  readonly pollBytes: number;
  /** Makes a handle of memory, for a descriptor that is watched by nobody else. */
  pollInit(handle: bigint, fd: number): number;
  /** Begins to watch for datagrams. */
  pollStart(handle: bigint): number;
  /** Ends that. */
  pollStop(handle: bigint): number;
  /** Gives the handle up; libuv uses its memory until the end of the turn of the event loop. */
  close(handle: bigint): void;
  /** The address of memory that does not move. */
  addressOf(memory: Uint8Array): bigint;
}

/** Who reads from a watched descriptor. */
export interface Reader {
  /** There is something to read, and a turn of the event loop ends. Not called again before {@link LoopWatch.taken}. */
  onReadable(): void;
  /** Nobody has taken it for a while: what waits is to be read and kept, before the system has no room for more. */
  onUnread(): void;
}

/** A watched descriptor. It keeps the process alive. */
export class LoopWatch {
  readonly #uv: Uv;
  readonly #memory: Uint8Array;
  readonly #handle: bigint;
  readonly #reader: Reader;
  /** Told of what nobody has taken yet. */
  #isTold = false;
  /** Nobody took it, and libuv would report it in every turn: until then it does not watch. */
  #pause: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #onPauseEnd = (): void => {
    this.#pause = undefined;
    this.#reader.onUnread();
    this.#uv.pollStart(this.#handle);
  };

  private constructor(uv: Uv, memory: Uint8Array, reader: Reader) {
    this.#uv = uv;
    this.#memory = memory;
    this.#handle = uv.addressOf(memory);
    this.#reader = reader;
  }

  /**
   * Begins to watch.
   *
   * @returns `undefined` where it cannot be done: the descriptor still belongs to the caller, and somebody else may watch it.
   */
  static open(uv: Uv, fd: number, reader: Reader): LoopWatch | undefined {
    // A handle of a worker's loop would have to be closed before that ends; it can end at any time.
    if (!isMainThread || watches.length >= MAX_WATCHES) return undefined;
    const memory = spare.pop() ?? new Uint8Array(uv.pollBytes);
    const watch = new LoopWatch(uv, memory, reader);
    if (uv.pollInit(watch.#handle, fd) < 0) {
      spare.push(memory);
      return undefined;
    }
    memory[0] = QUIET;
    if (uv.pollStart(watch.#handle) < 0) {
      watch.#giveUp();
      return undefined;
    }
    watches.push(watch);
    look.begin();
    return watch;
  }

  /** What waited has been read, or is being read. */
  taken(): void {
    this.#isTold = false;
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#uv.pollStart(this.#handle);
  }

  /** Ends it. The descriptor stays open. */
  close(): void {
    if (this.#isClosed) return;
    watches.splice(watches.indexOf(this), 1);
    this.#giveUp();
  }

  /** Tells of what could be read in this turn. @internal */
  look(): void {
    if (this.#memory[0] === QUIET || this.#isClosed) return;
    this.#memory[0] = QUIET;
    if (!this.#isTold) {
      this.#isTold = true;
      this.#reader.onReadable();
    }
    if (!this.#isTold || this.#isClosed) return;
    this.#uv.pollStop(this.#handle);
    this.#pause = setTimeout(this.#onPauseEnd, PAUSE_MS);
  }

  #giveUp(): void {
    this.#isClosed = true;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#uv.close(this.#handle);
    const memory = this.#memory;
    // The next turn begins when this one has ended. What libuv has known is used again rather than collected.
    setImmediate(() => setImmediate(() => spare.push(memory)));
  }
}

/** The immediate that looks at all watches after Node has looked at its descriptors. */
class Look {
  #isRunning = false;
  readonly #onTurn = (): void => {
    this.#isRunning = watches.length > 0;
    if (!this.#isRunning) return;
    // First: what a listener throws must not end it. What it keeps others from is reported again.
    this.#arm();
    for (let index = watches.length - 1; index >= 0; index -= 1) watches[index]?.look();
  };

  begin(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#arm();
  }

  #arm(): void {
    setImmediate(this.#onTurn).unref();
  }
}

const watches: LoopWatch[] = [];
const spare: Uint8Array[] = [];
const look = new Look();

/** All are looked at in every turn; a process with more sockets has node:dgram watch the others. */
const MAX_WATCHES = 64;
/** What waits at the system for so long has to find room there. */
const PAUSE_MS = 5;
/** The first byte of a handle until there is something to read. */
const QUIET = 1;
