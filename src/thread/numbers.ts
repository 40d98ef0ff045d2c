/** What a host has counted, in shared words. docs/decisions/0004-network-thread.md. */
import { type ConnectGate, DropReason, type Host } from '../enet/index.ts';
import type { RemoteNumbers } from '../runtime/index.ts';
import { CONNECT_REFUSALS, DROP_REASONS, FIRST_DROP, FIRST_REFUSAL, Word } from './layout.ts';

/** Writes the numbers. */
export class NumbersWriter {
  readonly #control: Int32Array;
  readonly #host: Host;
  readonly #gate: ConnectGate | undefined;
  #writtenDrops = 0;
  #writtenRefusals = 0;

  constructor(control: Int32Array, host: Host, gate: ConnectGate | undefined) {
    this.#control = control;
    this.#host = host;
    this.#gate = gate;
  }

  /** Writes what has changed. */
  write(): void {
    const control = this.#control;
    const { statistics, totalDrops } = this.#host;
    control[Word.SENT_BYTES] = statistics.totalSentData;
    control[Word.SENT_DATAGRAMS] = statistics.totalSentPackets;
    control[Word.RECEIVED_BYTES] = statistics.totalReceivedData;
    control[Word.RECEIVED_DATAGRAMS] = statistics.totalReceivedPackets;
    control[Word.REPEATS] = statistics.totalRepeats;
    control[Word.LATE_ACKNOWLEDGEMENTS] = statistics.totalLateAcknowledgements;
    if (totalDrops !== this.#writtenDrops) this.#writeDrops(totalDrops);
    const gate = this.#gate;
    if (gate === undefined) return;
    control[Word.TRACKED_ADDRESSES] = gate.trackedAddresses;
    if (gate.totalRefusals !== this.#writtenRefusals) this.#writeRefusals(gate);
  }

  #writeDrops(total: number): void {
    this.#writtenDrops = total;
    this.#control[Word.DROPPED_WAITING] = this.#host.dropCount(DropReason.WAITING_DATA_FULL);
    for (const [index, reason] of DROP_REASONS.entries()) {
      this.#control[FIRST_DROP + index] = this.#host.dropCount(reason);
    }
  }

  #writeRefusals(gate: ConnectGate): void {
    this.#writtenRefusals = gate.totalRefusals;
    for (const [index, reason] of CONNECT_REFUSALS.entries()) {
      this.#control[FIRST_REFUSAL + index] = gate.refusalCount(reason);
    }
  }
}

/** Reads them: a copy. */
export function readNumbers(control: Int32Array): RemoteNumbers {
  const read = (index: number): number => Atomics.load(control, index) >>> 0;
  const drops = new Map<DropReason, number>();
  for (const [index, reason] of DROP_REASONS.entries()) {
    const count = read(FIRST_DROP + index);
    if (count > 0) drops.set(reason, count);
  }
  return {
    statistics: {
      totalSentData: read(Word.SENT_BYTES),
      totalSentPackets: read(Word.SENT_DATAGRAMS),
      totalReceivedData: read(Word.RECEIVED_BYTES),
      totalReceivedPackets: read(Word.RECEIVED_DATAGRAMS),
      totalRepeats: read(Word.REPEATS),
      totalLateAcknowledgements: read(Word.LATE_ACKNOWLEDGEMENTS),
    },
    drops,
    refusals: new Map(CONNECT_REFUSALS.map((reason, index) => [reason, read(FIRST_REFUSAL + index)])),
    trackedAddresses: read(Word.TRACKED_ADDRESSES),
  };
}
