/** What tests with a real server share: all that they start ends with the test, and what is to come about is waited for. */
import { setTimeout } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { TcpProxy } from './tcpProxy.ts';

/** What the tests of a file have started. */
export class Live {
  /** What buses told `onError` in this test. */
  readonly reported: unknown[] = [];
  readonly #closing: { close(): Promise<void> }[] = [];

  /** Registers what ends it. */
  constructor() {
    afterEach(async () => {
      for (const one of this.#closing.splice(0).reverse()) await one.close();
      this.reported.length = 0;
    });
  }

  /** Closes it after the test; what was started last goes first. */
  own<T extends { close(): Promise<void> }>(started: T): T {
    this.#closing.push(started);
    return started;
  }

  /** A proxy in front of a port of this machine. */
  async proxy(target: number): Promise<TcpProxy> {
    return this.own(await TcpProxy.start(target));
  }
}

/** Waits until something holds. @throws Error after 500 looks, 20 ms apart. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await holds()) return;
    await setTimeout(20);
  }
  throw new Error(`${what} did not come about within 10 s`);
}
