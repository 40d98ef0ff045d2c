/** Datagrams and calls. */

/** One datagram, or one of its commands that was dropped. */
export interface DatagramRow {
  /** A number that stays; `#/traffic/NUMBER`. Counted from 1 since the start of the process. */
  readonly number: number;
  /** Its index in the list that is shown; stays as well. */
  readonly index: number;
  /** Wall clock, with fractions. */
  readonly timeMs: number;
  readonly direction: 'in' | 'out' | 'drop';
  readonly address: string;
  /** Bytes of the datagram after DTLS, before decompression. */
  readonly size: number;
  /** {@link PeerRow.key} of who is at this address now, where it is known. */
  readonly peer?: string;
  /** The number of the server where that is. */
  readonly server?: number;
  /** What it holds, one text per command; for a drop the reason first. At most 32, each at most 500 characters. */
  readonly parts: readonly string[];
}

/** See {@link TrafficView}. Indexes count matches of the filter (or all datagrams) since it began, and never change. */
export interface TrafficMessage {
  readonly type: 'traffic';
  /** What the filter was, and its number for `export?filter=`; absent without one. */
  readonly filter?: {
    readonly id: number;
    readonly text: string;
    /** Datagrams that it has not looked at yet: it is busy, or lags behind. */
    readonly behind: number;
    /** Bytes of its matches that it keeps by itself, which the ring has no more. */
    readonly pinnedBytes: number;
  };
  /** Why the filter cannot be used; there are no rows then. */
  readonly filterProblem?: string;
  /** Index of the oldest that is kept. */
  readonly first: number;
  /** Index behind the latest. */
  readonly end: number;
  /** When the oldest was; absent when there is none. */
  readonly firstMs?: number;
  /** Whether this is the end of the list, which goes on. */
  readonly isFollowing: boolean;
  /** In their order, the oldest first. Absent: those of the last message still hold. */
  readonly rows?: readonly DatagramRow[];
  /** Bytes of the ring, and since when it records. */
  readonly ringBytes: number;
  readonly recordingSinceMs: number;
  /** Datagrams that were not recorded, e.g. since the network thread had no room for them. */
  readonly missed: number;
}

/** Answer of `traffic/NUMBER`. */
export interface DatagramDetails {
  readonly row: Omit<DatagramRow, 'index'>;
  /** The bytes as hex, two digits each, at most 4,096 bytes. */
  readonly hex: string;
  /** How the commands were compressed, if so, and their length and bytes unpacked. */
  readonly compression?: { readonly name: string; readonly length: number; readonly hex: string };
  /** Header and commands. */
  readonly header?: {
    readonly peerId: number;
    readonly session: number;
    readonly sentTime?: number;
  };
  readonly commands: readonly CommandDetails[];
  /** What could not be read, or why it was dropped, in a sentence. */
  readonly problem?: string;
  /** The numbers of the datagram before and after it with the same address that are kept. */
  readonly previous?: number;
  readonly next?: number;
}

/** One command of a datagram. */
export interface CommandDetails {
  readonly name: string;
  /** Where it begins and ends: in `hex`, or in that of `compression`. */
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly packet?: PacketDetails;
  /** Of a fragment whose packet is not whole: how many parts are missing, or what is wrong. */
  readonly note?: string;
}

/** A whole packet: of one command, or put together of fragments. */
export interface PacketDetails {
  readonly length: number;
  /** At most 16,384 bytes. */
  readonly hex: string;
  /** Numbers of the datagrams that its fragments were in; absent for a packet in one piece. */
  readonly datagrams?: readonly number[];
  /** What it was read as. */
  readonly kind: 'value' | 'multiplayer' | 'bytes';
  /** In one line. */
  readonly text: string;
  /** As a tree: values with their types. */
  readonly value?: ValueDetails;
  readonly problem?: string;
}

/** A value of the codec, or a part of a SceneMultiplayer packet. */
export interface ValueDetails {
  /** Name or key in what holds it. */
  readonly name?: string;
  /** Type of Variant (`Vector2`, `Dictionary`, `Array[int]`), or a word of the protocol (`path`, `method`). */
  readonly type: string;
  /** In Godot's notation, at most 2,000 characters; absent where `items` tell all. */
  readonly text?: string;
  /** At most 200, at most 8 deep. */
  readonly items?: readonly ValueDetails[];
  /** How many of its items are left out. */
  readonly left?: number;
}

/** One call of a SceneMultiplayer. */
export interface CallRow {
  readonly index: number;
  readonly timeMs: number;
  readonly direction: 'in' | 'out';
  /** {@link PeerRow.key} of the other side, and its number. */
  readonly peer: string;
  readonly peerId: number;
  readonly room?: string;
  readonly node: string;
  readonly method: string;
  readonly args: string;
}

/** See {@link CallsView}. */
export interface CallsMessage {
  readonly type: 'calls';
  readonly server: number;
  readonly first: number;
  readonly end: number;
  readonly isFollowing: boolean;
  readonly rows?: readonly CallRow[];
  /** Calls by method, those that are called most, at most 100. */
  readonly methods: readonly { readonly method: string; readonly received: number; readonly sent: number }[];
}
