/** A UDP socket of the virtual network. */

import { isIntegerIn } from '../../options/internal.ts';
import type { Address, Datagram } from '../enet/index.ts';
import { canonicalIp } from '../enet/internal.ts';
import { WaitingQueue } from '../io/internal.ts';
import { type DatagramSink, type DatagramSocket, MAX_LONG_DATAGRAM_BYTES } from '../runtime/internal.ts';

/** The part of the network that a socket uses. */
export interface SimCarrier {
  /** Carries one datagram. */
  carry(socket: SimSocket, bytes: Uint8Array, to: Address): void;
  /** Forgets a closed socket. */
  unbind(socket: SimSocket): void;
}

/** A bound socket. */
export class SimSocket implements DatagramSocket {
  readonly localAddress: Address;
  /** Where others see it; a router may change this. */
  outside: Address;
  readonly #carrier: SimCarrier;
  readonly #onReadable: () => void;
  readonly #waiting = new WaitingQueue();
  #failedSends = 0;
  #isClosed = false;

  constructor(carrier: SimCarrier, localAddress: Address, outside: Address, onReadable: () => void) {
    this.#carrier = carrier;
    this.localAddress = localAddress;
    this.outside = outside;
    this.#onReadable = onReadable;
  }

  get failedSends(): number {
    return this.#failedSends;
  }

  get droppedDatagrams(): number {
    return this.#waiting.droppedDatagrams;
  }

  send(batch: readonly Datagram[]): void {
    for (const { bytes, to } of batch) {
      if (this.#isClosed) {
        return;
      }
      const isPort = isIntegerIn(to.port, 1, 65_535);
      if (!isPort || canonicalIp(to.ip) !== to.ip || bytes.length > MAX_PAYLOAD_BYTES) {
        this.#failedSends += 1;
      } else {
        this.#carrier.carry(this, bytes, to);
      }
    }
  }

  receive(limit: number, sink: DatagramSink): number {
    return this.#waiting.receive(limit, sink);
  }

  takeLongDatagrams(): void {
    this.#waiting.maxDatagramBytes = MAX_LONG_DATAGRAM_BYTES;
  }

  /** Takes a datagram from the network. */
  arrive(bytes: Uint8Array, from: Address): void {
    if (!this.#isClosed && this.#waiting.push(bytes, from)) {
      this.#onReadable();
    }
  }

  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#waiting.clear();
      this.#carrier.unbind(this);
    }
  }
}

/** What fits into a UDP datagram over IPv4. */
const MAX_PAYLOAD_BYTES = 65_507;
