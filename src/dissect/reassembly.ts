/** Puts fragmented packets of a capture together again. enet-protocol 6.7; the checks are those of 12.2 F. */
import type { FragmentCommand } from '../enet/index.ts';
import { MAX_FRAGMENTS } from '../enet/internal.ts';

/** What a fragment led to. */
export type FragmentOutcome =
  /** The packet is complete; the bytes are owned by the caller. */
  | { readonly kind: 'complete'; readonly packet: Uint8Array }
  /** Parts are still missing. */
  | { readonly kind: 'waiting'; readonly missing: number; readonly note: string | undefined }
  /** This part was there before: it was sent again. */
  | { readonly kind: 'repeated' }
  /** It cannot belong to a packet. */
  | { readonly kind: 'bad'; readonly problem: string };

/** The most memory that unfinished packets take: 64 MiB. Beyond that the oldest packet is given up. */
export const MAX_UNFINISHED_BYTES: number = 64 * 1024 * 1024;
/** How many complete packets are remembered per stream and channel, to know what is sent again. */
const REMEMBERED = 32;
/** What the bookkeeping of a fragment takes, roughly. */
const PART_OVERHEAD_BYTES = 256;

interface Stream {
  readonly name: string;
  readonly assemblies: Map<string, Assembly>;
  /** Keys of complete packets, oldest first. */
  readonly complete: string[];
}

interface Assembly {
  readonly stream: Stream;
  readonly key: string;
  readonly fragmentCount: number;
  readonly totalLength: number;
  /** Parts by number; emptied when the packet is complete. */
  readonly parts: Map<number, { readonly offset: number; readonly payload: Uint8Array }>;
  isComplete: boolean;
  bytes: number;
}

/** The fragmented packets of all streams of a capture. */
export class Reassembly {
  readonly #streams = new Map<string, Stream>();
  /** In the order in which they began. */
  readonly #unfinished = new Set<Assembly>();
  readonly #maxBytes: number;
  #unfinishedBytes = 0;
  #givenUp = 0;

  /** @param maxBytes - The most memory for unfinished packets, in bytes. */
  constructor(maxBytes: number = MAX_UNFINISHED_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes a fragment in.
   *
   * @param streamName - What tells the streams apart: direction, receiver's slot, session.
   * @param fragment - The command; its payload is copied.
   */
  add(streamName: string, fragment: FragmentCommand): FragmentOutcome {
    const problem = fieldProblem(fragment);
    if (problem !== undefined) return { kind: 'bad', problem };
    const stream = this.#streamOf(`${streamName} channel ${fragment.channel}`);
    const key =
      fragment.name === 'SEND_FRAGMENT'
        ? `#${fragment.startSeq}`
        : `#${fragment.reliableSeq}/${fragment.startSeq}`;
    let assembly = stream.assemblies.get(key);
    let note: string | undefined;
    if (assembly !== undefined && !belongs(assembly, fragment)) {
      if (!assembly.isComplete)
        note = `an unfinished packet of ${assembly.totalLength} bytes had this number`;
      this.#forget(assembly);
      assembly = undefined;
    }
    if (assembly?.isComplete === true || assembly?.parts.has(fragment.fragmentNumber) === true) {
      return { kind: 'repeated' };
    }
    assembly ??= this.#begin(stream, key, fragment);
    assembly.parts.set(fragment.fragmentNumber, {
      offset: fragment.offset,
      payload: fragment.payload.slice(),
    });
    assembly.bytes += fragment.payload.length;
    this.#unfinishedBytes += fragment.payload.length + PART_OVERHEAD_BYTES;
    const missing = assembly.fragmentCount - assembly.parts.size;
    if (missing === 0) return this.#complete(assembly);
    while (this.#unfinishedBytes > this.#maxBytes) this.#giveUpOldest();
    return { kind: 'waiting', missing, note };
  }

  /** One line for each packet that is unfinished, and one for those that had to be given up. */
  *unfinished(): Iterable<string> {
    for (const { stream, key, parts, fragmentCount, bytes, totalLength } of this.#unfinished) {
      yield `unfinished packet ${stream.name} ${key}: ${parts.size} of ${fragmentCount} fragments, ` +
        `${bytes} of ${totalLength} bytes`;
    }
    if (this.#givenUp > 0) {
      yield `${this.#givenUp} unfinished packets were given up, as they took more than ${this.#maxBytes} bytes`;
    }
  }

  #streamOf(name: string): Stream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = { name, assemblies: new Map(), complete: [] };
      this.#streams.set(name, stream);
    }
    return stream;
  }

  #begin(stream: Stream, key: string, fragment: FragmentCommand): Assembly {
    const assembly: Assembly = {
      stream,
      key,
      fragmentCount: fragment.fragmentCount,
      totalLength: fragment.totalLength,
      parts: new Map(),
      isComplete: false,
      bytes: 0,
    };
    stream.assemblies.set(key, assembly);
    this.#unfinished.add(assembly);
    return assembly;
  }

  #complete(assembly: Assembly): FragmentOutcome {
    const parts = [...assembly.parts.values()].sort((a, b) => a.offset - b.offset);
    this.#release(assembly);
    assembly.isComplete = true;
    this.#remember(assembly);
    let end = 0;
    for (const { offset, payload } of parts) {
      if (offset !== end) {
        return { kind: 'bad', problem: `all fragments are there, but they do not meet at byte ${end}` };
      }
      end += payload.length;
    }
    if (end !== assembly.totalLength) {
      return { kind: 'bad', problem: `all fragments hold ${end} of ${assembly.totalLength} bytes` };
    }
    const packet = new Uint8Array(end);
    for (const { offset, payload } of parts) packet.set(payload, offset);
    return { kind: 'complete', packet };
  }

  /** Complete packets stay known for a while, so that fragments sent again do not begin a new one. */
  #remember({ stream, key }: Assembly): void {
    stream.complete.push(key);
    if (stream.complete.length <= REMEMBERED) return;
    const oldest = stream.complete.shift();
    if (oldest !== undefined && stream.assemblies.get(oldest)?.isComplete === true) {
      stream.assemblies.delete(oldest);
    }
  }

  #forget(assembly: Assembly): void {
    assembly.stream.assemblies.delete(assembly.key);
    if (!assembly.isComplete) this.#release(assembly);
  }

  #release(assembly: Assembly): void {
    this.#unfinished.delete(assembly);
    this.#unfinishedBytes -= assembly.bytes + assembly.parts.size * PART_OVERHEAD_BYTES;
    assembly.parts.clear();
  }

  #giveUpOldest(): void {
    for (const assembly of this.#unfinished) {
      this.#forget(assembly);
      this.#givenUp++;
      return;
    }
  }
}

function belongs(assembly: Assembly, fragment: FragmentCommand): boolean {
  return assembly.fragmentCount === fragment.fragmentCount && assembly.totalLength === fragment.totalLength;
}

function fieldProblem(fragment: FragmentCommand): string | undefined {
  const { fragmentCount, fragmentNumber, totalLength, offset, payload } = fragment;
  if (fragmentCount === 0 || fragmentCount > MAX_FRAGMENTS)
    return `${fragmentCount} fragments are not possible`;
  if (fragmentNumber >= fragmentCount)
    return `there is no fragment ${fragmentNumber + 1} of ${fragmentCount}`;
  if (payload.length === 0) return 'a fragment without bytes';
  if (offset > totalLength || payload.length > totalLength - offset) {
    return `bytes ${offset} to ${offset + payload.length} do not fit into ${totalLength} bytes`;
  }
  return undefined;
}
