/** Commands on their way to the network thread. docs/decisions/0004-network-thread.md. */
import {
  BULK_DIVISOR,
  type BulkPort,
  CommandType,
  type HostData,
  SEND_HEADER_WORDS,
  Word,
} from './layout.ts';
import { RingWriter } from './ring.ts';

/** The other end, as a {@link CommandSender} sees it. */
export interface CommandReceiver {
  /** Wakes the thread. */
  ping(): void;
  /** Calls back when the call that runs now is over. */
  afterCall(callback: () => void): void;
}

/** Puts commands into the ring, keeps those that find no room, and lets them cross in batches. */
export class CommandSender {
  readonly #control: Int32Array;
  readonly #ring: RingWriter;
  readonly #bulk: BulkPort;
  readonly #thread: CommandReceiver;
  readonly #bulkBytes: number;
  readonly #maxQueuedBytes: number;
  /** The packet that is being collected for several peers: it becomes a record when something else follows. */
  #pending: SendCommand | undefined;
  /** Commands that found no room in the ring, in their order. */
  #queued: Command[] = [];
  #queuedBytes = 0;
  #isFlushScheduled = false;
  #isClosed = false;

  constructor(data: HostData, bulk: BulkPort, thread: CommandReceiver) {
    this.#control = new Int32Array(data.control);
    this.#ring = new RingWriter(data.commands, this.#control, Word.COMMAND_HEAD, Word.COMMAND_TAIL);
    this.#bulk = bulk;
    this.#thread = thread;
    this.#bulkBytes = data.commands.byteLength / BULK_DIVISOR;
    this.#maxQueuedBytes = data.options.maxQueuedBytes;
  }

  /** Whether no more packets may be queued. */
  get isFull(): boolean {
    return this.#queuedBytes >= this.#maxQueuedBytes;
  }

  /** Queues a packet for one peer. The same bytes for several peers in a row become one record. */
  send(slot: number, generation: number, channel: number, bytes: Uint8Array, flags: number): void {
    if (this.#isClosed) return;
    const pending = this.#pending;
    if (
      pending?.bytes === bytes &&
      pending.channel === channel &&
      pending.flags === flags &&
      pending.targets.length < MAX_TARGET_WORDS
    ) {
      pending.targets.push(slot, generation);
      return;
    }
    this.#settlePending();
    this.#pending = { channel, flags, bytes, targets: [slot, generation] };
    this.#scheduleFlush();
  }

  /** Forgets everything; later calls do nothing. */
  close(): void {
    this.#isClosed = true;
    this.#pending = undefined;
    this.#queued = [];
    this.#queuedBytes = 0;
  }

  /** Queues a command of words. */
  command(words: readonly number[]): void {
    if (this.#isClosed) return;
    this.#settlePending();
    this.#submit(words);
    this.#scheduleFlush();
  }

  #settlePending(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    this.#submit(pending);
  }

  #submit(command: Command): void {
    if (this.#queued.length === 0 && this.#write(command)) return;
    this.#queued.push(command);
    this.#queuedBytes += sizeOf(command);
    if (this.#queued.length === 1) this.#flushQueued();
  }

  #write(command: Command): boolean {
    const ring = this.#ring;
    if (isSend(command)) return this.#writeSend(command);
    const at = ring.begin(command.length * 4);
    if (at < 0) return false;
    ring.words.set(command, at >> 2);
    ring.end();
    return true;
  }

  #writeSend({ channel, flags, bytes, targets }: SendCommand): boolean {
    const ring = this.#ring;
    const isBulk = bytes.length > this.#bulkBytes;
    if (isBulk) {
      const waiting = Atomics.load(this.#control, Word.COMMAND_BULK);
      if (waiting > 0 && bytes.length > this.#maxQueuedBytes - waiting) return false;
    }
    const headerWords = SEND_HEADER_WORDS + targets.length;
    const at = ring.begin(headerWords * 4 + (isBulk ? 0 : bytes.length));
    if (at < 0) return false;
    const word = at >> 2;
    ring.words[word] = isBulk ? CommandType.SEND_BULK : CommandType.SEND;
    ring.words[word + 1] = channel;
    ring.words[word + 2] = flags;
    ring.words[word + 3] = targets.length / 2;
    ring.words[word + 4] = bytes.length;
    ring.words.set(targets, word + SEND_HEADER_WORDS);
    if (isBulk) {
      Atomics.add(this.#control, Word.COMMAND_BULK, bytes.length);
      // Sent before the record is published, so that it is there when the record is read. It is copied.
      this.#bulk.post(bytes);
    } else {
      ring.bytes.set(bytes, at + headerWords * 4);
    }
    ring.end();
    return true;
  }

  /** Commands cross together: when the call that makes them is over, or before events are released. */
  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    this.#thread.afterCall(() => {
      this.#isFlushScheduled = false;
      this.flush();
    });
  }

  /** Publishes what was queued, as far as there is room, and wakes the thread if it sleeps. */
  flush(): void {
    if (this.#isClosed) return;
    this.#settlePending();
    this.#flushQueued();
    if (this.#ring.publish() && Atomics.exchange(this.#control, Word.WORKER_SLEEPS, 0) === 1)
      this.#thread.ping();
  }

  #flushQueued(): void {
    if (this.#queued.length === 0) return;
    // Wanted first, tried then: whoever makes room after a failure sees the wish.
    Atomics.store(this.#control, Word.COMMAND_ROOM_WANTED, 1);
    let written = 0;
    for (const command of this.#queued) {
      if (!this.#write(command)) break;
      this.#queuedBytes -= sizeOf(command);
      written++;
    }
    if (written > 0) this.#queued = this.#queued.slice(written);
  }
}

/** A packet and who gets it: slot and generation in turn. */
interface SendCommand {
  readonly channel: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly targets: number[];
}

/** The words of a record, or a packet. */
type Command = SendCommand | readonly number[];

function isSend(command: Command): command is SendCommand {
  return 'targets' in command;
}

function sizeOf(command: Command): number {
  return isSend(command) ? 64 + command.bytes.length + 8 * command.targets.length : 64;
}

/** So that a record with its targets surely fits into the smallest ring, wherever that stands. */
const MAX_TARGET_WORDS = 2048;
