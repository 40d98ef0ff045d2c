/** What every kind of capture file is read into. */

/** One UDP datagram of a capture. */
export interface CapturedDatagram {
  /** Milliseconds since the first datagram of the capture. */
  readonly timeMs: number;
  /** Who sent it: `ip:port`, or a name. */
  readonly from: string;
  /** Who received it; empty when the capture does not say. */
  readonly to: string;
  /** The UDP payload. */
  readonly bytes: Uint8Array;
}

/** A capture file that cannot be read. The message says where and why. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}
