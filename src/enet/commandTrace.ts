/** A trace of single commands, made from the trace of datagrams: for logs and tools. enet-protocol 1, 2, 9. */

import { checkOptions, type OptionNames } from '../../options/internal.ts';
import type { Address } from './address.ts';
import { commandLength, type ParsedCommand, type ParsedDatagram, parseDatagram } from './commands.ts';
import type { Compressor } from './compressor.ts';
import type { DropReason } from './dropReason.ts';
import { HEADER_SENT_TIME, MAX_MTU } from './protocol.ts';
import type { HostTrace } from './trace.ts';

/** One line of a trace of commands. */
export interface CommandTraceEntry {
  /** The host's time, u32 milliseconds. */
  readonly now: number;
  /** `"in"`: it arrived; `"out"`: it is sent; `"dropped"`: it arrived, was reported as `"in"`, and is not used. */
  readonly direction: 'in' | 'out' | 'dropped';
  /** Where it comes from or goes to. */
  readonly remote: Address | undefined;
  /**
   * The command; `undefined` when there is none to show: the whole datagram was dropped, or it cannot be read. Its
   * payload is borrowed: copy what shall be kept.
   */
  readonly command: ParsedCommand | undefined;
  /** Where the command starts in the decompressed datagram, in bytes; -1 without a command. */
  readonly at: number;
  /** Why it was dropped. */
  readonly reason: DropReason | undefined;
}

/** What {@link traceCommands} must know of the host. */
export interface CommandTraceOptions {
  /** The host's compressor, asked for each compressed datagram, e.g. `() => host.compressor`. Default none. */
  readonly compressor?: () => Compressor | undefined;
  /** Whether the host has a checksum. Default false. */
  readonly hasChecksum?: boolean;
}

/**
 * Makes an observer for a host that takes every datagram apart.
 *
 * @param observer called for each command that arrives, each that is sent, and each that is dropped. It is called
 * from inside the host, so it must be quick, must not throw and must not call the host.
 */
export function traceCommands(
  observer: (entry: CommandTraceEntry) => void,
  options: CommandTraceOptions = {},
): HostTrace {
  checkOptions(options, OPTION_NAMES);
  const report = (now: number, direction: 'in' | 'out', bytes: Uint8Array, remote: Address): void => {
    const parsed = parse(bytes, options);
    if (parsed === undefined) {
      observer({ now, direction, remote, command: undefined, at: -1, reason: undefined });
      return;
    }
    let at = headerLengthOf(parsed, options);
    for (const command of parsed.commands) {
      observer({ now, direction, remote, command, at, reason: undefined });
      at += commandLength(command);
    }
  };
  return {
    received: (now, bytes, from) => report(now, 'in', bytes, from),
    sent: (now, bytes, to) => report(now, 'out', bytes, to),
    dropped: (now, reason, remote, _peer, bytes, commandAt) => {
      const command = commandAt < 0 ? undefined : commandAtPosition(bytes, commandAt, options);
      observer({ now, direction: 'dropped', remote, command, at: commandAt, reason });
    },
  };
}

function commandAtPosition(
  bytes: Uint8Array,
  position: number,
  options: CommandTraceOptions,
): ParsedCommand | undefined {
  const parsed = parse(bytes, options);
  if (parsed === undefined) return undefined;
  let at = headerLengthOf(parsed, options);
  for (const command of parsed.commands) {
    if (at === position) return command;
    at += commandLength(command);
  }
  return undefined;
}

function parse(
  bytes: Uint8Array,
  { compressor, hasChecksum }: CommandTraceOptions,
): ParsedDatagram | undefined {
  const decompress = (packed: Uint8Array): Uint8Array | undefined => {
    const output = new Uint8Array(MAX_MTU);
    const size = compressor?.()?.decompress(packed, 0, packed.length, output, 0, MAX_MTU) ?? 0;
    return size > 0 ? output.subarray(0, size) : undefined;
  };
  if (hasChecksum !== true) return parseDatagram(bytes, { decompress });
  const header = bytes.length > 0 && ((bytes[0] ?? 0) << 8) & HEADER_SENT_TIME ? 4 : 2;
  if (bytes.length < header + 4) return undefined;
  const plain = new Uint8Array(bytes.length - 4);
  plain.set(bytes.subarray(0, header));
  plain.set(bytes.subarray(header + 4), header);
  return parseDatagram(plain, { decompress });
}

function headerLengthOf({ sentTime }: ParsedDatagram, { hasChecksum }: CommandTraceOptions): number {
  return (sentTime === undefined ? 2 : 4) + (hasChecksum === true ? 4 : 0);
}

const OPTION_NAMES: OptionNames<CommandTraceOptions> = { compressor: true, hasChecksum: true };
