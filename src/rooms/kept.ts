/** What is kept for a player who is away: copies, so that nobody changes them until it is back. */
import { Dictionary } from '../../codec/index.ts';
import { ownVariant, ValueProblem } from '../../schema/internal.ts';
import type { Missed, PlayerDirectorySettings } from '../identity/index.ts';
import type { EventPayload } from '../server/index.ts';
import type { EventOptions } from './roomEvents.ts';

/** A call of a node, for one who speaks Godot's RPCs. */
export interface KeptCall {
  readonly protocol: 'scene';
  readonly path: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** An event, for one who speaks the protocol of `ENetServer`. */
export interface KeptEvent {
  readonly protocol: 'events';
  readonly name: string;
  readonly payload: EventPayload;
  readonly options: EventOptions;
}

/** What is kept. */
export type Kept = KeptCall | KeptEvent;

/** Keeps a call. @returns a text that says why not. */
export function keepCall(path: string, method: string, args: readonly unknown[]): KeptCall | string {
  return guarded(() => ({ protocol: 'scene', path, method, args: args.map((arg) => ownVariant(arg)) }));
}

/** Keeps an event. @returns a text that says why not. */
export function keepEvent(name: string, payload: EventPayload, options: EventOptions): KeptEvent | string {
  return guarded(() => {
    const copy = ownVariant(payload);
    if (!(copy instanceof Dictionary))
      throw new ValueProblem('a payload that is no Dictionary, Map or object');
    return { protocol: 'events', name, payload: copy, options: { ...options } };
  });
}

function guarded<K extends Kept>(make: () => K): K | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof ValueProblem) return error.message;
    throw error;
  }
}

/** The newest of some, as many as may be kept, and how many older ones there are. */
export function newestOf(
  all: readonly Kept[],
  { maxKeptEvents, maxKeptBytes }: PlayerDirectorySettings,
): Missed<Kept> {
  let bytes = 0;
  let first = all.length;
  for (let i = all.length - 1; i >= Math.max(0, all.length - maxKeptEvents); i--) {
    bytes += bytesOf(all[i]!); // in the list
    if (bytes > maxKeptBytes) break;
    first = i;
  }
  return { events: all.slice(first), lost: first };
}

/** About as many bytes as it takes. */
export function bytesOf(kept: Kept): number {
  return kept.protocol === 'scene'
    ? kept.path.length + kept.method.length + sizeOf(kept.args)
    : kept.name.length + sizeOf(kept.payload);
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 16 + 2 * value.length;
  if (ArrayBuffer.isView(value)) return 16 + value.byteLength;
  if (typeof value === 'object' && value !== null) {
    let bytes = 16;
    const items = Symbol.iterator in value ? (value as Iterable<unknown>) : Object.entries(value);
    for (const item of items) bytes += sizeOf(item);
    return bytes;
  }
  return 16;
}
