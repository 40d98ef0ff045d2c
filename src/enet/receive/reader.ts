/** The part of a datagram that the command handlers read. enet-protocol 2 and 6.2. */

import type { Address } from '../address.ts';
import type { HostEvent } from '../state/hostEvent.ts';

/** What a handler says: go on, or stop parsing this datagram without acknowledging the command. */
export const Handled = { CONTINUE: 0, ABORT: 1 } as const;
/** One of the values of {@link Handled}. */
export type Handled = (typeof Handled)[keyof typeof Handled];

/** The part of a datagram that handlers read. One object, because datagrams never nest. */
export class Reader {
  bytes: Uint8Array = new Uint8Array(0);
  /** Position of the current command. */
  at = 0;
  /** End of the datagram. */
  end = 0;
  /** Where the next command starts; handlers move it behind their payload. */
  next = 0;
  from: Address | undefined = undefined;
  /** Length of the datagram as received. */
  receivedLength = 0;
  /** The event that this datagram brought about. */
  event: HostEvent | undefined = undefined;

  u8(offset: number): number {
    return this.bytes[this.at + offset] ?? 0;
  }

  u16(offset: number): number {
    const at = this.at + offset;
    return ((this.bytes[at] ?? 0) << 8) | (this.bytes[at + 1] ?? 0);
  }

  u32(offset: number): number {
    return (this.u16(offset) * 0x10000 + this.u16(offset + 2)) >>> 0;
  }
}
