/** A player of a game that speaks the protocol of ENetServer, as a bot script sees it. */

import { godotErrorName } from '../../godot/index.ts';
import type { ENetClient, EventPayload, PacketInput, ReceivedDictionary } from '../../server/index.ts';
import { ANSWER_MS, LoadPlayer, type PlayerParts } from './LoadPlayer.ts';

/** A client of an `ENetServer`. */
export class ServerPlayer extends LoadPlayer {
  /** What it speaks. */
  readonly protocol: 'enet-server' = 'enet-server' as const;
  /** Its connection. */
  readonly client: ENetClient;

  /** @internal */
  constructor(parts: PlayerParts, client: ENetClient) {
    super(parts);
    this.client = client;
  }

  /**
   * Sends a packet to the server.
   *
   * @throws Error when it is refused on this side.
   */
  send(packet: PacketInput, channel: number = 0, reliable: boolean = true): void {
    checkSent('send', this.client.sendPacket(packet, channel, reliable));
  }

  /**
   * Sends an event to the server.
   *
   * @throws Error when it is refused on this side.
   */
  trigger(eventName: string, payload: EventPayload, channel: number = 0, reliable: boolean = true): void {
    checkSent(`trigger ${eventName}`, this.client.triggerEvent(eventName, payload, channel, reliable));
  }

  /**
   * Waits for the next event of a name.
   *
   * @returns its payload; rejected when there is none in `timeoutMs`, or the player leaves.
   */
  nextEvent(eventName: string, timeoutMs: number = ANSWER_MS): Promise<ReceivedDictionary> {
    return this.waitFor<ReceivedDictionary>(`event ${eventName}`, timeoutMs, (found) => {
      const listener = (name: string, payload: ReceivedDictionary): void => {
        if (name === eventName) found(payload);
      };
      this.client.on('customEventReceived', listener).on('unknownEventReceived', listener);
      return () => {
        this.client.off('customEventReceived', listener).off('unknownEventReceived', listener);
      };
    });
  }

  /**
   * Waits for the next packet that is no event with a callback.
   *
   * @param accepts says whether a packet is the one that is meant. Default: every one is.
   * @returns the packet; rejected when there is none in `timeoutMs`, or the player leaves.
   */
  nextPacket(
    accepts: (packet: unknown) => boolean = () => true,
    timeoutMs: number = ANSWER_MS,
  ): Promise<unknown> {
    return this.waitFor<unknown>('packet', timeoutMs, (found) => {
      const listener = (packet: unknown): void => {
        if (accepts(packet)) found(packet);
      };
      this.client.on('packetReceived', listener);
      return () => {
        this.client.off('packetReceived', listener);
      };
    });
  }
}

function checkSent(call: string, error: number): void {
  if (error !== 0) throw new Error(`${call}: ${godotErrorName(error)}`);
}
