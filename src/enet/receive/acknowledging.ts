/** Acknowledgements from the remote, and the round-trip estimate they feed. enet-protocol 6.9 and 6.10. */
import { disconnectWhenDone, giveUp, notifyConnect } from '../connection.ts';
import { DropReason } from '../dropReason.ts';
import { COMMAND_MASK, CONTROL_CHANNEL, Command, PeerState, WINDOW_SHIFT } from '../protocol.ts';
import { isBefore, timeDifference } from '../sequence.ts';
import { MAX_WRONG_ECHOES } from '../state/handshakeProof.ts';
import type { HostRecord } from '../state/hostRecord.ts';
import type { OutgoingCommand } from '../state/outgoing.ts';
import { outgoingCharge, type PeerRecord } from '../state/peerRecord.ts';
import { closeThrottleEpoch, throttleBySample } from '../throttle.ts';
import { Handled, type Reader } from './reader.ts';

/** enet-protocol 6.9. */
export function handleAcknowledge(host: HostRecord, peer: PeerRecord, reader: Reader): Handled {
  const { state } = peer;
  if (state === PeerState.DISCONNECTED || state === PeerState.ZOMBIE) return Handled.CONTINUE;
  const channelId = reader.u8(1);
  const seq = reader.u16(4);
  const echoed = reader.u16(6);
  const command = peer.inFlightTable(channelId)?.get(seq);
  if (state === PeerState.ACKNOWLEDGING_CONNECT) return finishHandshake(host, peer, reader, command, echoed);
  // W15: what matches nothing in flight must not steer the estimates.
  if (command === undefined || !isAnswer(peer, command)) {
    if (command === undefined && isLate(peer, channelId, seq)) {
      host.totalLateAcknowledgements = (host.totalLateAcknowledgements + 1) >>> 0;
    } else {
      host.drop(DropReason.BAD_ACKNOWLEDGE, peer);
    }
    return state === PeerState.DISCONNECTING ? Handled.ABORT : Handled.CONTINUE;
  }
  let sentTime = ((host.now & 0xffff0000) | echoed) >>> 0;
  if ((sentTime & 0x8000) > (host.now & 0x8000)) sentTime = (sentTime - 0x10000) >>> 0;
  if (isBefore(host.now, sentTime)) {
    host.drop(DropReason.BAD_ACKNOWLEDGE, peer);
    return Handled.CONTINUE;
  }
  accept(host, peer, command, sentTime);
  if (state === PeerState.DISCONNECTING) reader.event = giveUp(host, peer);
  else disconnectWhenDone(host, peer);
  return Handled.CONTINUE;
}

/**
 * W7: only who received VERIFY_CONNECT knows its number and the sentTime that went with it. Whoever shows a few times
 * that they do not know them has forged their address, and the handshake ends.
 */
function finishHandshake(
  host: HostRecord,
  peer: PeerRecord,
  reader: Reader,
  command: OutgoingCommand | undefined,
  echoed: number,
): Handled {
  const sentTime = peer.verifySentAt?.get(echoed);
  if (
    command === undefined ||
    sentTime === undefined ||
    (command.command & COMMAND_MASK) !== Command.VERIFY_CONNECT
  ) {
    host.drop(DropReason.BAD_ACKNOWLEDGE, peer);
    host.proof.guessed(host.now);
    if (++peer.wrongEchoes >= MAX_WRONG_ECHOES) host.reset(peer);
    return Handled.ABORT;
  }
  accept(host, peer, command, sentTime);
  reader.event = notifyConnect(host, peer);
  return Handled.CONTINUE;
}

/** Takes an acknowledgement of a command that was sent at `sentTime`, host time in ms. */
function accept(host: HostRecord, peer: PeerRecord, command: OutgoingCommand, sentTime: number): void {
  estimate(host, peer, Math.max(timeDifference(host.now, sentTime), 1));
  peer.lastReceiveTime = Math.max(host.now, 1);
  peer.earliestTimeout = 0;
  remove(peer, command, command.channelId, command.reliableSeq);
  host.commands.release(command);
  host.pending.add(peer.slot);
}

/** Whether what is no longer in flight was sent once. A disconnect forgets what was (7.1), so then nothing is known. */
function isLate(peer: PeerRecord, channelId: number, seq: number): boolean {
  const table = peer.inFlightTable(channelId);
  return table === undefined ? peer.state === PeerState.DISCONNECTING : table.wasSent(seq);
}

/** Whether the acknowledgement can be one of this command in the peer's state. */
function isAnswer(peer: PeerRecord, command: OutgoingCommand): boolean {
  switch (peer.state) {
    case PeerState.CONNECTING:
      // CONNECT is answered by VERIFY_CONNECT, never acknowledged (2.2). C would wait for ever after this.
      return false;
    case PeerState.DISCONNECTING:
      return (command.command & COMMAND_MASK) === Command.DISCONNECT;
    default:
      return true;
  }
}

/** enet-protocol 6.9 step 6. */
function remove(peer: PeerRecord, command: OutgoingCommand, channelId: number, seq: number): void {
  peer.outgoingBytes -= outgoingCharge(command);
  if (channelId === CONTROL_CHANNEL) {
    peer.controlInFlight.delete(command);
  } else {
    const channel = peer.channel(channelId);
    channel.inFlight.delete(command);
    const window = seq >> WINDOW_SHIFT;
    const left = (channel.windowCount[window] ?? 0) - 1;
    if (left >= 0) {
      channel.windowCount[window] = left;
      if (left === 0) channel.usedWindows &= ~(1 << window);
    }
  }
  if (command.isInFlight) {
    peer.sentReliable.remove(command);
    peer.reliableInTransit -= command.length;
  } else if (command.packet === undefined) {
    peer.outgoing.remove(command);
  } else {
    peer.outgoingReliable.remove(command);
  }
  const head = peer.sentReliable.head;
  if (head !== undefined) peer.nextTimeout = (head.sentTime + head.timeoutMs) >>> 0;
}

/** enet-protocol 6.10, with 6.11 before and after it. */
function estimate(host: HostRecord, peer: PeerRecord, sample: number): void {
  if (peer.lastReceiveTime === 0) {
    peer.rtt = sample;
    peer.rttVariance = (sample + 1) >> 1;
  } else {
    throttleBySample(peer, sample);
    peer.rttVariance -= peer.rttVariance >> 2;
    const distance = Math.abs(sample - peer.rtt);
    peer.rttVariance += distance >> 2;
    peer.rtt += sample >= peer.rtt ? distance >> 3 : -(distance >> 3);
  }
  peer.lowestRtt = Math.min(peer.lowestRtt, peer.rtt);
  peer.highestRttVariance = Math.max(peer.highestRttVariance, peer.rttVariance);
  closeThrottleEpoch(host.now, peer);
}
