/** The numbers of an endpoint, as it counts them. */
import { DTLS_DROP_REASONS, type DtlsCounters, type DtlsDropReason } from './endpoint.ts';

/** Counters that can be written. */
export class Counters implements DtlsCounters {
  openSessions = 0;
  handshakes = 0;
  opened = 0;
  failed = 0;
  cookiesSent = 0;
  retransmissions = 0;
  readonly dropped: Record<DtlsDropReason, number>;

  constructor() {
    const zeros = DTLS_DROP_REASONS.map((reason) => [reason, 0] as const);
    // Object.fromEntries forgets the names; they are exactly the reasons.
    this.dropped = Object.fromEntries(zeros) as Record<DtlsDropReason, number>;
  }

  /** Counts one drop. */
  drop(reason: DtlsDropReason): void {
    this.dropped[reason] += 1;
  }
}
