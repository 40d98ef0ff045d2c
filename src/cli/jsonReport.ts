/** Dissected datagrams as JSON, one object per line. Values stand in Godot's native notation (`JSON.from_native`). */

import { Dictionary, Float, fromNative } from '../../codec/index.ts';
import type { DissectedCommand, DissectedDatagram, DissectedPacket } from '../dissect/internal.ts';
import { escapeUnprintable } from './printable.ts';

/**
 * The line of a datagram, without line end. Nothing is lost: `bytes` and `payload` are the bytes in hexadecimal.
 *
 * @param datagram - What the dissector gave.
 */
export function datagramJson(datagram: DissectedDatagram): string {
  const { captured, header, checksum } = datagram;
  const line = write({
    index: datagram.index,
    timeMs: captured.timeMs,
    from: captured.from,
    to: captured.to,
    bytes: hex(captured.bytes),
    isDecrypted: captured.isDecrypted,
    ...header,
    compression: datagram.compression,
    checksum: checksum && {
      value: checksum.value,
      isRight: checksum.isRight ?? null,
      text: checksum.text,
    },
    commands: datagram.commands.map(commandObject),
    rest: hex(datagram.rest),
    problem: datagram.problem,
  });
  return escapeForJson(line);
}

/** JSON text with unprintable characters, which stand in strings only, as escapes. */
export function escapeForJson(json: string): string {
  return escapeUnprintable(json, (code) => `\\u${code.toString(16).padStart(4, '0')}`);
}

function commandObject({ command, packet, note, problem }: DissectedCommand): object {
  return {
    ...command,
    ...('payload' in command ? { payload: hex(command.payload) } : {}),
    packet: packet && packetObject(packet),
    note,
    problem,
  };
}

function packetObject({ bytes, content }: DissectedPacket): object {
  const notes = [...content.notes];
  const value =
    content.value === undefined
      ? undefined
      : fromNative(content.value, true, {
          onError: ({ path, message }) => notes.push(`${path} became null: ${message}`),
        });
  return {
    length: bytes.length,
    type: content.type,
    value,
    problem: content.problem,
    notes: notes.length > 0 ? notes : undefined,
  };
}

/**
 * JSON as everybody reads it. FLOATs keep their point, so that they stay FLOATs; JSON has no infinities and no NaN, so
 * these become the texts "inf", "-inf" and "nan".
 */
function write(value: unknown): string {
  if (value instanceof Float) return floatText(value.value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields: string[] = [];
  for (const [key, item] of value instanceof Dictionary ? value : Object.entries(value)) {
    if (item !== undefined) fields.push(`${JSON.stringify(String(key))}:${write(item)}`);
  }
  return `{${fields.join(',')}}`;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '"nan"';
  if (!Number.isFinite(value)) return value > 0 ? '"inf"' : '"-inf"';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
