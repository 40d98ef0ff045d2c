/** Datagrams as an attacker makes them. */
import { buildDatagram, type ParsedCommand } from '../../src/enet/commands.ts';

/** A datagram with one command. */
export function datagramOf(
  peerId: number,
  session: number,
  command: ParsedCommand,
  sentTime = 1,
): Uint8Array {
  const rest = new Uint8Array(0);
  return buildDatagram({ peerId, session, isCompressed: false, sentTime, commands: [command], rest });
}

/** A DISCONNECT that asks for no answer. */
export function disconnectDatagram(peerId: number, session: number): Uint8Array {
  return datagramOf(peerId, session, {
    name: 'DISCONNECT',
    wantsAcknowledge: false,
    isUnsequenced: true,
    channel: 255,
    reliableSeq: 1,
    data: 0,
  });
}

/** An ACKNOWLEDGE of VERIFY_CONNECT, as somebody sends it who has not seen that. */
export function blindAcknowledge(peerId: number, session: number, echo: number): Uint8Array {
  return datagramOf(peerId, session, {
    name: 'ACKNOWLEDGE',
    wantsAcknowledge: false,
    isUnsequenced: false,
    channel: 255,
    reliableSeq: 1,
    receivedSeq: 1,
    receivedSentTime: echo & 0xffff,
  });
}

/** A CONNECT with this id. */
export function connectDatagram(connectId: number): Uint8Array {
  return datagramOf(0x0fff, 0, {
    name: 'CONNECT',
    wantsAcknowledge: true,
    isUnsequenced: false,
    channel: 255,
    reliableSeq: 1,
    peerId: 0,
    inSession: 255,
    outSession: 255,
    mtu: 1392,
    windowSize: 65_536,
    channelCount: 2,
    incomingBandwidth: 0,
    outgoingBandwidth: 0,
    throttleInterval: 5000,
    throttleAcceleration: 2,
    throttleDeceleration: 2,
    connectId,
    data: 0,
  });
}
