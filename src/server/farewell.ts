/** Why a peer is disconnected, told to it: `ENetServerOptions.kickReasonEvent`. enet-server-module section 8, row 28. */
import type { Dictionary } from '../../codec/index.ts';
import { buildEvent, isEncodeFailure } from './packets.ts';
import type { PacketSender, Recipient } from './sending.ts';

/** The reason when no login came in time. */
export const LOGIN_TIMEOUT = 'Authentication timeout';

/** See the head of this file. */
export class Farewell {
  readonly #eventName: string | undefined;
  readonly #sender: PacketSender;

  /** @param eventName `undefined`: nobody is told. */
  constructor(eventName: string | undefined, sender: PacketSender) {
    this.#eventName = eventName;
    this.#sender = sender;
  }

  /** The reason goes behind everything that was sent before. An empty one is not told. */
  tell(to: Recipient, reason: string): void {
    const event = reason === '' ? undefined : this.#event(reason);
    if (event !== undefined) this.#sender.send(to, event, 0, true);
  }

  /** The same, encoded, for a network that has to end a login by itself. */
  loginTimeoutPacket(): Uint8Array | undefined {
    const event = this.#event(LOGIN_TIMEOUT);
    const packet = event && this.#sender.packetOf(event, true);
    return typeof packet === 'object' ? packet.bytes : undefined;
  }

  #event(reason: string): Dictionary | undefined {
    if (this.#eventName === undefined) return undefined;
    const event = buildEvent(this.#eventName, { reason });
    // The name was checked with the options, and the payload is a plain object.
    return isEncodeFailure(event) ? undefined : event;
  }
}
