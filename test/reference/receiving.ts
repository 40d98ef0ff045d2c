/**
 * The slow twin of the core's receive rules: enet-protocol 0.5, 6.3 and 6.5 to 6.8 word for word, with plain lists and
 * no thought of speed, but for one difference of docs/decisions/0005: what stands behind the numbers of a delivered
 * packet's fragments is forgotten. Its input is sound: the checks of 6.4 are the core's alone.
 */

/** One received command. */
export interface TwinCommand {
  readonly kind: 'reliable' | 'unreliable' | 'unsequenced' | 'fragment' | 'unreliableFragment';
  readonly channel: number;
  /** Number of the header. */
  readonly rel: number;
  /** Unreliable number, group, or start number. */
  readonly second: number;
  readonly count: number;
  readonly number: number;
  /** Text that a whole packet, or this fragment, carries. */
  readonly text: string;
}

interface Entry {
  readonly kind: TwinCommand['kind'];
  readonly rel: number;
  readonly unrel: number;
  readonly count: number;
  left: number;
  readonly pieces: string[];
}

class TwinChannel {
  inReliable = 0;
  inUnreliable = 0;
  reliable: Entry[] = [];
  unreliable: Entry[] = [];

  distance(seq: number): number {
    return (seq >> 12) + (seq < this.inReliable ? 16 : 0) - (this.inReliable >> 12);
  }

  isUsable(seq: number): boolean {
    const distance = this.distance(seq);
    return distance >= 0 && distance <= 6;
  }

  key(seq: number): number {
    return (seq - this.inReliable + 65_536) % 65_536;
  }
}

/** A receiver with some channels. */
export class ReceivingTwin {
  /** `"channel:text"` of everything delivered, in order. */
  readonly delivered: string[] = [];
  /** `"channel:number"` of everything acknowledged, in order. */
  readonly acknowledged: string[] = [];
  readonly #channels: TwinChannel[];
  #base = 0;
  #seen = new Set<number>();

  constructor(channels: number, startSeq = 0) {
    this.#channels = Array.from({ length: channels }, () => new TwinChannel());
    for (const channel of this.#channels) channel.inReliable = startSeq;
  }

  /** Runs one command. @returns whether the datagram goes on. */
  receive(command: TwinCommand, wantsAcknowledge: boolean): boolean {
    const channel = this.#channels[command.channel];
    if (channel === undefined || !this.#run(command, channel)) return false;
    if (wantsAcknowledge) {
      const distance = channel.distance(command.rel);
      if (distance !== 7 && distance !== 8) this.acknowledged.push(`${command.channel}:${command.rel}`);
    }
    return true;
  }

  #run(command: TwinCommand, channel: TwinChannel): boolean {
    switch (command.kind) {
      case 'reliable':
        this.#enqueue(command, channel, command.rel, 0);
        return true;
      case 'unreliable':
        this.#enqueue(command, channel, command.rel, command.second);
        return true;
      case 'unsequenced':
        return this.#unsequenced(command, channel);
      case 'fragment':
        return this.#fragment(command, channel, channel.reliable, command.second, 0);
      default:
        if (!channel.isUsable(command.rel)) return true;
        if (command.rel === channel.inReliable && command.second <= channel.inUnreliable) return true;
        return this.#fragment(command, channel, channel.unreliable, command.rel, command.second);
    }
  }

  #unsequenced(command: TwinCommand, channel: TwinChannel): boolean {
    const group = command.second;
    const index = group % 1024;
    const ahead = group < this.#base ? group + 65_536 : group;
    if (ahead >= this.#base + 32_768) return true;
    if (group - index !== this.#base) {
      this.#base = group - index;
      this.#seen = new Set();
    } else if (this.#seen.has(index)) {
      return true;
    }
    this.#enqueue(command, channel, 0, 0);
    this.#seen.add(index);
    return true;
  }

  #fragment(command: TwinCommand, channel: TwinChannel, list: Entry[], rel: number, unrel: number): boolean {
    if (command.kind === 'fragment' && !channel.isUsable(rel)) return true;
    let entry = list.find((other) => other.rel === rel && other.unrel === unrel);
    if (entry !== undefined && (entry.kind !== command.kind || entry.count !== command.count)) return false;
    entry ??= this.#enqueue(command, channel, rel, unrel);
    if (entry === undefined) return false;
    if (entry.pieces[command.number] !== undefined) return true;
    entry.pieces[command.number] = command.text;
    entry.left--;
    if (entry.left === 0) {
      if (command.kind === 'fragment') this.#scanReliable(command.channel, channel);
      else this.#scanUnreliable(command.channel, channel, undefined);
    }
    return true;
  }

