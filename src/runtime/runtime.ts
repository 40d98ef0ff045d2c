/**
 * What the layers above the core need from the world, as an interface only. Adapters in `src/node` and in the virtual
 * network implement it.
 */
import type { Host } from '../enet/index.ts';
import type { AttachError, BindOptions, HostPort } from './hostPort.ts';
import type { AttachRemote } from './remoteHost.ts';

/** A timer that can be called off. */
export interface Timer {
  /** Calls the timer off. Harmless when it already fired. */
  cancel(): void;
}

/**
 * The injected world: sockets, clock, timers, randomness, name resolution. The Node entry points wire the real
 * ones; tests wire the virtual network.
 */
export interface Runtime {
  /** Milliseconds of a monotonic clock, as a u32 that wraps, starting at 1000 or later. */
  now(): number;
  /** A cryptographically strong random u32 (seeded and repeatable in the virtual network). */
  random32(): number;
  /** Calls `callback` once after `delayMs`. Errors thrown by it are the caller's. */
  startTimer(delayMs: number, callback: () => void): Timer;
  /**
   * Calls `callback` when the call under way has returned. The virtual network does so at its present time, for programs that
   * do nothing but advance it; where it is missing, a microtask is as good.
   */
  afterCall?(callback: () => void): void;
  /**
   * Opens and binds a UDP socket synchronously and attaches it to a host.
   *
   * @returns the port, or why it could not be had.
   */
  attach(host: Host, bind: BindOptions): HostPort | AttachError;
  /** Runs a host with its socket in a thread of its own; bound when it returns. Missing where there are no threads. */
  readonly attachRemote?: AttachRemote;
  /**
   * Resolves a host name without blocking. A literal address answers before the call returns; any other name later.
   * `done` gets a canonical literal address, or `undefined` when the name has none.
   */
  resolve(name: string, done: (ip: string | undefined) => void): void;
  /**
   * The same at once, for names to bind; it may block for some seconds.
   *
   * @returns a canonical literal address, or `undefined` when the name has none. Missing where that cannot be had.
   */
  resolveNow?(name: string): string | undefined;
  /** Tells whoever runs the process what nobody may have noticed, once for each code. Missing: nobody is told. */
  warn?(code: string, message: string): void;
}
