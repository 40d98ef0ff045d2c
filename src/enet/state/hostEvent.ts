/** What {@link Host.service} reports. enet-protocol sections 4.6, 7, 8.4. */
import type { DisconnectCause } from '../disconnectCause.ts';
import type { Peer } from './peer.ts';

/** The kinds of a {@link HostEvent}, with ENet's numbers. */
export const EventType = {
  /** A connection is complete. */
  CONNECT: 1,
  /** A connection has ended. The peer's slot is already free. */
  DISCONNECT: 2,
  /** A packet arrived. */
  RECEIVE: 3,
} as const;

/** One of the numbers of {@link EventType}. */
export type EventType = (typeof EventType)[keyof typeof EventType];

/** One event of a host. */
export class HostEvent {
  /** What happened. */
  readonly type: EventType;
  /** To which peer. After DISCONNECT the slot may be reused by the next connection. */
  readonly peer: Peer;
  /** The u32 user data of CONNECT (incoming only, else 0) or of DISCONNECT (0 when it came of a timeout). */
  readonly data: number;
  /** RECEIVE: the channel, else 0. */
  readonly channel: number;
  /** RECEIVE: the packet, owned by the receiver of the event. Else an empty array. */
  readonly bytes: Uint8Array;
  /** RECEIVE: the flags that tell how it travelled (enet-protocol 3.4), else 0. */
  readonly flags: number;
  /** DISCONNECT: why, else undefined. */
  readonly cause: DisconnectCause | undefined;

  constructor(
    type: EventType,
    peer: Peer,
    data: number,
    channel: number,
    bytes: Uint8Array,
    flags: number,
    cause: DisconnectCause | undefined = undefined,
  ) {
    this.type = type;
    this.peer = peer;
    this.data = data;
    this.channel = channel;
    this.bytes = bytes;
    this.flags = flags;
    this.cause = cause;
  }
}
