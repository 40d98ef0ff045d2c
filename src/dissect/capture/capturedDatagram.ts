/** What every kind of capture file is read into. */

/** One UDP datagram of a capture. */
export interface CapturedDatagram {
  /** Milliseconds: since the first datagram in packet captures, as recorded in sessions, 0 in hexadecimal text. */
  readonly timeMs: number;
  /** Who sent it: `ip:port`, or a name; empty when the capture does not say. */
  readonly from: string;
  /** Who received it; empty when the capture does not say. */
  readonly to: string;
  /** The UDP payload: a view into the file. */
  readonly bytes: Uint8Array;
  /** Whether it was inside of DTLS, and opened with a key log. */
  readonly isDecrypted?: boolean;
  /** Why nothing in it can be read, when that is known before. */
  readonly unread?: string;
}

/** A frame of a packet capture that holds no whole UDP datagram. */
export interface SkippedFrame {
  /** Where its record starts in the file, in bytes. */
  readonly at: number;
  /** Why a UDP datagram could not be read; `undefined` when the frame carries something else than UDP over IP. */
  readonly reason: string | undefined;
}

/** A capture, read as it is iterated. */
export interface Capture {
  /** What kind of file it is. */
  readonly kind: 'pcap' | 'pcapng' | 'session' | 'dump' | 'hex';
  /** The compression's name, when the file says it. */
  readonly compression: string | undefined;
  /** The content in order. Iterating throws a {@link CaptureError} at the place where the file is damaged. */
  readonly entries: Iterable<CapturedDatagram | SkippedFrame>;
}

/** A capture file that cannot be read. The message says where and why. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** Tells a datagram from a skipped frame. */
export function isDatagram(entry: CapturedDatagram | SkippedFrame): entry is CapturedDatagram {
  return 'bytes' in entry;
}
