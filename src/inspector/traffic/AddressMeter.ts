/** What came from and went to each address, since it was first seen: for peers of servers that do not count it. Bounded, whoever sends. */
import type { Address } from '../../enet/index.ts';

/** Of one address. */
export interface AddressFlow {
  packetsIn: number;
  bytesIn: number;
  packetsOut: number;
  bytesOut: number;
}

/** See the head of this file. */
export class AddressMeter {
  readonly #flows = new Map<string, Map<number, AddressFlow & { seen: number }>>();
  #size = 0;
  #sweeps = 0;

  /** A datagram came from an address, or went to it. */
  count({ ip, port }: Address, isIn: boolean, bytes: number): void {
    const flow = this.#flows.get(ip)?.get(port) ?? this.#add(ip, port);
    if (flow === undefined) return;
    flow.seen = this.#sweeps;
    if (isIn) {
      flow.packetsIn++;
      flow.bytesIn += bytes;
    } else {
      flow.packetsOut++;
      flow.bytesOut += bytes;
    }
  }

  /** What there is of an address; `undefined` when nothing was counted. */
  of(ip: string, port: number): Readonly<AddressFlow> | undefined {
    return this.#flows.get(ip)?.get(port);
  }

  /** Forgets those who were silent for {@link IDLE_SWEEPS}: to be called about once per second. */
  sweep(): void {
    this.#sweeps++;
    if (this.#sweeps % IDLE_SWEEPS !== 0) return;
    for (const [ip, ports] of this.#flows) {
      for (const [port, { seen }] of ports)
        if (this.#sweeps - seen >= IDLE_SWEEPS && ports.delete(port)) this.#size--;
      if (ports.size === 0) this.#flows.delete(ip);
    }
  }

  /** @returns nothing when there are too many: forged addresses cost no more memory. */
  #add(ip: string, port: number): (AddressFlow & { seen: number }) | undefined {
    if (this.#size >= MAX_ADDRESSES) return undefined;
    const flow = { packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0, seen: this.#sweeps };
    const ports = this.#flows.get(ip);
    if (ports === undefined) this.#flows.set(ip, new Map([[port, flow]]));
    else ports.set(port, flow);
    this.#size++;
    return flow;
  }
}

/** Two hosts with as many peers as ENet has. */
const MAX_ADDRESSES = 8192;
/** Seconds: whoever is connected pings more often. */
const IDLE_SWEEPS = 60;
