/** Commands on their way out: the record, the queues, the table of what waits for an acknowledgement. */
import type { Packet } from '../packet.ts';
import { isPast } from '../sequence.ts';

/**
 * One command that is queued or in flight. enet-protocol 0.3, "Outgoing command". They come from a {@link CommandPool} and
 * go back to it: a broadcast needs one for each peer, many times a second.
 */
export class OutgoingCommand {
  /** First byte: command number and flags. */
  command = 0;
  channelId = 0;
  /** Size of the command without payload, in bytes. */
  size = 0;
  /** Payload bytes that this command carries, and where they start in the packet. */
  length = 0;
  offset = 0;
  /** Fragments: count and number. */
  fragmentCount = 0;
  fragmentNumber = 0;
  /** Set when the command is queued (5.2). */
  reliableSeq = 0;
  unreliableSeq = 0;
  /** Fragments: the start number; unsequenced: the group. */
  startSeq = 0;
  queueStamp = 0;
  /** Set when it is sent (5.5 C). */
  attempts = 0;
  sentTime = 0;
  timeoutMs = 0;
  /** Whether it is in `sentReliable`; else it waits in a queue. */
  isInFlight = false;
  packet: Packet | undefined = undefined;
  /** What follows the four header bytes of a control command. */
  body: Uint8Array | undefined = undefined;
  previous: OutgoingCommand | undefined = undefined;
  next: OutgoingCommand | undefined = undefined;
}

/** Commands that wait to be used again. What is never given back, as that of a peer that ends, is garbage like all else. */
export class CommandPool {
  readonly #free: OutgoingCommand[] = [];
  readonly #limit: number;

  /** @param limit how many are kept at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many wait. */
  get size(): number {
    return this.#free.length;
  }

  /** A command as a new one, for a packet or part of one, or without. */
  take(
    command: number,
    channelId: number,
    size: number,
    packet: Packet | undefined,
    offset: number,
    length: number,
  ): OutgoingCommand {
    const taken = this.#free.pop() ?? new OutgoingCommand();
    taken.command = command;
    taken.channelId = channelId;
    taken.size = size;
    taken.packet = packet;
    taken.offset = offset;
    taken.length = length;
    return taken;
  }

  /** Takes a command back that is in no list and no table any more. Nobody may look at it after that. */
  release(command: OutgoingCommand): void {
    // What it carried is not kept alive.
    command.packet = undefined;
    command.body = undefined;
    command.fragmentCount = 0;
    command.fragmentNumber = 0;
    command.reliableSeq = 0;
    command.unreliableSeq = 0;
    command.startSeq = 0;
    command.queueStamp = 0;
    command.attempts = 0;
    command.sentTime = 0;
    command.timeoutMs = 0;
    command.isInFlight = false;
    if (this.#free.length < this.#limit) this.#free.push(command);
  }
}

/** A doubly linked list of commands; a command is in one list at most. */
export class CommandQueue {
  head: OutgoingCommand | undefined = undefined;
  tail: OutgoingCommand | undefined = undefined;

  get isEmpty(): boolean {
    return this.head === undefined;
  }

  push(command: OutgoingCommand): void {
    command.previous = this.tail;
    command.next = undefined;
    if (this.tail === undefined) this.head = command;
    else this.tail.next = command;
    this.tail = command;
  }

  remove(command: OutgoingCommand): void {
    const { previous, next } = command;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    command.previous = undefined;
    command.next = undefined;
  }

  /** Inserts before `before`; at the end when that is undefined. */
  insertBefore(command: OutgoingCommand, before: OutgoingCommand | undefined): void {
    if (before === undefined) {
      this.push(command);
      return;
    }
    const { previous } = before;
    command.previous = previous;
    command.next = before;
    before.previous = command;
    if (previous === undefined) this.head = command;
    else previous.next = command;
  }

  clear(): void {
    this.head = undefined;
    this.tail = undefined;
  }
}

/**
 * The commands of one channel that were sent at least once and are not acknowledged, found by their sequence number
 * in constant time. Their numbers are consecutive but for those acknowledged out of order, so a ring is enough.
 */
export class InFlightTable {
  #ring: (OutgoingCommand | undefined)[] = NO_RING;
  /** The last number that was sent. */
  #latest = 0;
  #hasWrapped = false;

  get(seq: number): OutgoingCommand | undefined {
    const command = this.#ring[seq & (this.#ring.length - 1)];
    return command !== undefined && command.reliableSeq === seq ? command : undefined;
  }

  /** Whether a command with this number was sent since the last {@link InFlightTable.clear}, acknowledged or not. */
  wasSent(seq: number): boolean {
    return isPast(seq, this.#latest, this.#hasWrapped);
  }

  set(command: OutgoingCommand): void {
    this.#note(command.reliableSeq);
    if (this.#ring === NO_RING) this.#ring = new Array<OutgoingCommand | undefined>(16).fill(undefined);
    for (;;) {
      const index = command.reliableSeq & (this.#ring.length - 1);
      const other = this.#ring[index];
      if (other === undefined) {
        this.#ring[index] = command;
        return;
      }
      // Control numbers are not limited by a window, so they can wrap into themselves. Then the older command has
      // the place, and the newer one gets it when it is sent again.
      if (other.reliableSeq === command.reliableSeq) return;
      this.#grow();
    }
  }

  delete(command: OutgoingCommand): void {
    const index = command.reliableSeq & (this.#ring.length - 1);
    if (this.#ring[index] === command) this.#ring[index] = undefined;
  }

  clear(): void {
    this.#ring = NO_RING;
    this.#latest = 0;
    this.#hasWrapped = false;
  }

  // What is sent again is set again, too.
  #note(seq: number): void {
    if (this.wasSent(seq)) return;
    if (seq < this.#latest) this.#hasWrapped = true;
    this.#latest = seq;
  }

  // Two different u16 numbers stop colliding at 65,536 entries at the latest.
  #grow(): void {
    const old = this.#ring;
    const ring = new Array<OutgoingCommand | undefined>(old.length * 2).fill(undefined);
    for (const command of old) {
      if (command !== undefined) ring[command.reliableSeq & (ring.length - 1)] = command;
    }
    this.#ring = ring;
  }
}

const NO_RING: (OutgoingCommand | undefined)[] = [];
