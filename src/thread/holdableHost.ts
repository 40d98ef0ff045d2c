/** A host whose events can be held back. docs/decisions/0004-network-thread.md. */

import type { Address, Datagram, Host, HostEvent, Peer } from '../enet/index.ts';
import type { HostLike } from '../io/internal.ts';

/** What the loop between host and socket sees of the host of a thread. */
export class HoldableHost implements HostLike {
  /** While it is set, packets stay where they are; everything else goes on. */
  isHolding = false;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  receive(bytes: Uint8Array, from: Address): void {
    this.#host.receive(bytes, from);
  }

  service(now: number): HostEvent | undefined {
    return this.isHolding ? this.#host.serviceHeld(now) : this.#host.service(now);
  }

  flush(now: number): void {
    this.#host.flush(now);
  }

  drainOutbox(): readonly Datagram[] {
    return this.#host.drainOutbox();
  }

  nextWakeup(now: number): number | undefined {
    return this.#host.nextWakeup(now, this.isHolding);
  }

  sessionEnded(address: Address): void {
    this.#host.sessionEnded(address);
  }

  mayBegin(from: Address): boolean {
    return this.#host.mayBegin(from);
  }

  hasRoom(): boolean {
    return this.#host.hasRoom();
  }

  hasPeerAt(address: Address): boolean {
    return this.#host.hasPeerAt(address);
  }

  peers(): Iterable<Peer> {
    return this.#host.peers();
  }

  receivedPlain(now: number, bytes: Uint8Array, from: Address): void {
    this.#host.receivedPlain(now, bytes, from);
  }
}
