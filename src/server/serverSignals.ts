/** The signals of ENetServer and ENetClient with their arguments. enet-server-module sections 3 and 5. */

import type { VariantValue } from '../../codec/index.ts';
import type { OptionNames } from '../../options/internal.ts';
import type { ENetServerPeer } from './ENetServerPeer.ts';
import type { ReceivedDictionary } from './packets.ts';

/** The signals of an ENetServer. */
export interface ENetServerSignals {
  /** The server runs, on this port. */
  serverStarted: [port: number];
  /** The server has stopped. The last signal of a run. */
  serverStopped: [];
  /** A client has connected; `data` is the unsigned number it sent along (0 from an ENetClient). */
  peerConnecting: [peer: ENetServerPeer, data: number];
  /** A login packet arrived: call `peer.authenticate()` or `peer.reject()`. Emitted for each such packet. */
  peerPrelogin: [peer: ENetServerPeer, loginData: ReceivedDictionary];
  /** The peer was let in. Packets follow. */
  peerAuthenticated: [peer: ENetServerPeer];
  /** The connection has ended. The last signal of a peer, exactly one for every `peerConnecting`. */
  peerDisconnected: [peer: ENetServerPeer, reason: string];
  /** A packet arrived, decoded as `ENetPacketUtils.decode_auto` does (null when it is damaged). */
  packetReceived: [peer: ENetServerPeer, packet: VariantValue, channel: number];
  /** The same packet as it came. Do not change the bytes when other listeners use them. */
  rawPacketReceived: [peer: ENetServerPeer, data: Uint8Array, channel: number];
  /** An event arrived and its callback was called. */
  customEventReceived: [
    peer: ENetServerPeer,
    eventName: string,
    payload: ReceivedDictionary,
    channel: number,
  ];
  /** An event arrived for which no callback is registered; `packetReceived` follows. */
  unknownEventReceived: [
    peer: ENetServerPeer,
    eventName: string,
    payload: ReceivedDictionary,
    channel: number,
  ];
}

/** What is called when an event arrives at the server. It may be async. */
export type ServerEventCallback = (
  peer: ENetServerPeer,
  payload: ReceivedDictionary,
  channel: number,
) => void;

/** The signals of an ENetClient. */
export interface ENetClientSignals {
  /** The server has accepted. */
  connectedToServer: [];
  /** The connection has ended: by `disconnectFromServer`, by the server, or because it was lost. */
  disconnectedFromServer: [reason: string];
  /** An attempt to connect has failed. */
  connectionFailed: [reason: string];
  /** A packet arrived, decoded as `ENetPacketUtils.decode_auto` does (null when it is damaged). */
  packetReceived: [packet: VariantValue, channel: number];
  /** The same packet as it came. Do not change the bytes when other listeners use them. */
  rawPacketReceived: [data: Uint8Array, channel: number];
  /** An event arrived and its callback was called. */
  customEventReceived: [eventName: string, payload: ReceivedDictionary, channel: number];
  /** An event arrived for which no callback is registered; `packetReceived` follows. */
  unknownEventReceived: [eventName: string, payload: ReceivedDictionary, channel: number];
}

/** The names of {@link ENetServerSignals}. */
export const SERVER_SIGNAL_NAMES: OptionNames<ENetServerSignals> = {
  serverStarted: true,
  serverStopped: true,
  peerConnecting: true,
  peerPrelogin: true,
  peerAuthenticated: true,
  peerDisconnected: true,
  packetReceived: true,
  rawPacketReceived: true,
  customEventReceived: true,
  unknownEventReceived: true,
};

/** The names of {@link ENetClientSignals}. */
export const CLIENT_SIGNAL_NAMES: OptionNames<ENetClientSignals> = {
  connectedToServer: true,
  disconnectedFromServer: true,
  connectionFailed: true,
  packetReceived: true,
  rawPacketReceived: true,
  customEventReceived: true,
  unknownEventReceived: true,
};
