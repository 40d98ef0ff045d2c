/** The lease of a node: claimed, renewed in time, claimed anew when it was lost. */

import type { Timer } from '../../runtime/index.ts';
import { sleep } from '../../runtime/internal.ts';
import type { BusRecord, ClusterBus } from '../bus.ts';
import { BusError } from '../busErrors.ts';
import type { Clock } from '../clock.ts';
import type { Lease } from '../Lease.ts';

/** What a keeper asks its node, and tells it. None of these throws. */
export interface RootOwner {
  /** What the node says of itself now. */
  value(): string;
  /** It has a new root: what was under an old one has to be claimed again. */
  claimed(root: Lease): void;
  /** The bus may not have all that is under the root: it is to be put back. */
  restore(root: Lease): Promise<void>;
  /** The root was renewed. */
  renewed(root: Lease): void;
  /** Whether the node may be sure of what it has: called when that changes. */
  sure(isSure: boolean): void;
  /** The root is somebody else's, or was ended by somebody: it does not come back. */
  lost(): void;
  /** Something strange. */
  report(error: unknown, where: string): void;
}

/** Keeps one root. */
export class RootKeeper {
  readonly #bus: ClusterBus;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #owner: RootOwner;
  #root: Lease | undefined;
  #turnTimer: Timer | undefined;
  #endTimer: Timer | undefined;
  #wasSure = false;
  /** The bus was started anew, and what is under the root was not looked at since. */
  #needsRestore = false;
  #toldTaken = false;
  #isLost = false;
  #isClosed = false;

  constructor(bus: ClusterBus, clock: Clock, key: string, owner: RootOwner) {
    this.#bus = bus;
    this.#clock = clock;
    this.#key = key;
    this.#owner = owner;
  }

  /** The root; `undefined` before the first, and between a lost one and the next. */
  get root(): Lease | undefined {
    return this.#root;
  }

  /** Whether it holds for certain. Synchronous: whoever is let in asks this, also as the first thing after the process stood still. */
  get isHeld(): boolean {
    return this.#root?.isHeld === true;
  }

  /**
   * Claims the root. While an earlier process has it, the bus is away or was started anew, it tries again, for three leases.
   *
   * @throws BusError (as rejection) why it could not.
   */
  async start(): Promise<void> {
    const endMs = this.#clock.now() + 3 * this.#bus.leaseMs;
    for (;;) {
      try {
        await this.#claim();
        return;
      } catch (error) {
        const mayPass = error instanceof BusError && MAY_PASS.has(error.code);
        if (!mayPass || this.#isClosed || this.#clock.now() >= endMs) throw error;
        await sleep(this.#clock.runtime, this.#soonMs);
      }
    }
  }

  /** Ends it, and all that is under it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#turnTimer?.cancel();
    this.#endTimer?.cancel();
    const root = this.#root;
    this.#root = undefined;
    this.#look();
    if (root !== undefined) await this.#bus.release(root);
  }

  /** Says what the node says of itself, when that is other than before, or always. @throws BusError (as rejection) */
  async tell(isAlways: boolean = false): Promise<void> {
    const root = this.#root;
    if (root === undefined) return;
    const value = this.#owner.value();
    if (isAlways || value !== root.value) await this.#bus.update(root, value);
  }

  /** Who has the root of this key now, as the bus says. */
  record(): Promise<BusRecord | undefined> {
    return this.#bus.find(this.#key);
  }

  async #claim(): Promise<void> {
    const root = await this.#bus.claim(this.#key, this.#owner.value());
    if (this.#isClosed) {
      await this.#bus.release(root);
      throw new BusError('CLOSED', 'the node was closed');
    }
    this.#root = root;
    this.#needsRestore = false;
    this.#toldTaken = false;
    this.#watchEnd(root);
    this.#look();
    this.#owner.claimed(root);
    this.#arm(this.#bus.leaseMs / 3);
  }

  /** Renews, or claims. Never rejects. */
  async #turn(): Promise<void> {
    const { leaseMs } = this.#bus;
    const startMs = this.#clock.now();
    // After the process stood still: before the renewal makes it sure again.
    this.#look();
    let nextMs = leaseMs / 3;
    try {
      // `#claim` arms by itself.
      if (this.#root === undefined) return await this.#claim();
      await this.#renew(this.#root);
    } catch (error) {
      if (this.#isClosed) return;
      nextMs = this.#soonMs;
      if (this.#isLost) this.#lose();
      else if (!this.#isExpected(error)) this.#owner.report(error, `lease of ${this.#key}`);
    }
    if (!this.#isClosed) this.#arm(Math.max(1, nextMs - (this.#clock.now() - startMs)));
  }

  async #renew(root: Lease): Promise<void> {
    const state = await this.#bus.renew(root).catch((error: unknown) => {
      // Anything else that says so may have come upon a bus that was started anew, and has not heard of the root yet.
      this.#isLost = isLost(error) && this.#root === root;
      throw error;
    });
    if (this.#root !== root) return;
    if (state === 'restored') this.#needsRestore = true;
    if (this.#needsRestore) await this.#owner.restore(root);
    const isAnew = this.#needsRestore;
    this.#needsRestore = false;
    if (this.#root !== root) return;
    this.#watchEnd(root);
    this.#look();
    await this.tell(isAnew);
    if (this.#root === root) this.#owner.renewed(root);
  }

  #lose(): void {
    this.#isLost = false;
    this.#root = undefined;
    this.#endTimer?.cancel();
    this.#look();
    this.#owner.lost();
  }

  /** What is otherwise in a while; that another process has the id is said once. */
  #isExpected(error: unknown): boolean {
    if (isLost(error)) return true;
    if (!(error instanceof BusError) || !MAY_PASS.has(error.code)) return false;
    if (error.code !== 'TAKEN') return true;
    const wasTold = this.#toldTaken;
    this.#toldTaken = true;
    return wasTold;
  }

  /** Looks when the lease stops being certain. It may have been renewed by then. */
  #watchEnd(root: Lease): void {
    this.#endTimer?.cancel();
    this.#endTimer = this.#clock.runtime.startTimer(Math.max(1, Math.ceil(root.heldForMs)), () => {
      this.#look();
      if (this.#root === root && root.isHeld) this.#watchEnd(root);
    });
  }

  #look(): void {
    const isSure = this.isHeld;
    if (isSure === this.#wasSure) return;
    this.#wasSure = isSure;
    this.#owner.sure(isSure);
  }

  #arm(ms: number): void {
    this.#turnTimer?.cancel();
    this.#turnTimer = this.#clock.runtime.startTimer(ms, () => void this.#turn());
  }

  get #soonMs(): number {
    return this.#bus.leaseMs / 10;
  }
}

/** Whether a bus says that a lease is over. */
export function isLost(error: unknown): boolean {
  return error instanceof BusError && error.code === 'LOST';
}

/** What is otherwise in a while. */
const MAY_PASS: ReadonlySet<string> = new Set(['TAKEN', 'WARMING', 'DOWN']);
