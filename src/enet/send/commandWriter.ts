/** From an outgoing command to its bytes. enet-protocol 2.3. */

import { COMMAND_MASK, Command } from '../protocol.ts';
import type { OutgoingCommand } from '../state/outgoing.ts';

/** Writes one command with its payload; `buffer` has room for both from `at` on. */
export function writeCommand(buffer: Uint8Array, at: number, command: OutgoingCommand): void {
  buffer[at] = command.command;
  buffer[at + 1] = command.channelId;
  putU16(buffer, at + 2, command.reliableSeq);
  const { packet, length } = command;
  if (packet === undefined) {
    if (command.body !== undefined) buffer.set(command.body, at + 4);
    return;
  }
  switch (command.command & COMMAND_MASK) {
    case Command.SEND_RELIABLE:
      putU16(buffer, at + 4, length);
      break;
    case Command.SEND_UNRELIABLE:
      putU16(buffer, at + 4, command.unreliableSeq);
      putU16(buffer, at + 6, length);
      break;
    case Command.SEND_UNSEQUENCED:
      putU16(buffer, at + 4, command.startSeq);
      putU16(buffer, at + 6, length);
      break;
    default:
      putU16(buffer, at + 4, command.startSeq);
      putU16(buffer, at + 6, length);
      putU32(buffer, at + 8, command.fragmentCount);
      putU32(buffer, at + 12, command.fragmentNumber);
      putU32(buffer, at + 16, packet.bytes.length);
      putU32(buffer, at + 20, command.offset);
  }
  copyBytes(packet.bytes, command.offset, length, buffer, at + command.size);
}

/** For few bytes a loop beats `subarray` and `set`. */
function copyBytes(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): void {
  if (length > 48) {
    to.set(start === 0 && length === from.length ? from : from.subarray(start, start + length), at);
    return;
  }
  for (let i = 0; i < length; i++) to[at + i] = from[start + i] ?? 0;
}

/** Writes a big-endian u16; higher bits of `value` are cut off. */
export function putU16(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >>> 8;
  buffer[at + 1] = value;
}

/** Writes a big-endian u32. */
export function putU32(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >>> 24;
  buffer[at + 1] = value >>> 16;
  buffer[at + 2] = value >>> 8;
  buffer[at + 3] = value;
}
