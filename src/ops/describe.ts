/** Datagrams and commands in words, for the page and the command line. */
import { ENetPacketUtils, GodotJSON, type VariantInput, varToStr } from '../../codec/index.ts';
import type { Address, ParsedCommand } from '../enet/index.ts';

const MAX_TEXT = 240;
const MAX_HEX_BYTES = 48;

/** `ip:port`, with brackets around IPv6. */
export function formatAddress(address: Address): string {
  return address.ip.includes(':') ? `[${address.ip}]:${address.port}` : `${address.ip}:${address.port}`;
}

/** One command in one line, its payload decoded. */
export function describeCommand(command: ParsedCommand): string {
  switch (command.name) {
    case 'ACKNOWLEDGE':
      return `ACK ${channelName(command.channel)} #${command.receivedSeq}`;
    case 'CONNECT':
      return `CONNECT channels ${command.channelCount}, data ${command.data ?? 0}`;
    case 'VERIFY_CONNECT':
      return `VERIFY_CONNECT slot ${command.peerId}, channels ${command.channelCount}`;
    case 'DISCONNECT':
      return `DISCONNECT data ${command.data}`;
    case 'PING':
      return `PING #${command.reliableSeq}`;
    case 'BANDWIDTH_LIMIT':
      return `BANDWIDTH_LIMIT in ${command.incomingBandwidth}, out ${command.outgoingBandwidth} bytes/s`;
    case 'THROTTLE_CONFIGURE':
      return `THROTTLE_CONFIGURE every ${command.throttleInterval} ms, +${command.throttleAcceleration} -${command.throttleDeceleration}`;
    case 'SEND_FRAGMENT':
    case 'SEND_UNRELIABLE_FRAGMENT':
      return (
        `${command.name} ${channelName(command.channel)}, part ${command.fragmentNumber + 1} of ` +
        `${command.fragmentCount}, ${command.payload.length} of ${command.totalLength} bytes`
      );
    default:
      return `${command.name} ${channelName(command.channel)} #${command.reliableSeq} ${describePayload(command.payload)}`;
  }
}

function channelName(channel: number): string {
  return channel === 255 ? 'control' : `channel ${channel}`;
}

/** A payload as what ENetPacketUtils makes of it, or as hex when it makes nothing of it. */
export function describePayload(payload: Uint8Array): string {
  const value = ENetPacketUtils.decodeAuto(payload);
  if (value === null || value instanceof Uint8Array) return `${payload.length} bytes: ${hexOf(payload)}`;
  return cut(GodotJSON.stringify(value, '', false));
}

/** An argument of a call in Godot's notation, in one line; bytes by their number. */
export function describeArgument(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  try {
    return cut(varToStr(value as VariantInput).replaceAll('\n', ' '));
  } catch (error) {
    // A caller may have changed what it handed over into something that is no value.
    return `(${error instanceof Error ? error.message : String(error)})`;
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** The first bytes in hexadecimal, with an ellipsis when there are more. */
export function hexOf(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, MAX_HEX_BYTES), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  return bytes.length > MAX_HEX_BYTES ? `${shown}…` : shown;
}
