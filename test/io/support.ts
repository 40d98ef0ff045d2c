/** What the tests of the runtimes share: a host that only counts and echoes, and a wait with a limit. */
import { networkInterfaces } from 'node:os';
import type { Address, Datagram } from '../../src/enet/address.ts';
import { HostEvent } from '../../src/enet/state/hostEvent.ts';
import type { AttachedHost, HostLike } from '../../src/io/attachedHost.ts';
import type { AttachError } from '../../src/runtime/index.ts';

/** A host without protocol. */
export class FakeHost implements HostLike {
  readonly received: { readonly bytes: Uint8Array; readonly from: Address }[] = [];
  /** How many calls of service reported nothing. */
  idleServices = 0;
  flushes = 0;
  /** Received datagrams go back to their sender. */
  isEcho = false;
  /** Each datagram gives this many events. */
  eventsPerDatagram = 0;
  /** When to be woken, on the u32 clock of service; consumed by the service that reaches it. */
  deadline: number | undefined;
  /** At which times a deadline was served. */
  readonly served: number[] = [];
  nextWakeupCalls = 0;
  readonly outbox: Datagram[] = [];
  #inbox: { readonly bytes: Uint8Array; readonly from: Address }[] = [];
  #events = 0;

  receive(bytes: Uint8Array, from: Address): void {
    this.#inbox.push({ bytes, from });
  }

  service(now: number): HostEvent | undefined {
    if (this.deadline !== undefined && ((this.deadline - now) | 0) <= 0) {
      this.deadline = undefined;
      this.served.push(now);
    }
    for (const { bytes, from } of this.#inbox.splice(0)) {
      this.received.push({ bytes: bytes.slice(), from });
      this.#events += this.eventsPerDatagram;
      if (this.isEcho) {
        this.outbox.push({ bytes: bytes.slice(), to: from });
      }
    }
    if (this.#events > 0) {
      this.#events -= 1;
      return Object.create(HostEvent.prototype);
    }
    this.idleServices += 1;
    return undefined;
  }

  flush(): void {
    this.flushes += 1;
  }

  drainOutbox(): readonly Datagram[] {
    return this.outbox.splice(0);
  }

  nextWakeup(now: number): number | undefined {
    this.nextWakeupCalls += 1;
    return this.deadline === undefined ? undefined : Math.max(0, (this.deadline - now) | 0);
  }
}

/** The port of an attach that must have worked. */
export function attached(result: AttachedHost | AttachError): AttachedHost {
  if (result instanceof Object && 'code' in result) {
    throw new Error(`attach failed: ${result.code} ${result.message}`);
  }
  return result;
}

/** Whether this machine has an IPv6 loopback. */
export const hasIpv6: boolean = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

/** Bytes `start, start + 1, ...`. */
export function sequence(length: number, start = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (start + index) & 0xff);
}

/** Waits, one turn of the event loop after the other, until `condition` holds. */
export async function until(condition: () => boolean, what: string, limitMs = 5000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
