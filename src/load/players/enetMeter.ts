/**
 * Measures a client of ENet by what its host is seen to send and receive: the time from each reliable command to its
 * acknowledgement (enet-protocol 6.9), finer than the host's own clock of whole milliseconds and without its smoothing, and how many
 * commands had to be sent again (5.9).
 */
import { type Compressor, type HostTrace, type ParsedCommand, traceCommands } from '../../enet/index.ts';
import type { MeterParts, TransportMeter } from './meter.ts';

/** The meter of one connection. */
export class EnetMeter implements TransportMeter {
  /** What the host has to be given. */
  readonly trace: HostTrace;
  sentBytes = 0;
  receivedBytes = 0;
  reliableSent = 0;
  resent = 0;
  heardAtMs = 0;
  readonly #parts: MeterParts;
  /** When each command left that is not acknowledged; NaN when it left more than once: then nobody knows which arrived. */
  readonly #inFlight = new Map<number, number>();

  /** @param compressor reads what the host compresses; `undefined` without compression. */
  constructor(parts: MeterParts, compressor: Compressor | undefined) {
    this.#parts = parts;
    const commands = traceCommands(
      ({ direction, command }) => {
        if (command === undefined) return;
        if (direction === 'out') this.#sent(command);
        else if (direction === 'in') this.#received(command);
      },
      { compressor: () => compressor },
    );
    this.trace = {
      sent: (now, bytes, to) => {
        this.sentBytes += bytes.length;
        commands.sent?.(now, bytes, to);
      },
      received: (now, bytes, from) => {
        this.receivedBytes += bytes.length;
        this.heardAtMs = parts.nowMs();
        commands.received?.(now, bytes, from);
      },
    };
  }

  #sent({ wantsAcknowledge, channel, reliableSeq }: ParsedCommand): void {
    if (!wantsAcknowledge) return;
    const key = keyOf(channel, reliableSeq);
    if (this.#inFlight.has(key)) {
      this.resent++;
      this.#inFlight.set(key, Number.NaN);
      return;
    }
    this.reliableSent++;
    // ENet itself has no more than this under way; what a server never acknowledges must not pile up.
    if (this.#inFlight.size < MAX_IN_FLIGHT) this.#inFlight.set(key, this.#parts.nowMs());
  }

  #received(command: ParsedCommand): void {
    // CONNECT is answered by VERIFY_CONNECT, which is no acknowledgement and has its number (2.2).
    if (command.name === 'VERIFY_CONNECT') this.#answered(command.channel, command.reliableSeq);
    else if (command.name === 'ACKNOWLEDGE') this.#answered(command.channel, command.receivedSeq);
  }

  #answered(channel: number, seq: number): void {
    const key = keyOf(channel, seq);
    const sentAt = this.#inFlight.get(key);
    if (sentAt === undefined) return;
    this.#inFlight.delete(key);
    if (!Number.isNaN(sentAt)) this.#parts.roundTrip(this.#parts.nowMs() - sentAt);
  }
}

function keyOf(channel: number, seq: number): number {
  return channel * 65_536 + seq;
}

const MAX_IN_FLIGHT = 65_536;
