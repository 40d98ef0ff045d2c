/**
 * What this process gives to classes that are not told otherwise: the runtime and the compressors. The rooms above know
 * interfaces only, so somebody has to bring them: `src/node`, which every public entry imports for that.
 */
import { describe } from '../../options/internal.ts';
import type { Compressor } from '../enet/index.ts';
import type { Runtime } from './runtime.ts';

/** What a platform has. */
export interface Platform {
  /** Sockets, clock, timers, randomness and name resolution. */
  readonly runtime: Runtime;
  /** Makes the compressor of a `COMPRESS_*` mode; see the options of the classes. */
  readonly createCompressor: (mode: number) => Compressor | undefined;
}

let platform: Platform | undefined;

/** Sets what the classes take by default, once: whoever comes later changes nothing. */
export function setPlatform(own: Platform): void {
  platform ??= own;
}

/**
 * The options with the runtime, and the compressors of the platform where none were given.
 *
 * @param className who asks, and `entry`, the one that brings a platform; both for the error.
 * @returns a copy.
 * @throws TypeError without a runtime.
 */
export function withPlatform<Options extends Partial<Platform>>(
  options: Options,
  className: string,
  entry: string,
): Options & Pick<Platform, 'runtime'> {
  const runtime = requireRuntime<Runtime>(options.runtime, className, entry);
  const createCompressor = options.createCompressor ?? platform?.createCompressor;
  return { ...options, runtime, ...(createCompressor === undefined ? {} : { createCompressor }) };
}

/** The runtime that was given, or that of the platform. @throws TypeError without one, or for what is none. */
export function requireRuntime<Own>(own: Own | undefined, className: string, entry: string): Own | Runtime {
  const runtime = own === undefined ? platform?.runtime : own;
  if (runtime !== undefined) {
    if (isRuntime(runtime)) return runtime;
    throw new TypeError(`"runtime" expected a runtime with now() and startTimer(), got ${describe(runtime)}`);
  }
  throw new TypeError(
    `"runtime" expected a Runtime, got undefined: import ${className} from "godot-enet/${entry}", which brings one`,
  );
}

/** Every runtime has a clock and timers; some have more. */
function isRuntime(value: unknown): boolean {
  const { now, startTimer }: { now?: unknown; startTimer?: unknown } = Object(value);
  return typeof now === 'function' && typeof startTimer === 'function';
}