  /** 6.6; `undefined` is "discard". */
  #enqueue(command: TwinCommand, channel: TwinChannel, rel: number, unrel: number): Entry | undefined {
    const { kind, count } = command;
    if (kind !== 'unsequenced' && !channel.isUsable(rel)) return undefined;
    const isReliable = kind === 'reliable' || kind === 'fragment';
    if (isReliable) {
      if (rel === channel.inReliable || channel.reliable.some((other) => other.rel === rel)) return undefined;
    } else if (kind !== 'unsequenced') {
      if (rel === channel.inReliable && unrel <= channel.inUnreliable) return undefined;
      const isThere = channel.unreliable.some((other) => other.rel === rel && other.unrel === unrel);
      if (isThere) return undefined;
    }
    const entry: Entry = { kind, rel, unrel, count, left: count, pieces: count === 0 ? [command.text] : [] };
    if (isReliable) {
      channel.reliable.push(entry);
      channel.reliable.sort((a, b) => channel.key(a.rel) - channel.key(b.rel));
      this.#scanReliable(command.channel, channel);
    } else {
      if (kind === 'unsequenced') {
        channel.unreliable.unshift(entry);
      } else {
        channel.unreliable.push(entry);
        channel.unreliable.sort((a, b) => channel.key(a.rel) - channel.key(b.rel) || a.unrel - b.unrel);
      }
      this.#scanUnreliable(command.channel, channel, entry);
    }
    return entry;
  }

  #scanReliable(id: number, channel: TwinChannel): void {
    let hasTaken = false;
    for (;;) {
      const [head] = channel.reliable;
      if (head === undefined || head.left > 0 || head.rel !== (channel.inReliable + 1) % 65_536) break;
      channel.reliable.shift();
      channel.inReliable = (head.rel + Math.max(head.count - 1, 0)) % 65_536;
      // Behind the numbers of the other fragments nothing is ever due; in C it would stop the channel for good.
      channel.reliable = channel.reliable.filter(
        ({ rel }) => (rel - head.rel + 65_536) % 65_536 >= head.count,
      );
      this.#deliver(id, head);
      hasTaken = true;
    }
    if (!hasTaken) return;
    channel.inUnreliable = 0;
    if (channel.unreliable.length > 0) this.#scanUnreliable(id, channel, undefined);
  }

  #scanUnreliable(id: number, channel: TwinChannel, just: Entry | undefined): void {
    const all = [...channel.unreliable];
    const isIn = (entry: Entry): boolean => channel.unreliable.includes(entry);
    let keepFrom: Entry | undefined = all[0];
    let run: Entry[] = [];
    const deliverRun = (): void => {
      for (const entry of run) this.#deliver(id, entry);
      channel.unreliable = channel.unreliable.filter((entry) => !run.includes(entry));
      run = [];
    };
    let stop: Entry | undefined;
    for (const [i, e] of all.entries()) {
      if (e.kind === 'unsequenced') {
        run.push(e);
        continue;
      }
      if (e.rel === channel.inReliable) {
        if (e.left === 0) {
          channel.inUnreliable = e.unrel;
          run.push(e);
        } else if (run.length > 0) {
          deliverRun();
          keepFrom = e;
        } else if (keepFrom !== e) {
          keepFrom = all.slice(0, i).findLast(isIn);
        }
        continue;
      }
      if (channel.isUsable(e.rel)) {
        stop = e;
        break;
      }
      keepFrom = all[i + 1];
      if (run.length > 0) deliverRun();
    }
    if (run.length > 0) {
      deliverRun();
      keepFrom = stop;
    }
    const keepIndex = keepFrom === undefined ? all.length : all.indexOf(keepFrom);
    const before = all.slice(0, keepIndex);
    channel.unreliable = channel.unreliable.filter((entry) => entry === just || !before.includes(entry));
  }

  #deliver(id: number, entry: Entry): void {
    this.delivered.push(`${id}:${entry.pieces.join('')}`);
  }
}
