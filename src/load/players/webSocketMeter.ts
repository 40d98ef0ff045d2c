/** Measures a client over WebSocket: it pings the server, which every WebSocket answers by itself (RFC 6455, 5.5.2). */
import type { Timer } from '../../runtime/index.ts';
import type { WsModule, WsSocket } from '../../websocket/internal.ts';
import type { MeterParts, TransportMeter } from './meter.ts';

/** What the meter needs beside. */
export interface WebSocketMeterParts extends MeterParts {
  /** Calls a function once after some milliseconds. */
  readonly startTimer: (delayMs: number, callback: () => void) => Timer;
  /** Bytes of packets so far. */
  readonly traffic: () => { readonly bytesSent: number; readonly bytesReceived: number };
}

/** The meter of one connection. */
export class WebSocketMeter implements TransportMeter {
  /** The package `ws`, for `WebSocketMultiplayerPeer`: its sockets are measured. */
  readonly ws: WsModule;
  readonly reliableSent = 0;
  readonly resent = 0;
  heardAtMs = 0;
  readonly #parts: WebSocketMeterParts;
  /** When the ping left that has no answer yet. */
  #pingedAt: number | undefined;

  constructor(parts: WebSocketMeterParts, ws: WsModule) {
    this.#parts = parts;
    const attach = (socket: WsSocket): void => this.#attach(socket);
    this.ws = {
      WebSocketServer: ws.WebSocketServer,
      WebSocket: class extends ws.WebSocket {
        constructor(...args: ConstructorParameters<WsModule['WebSocket']>) {
          super(...args);
          attach(this);
        }
      },
    };
  }

  get sentBytes(): number {
    return this.#parts.traffic().bytesSent;
  }

  get receivedBytes(): number {
    return this.#parts.traffic().bytesReceived;
  }

  #attach(socket: WsSocket): void {
    const { nowMs, roundTrip } = this.#parts;
    const heard = (): void => {
      this.heardAtMs = nowMs();
    };
    socket.on('message', heard);
    socket.on('upgrade', () => {
      heard();
      this.#wait(socket);
    });
    socket.on('pong', () => {
      heard();
      if (this.#pingedAt !== undefined) roundTrip(this.heardAtMs - this.#pingedAt);
      this.#pingedAt = undefined;
    });
  }

  #wait(socket: WsSocket): void {
    this.#parts.startTimer(PING_MS, () => {
      // Whoever closes it takes all listeners off, so that nobody hears of the end here.
      if (socket.readyState > OPEN) return;
      if (this.#pingedAt === undefined && socket.readyState === OPEN) {
        this.#pingedAt = this.#parts.nowMs();
        socket.ping();
      }
      this.#wait(socket);
    });
  }
}

/** As often as ENet pings a connection on which nothing else happens. */
const PING_MS = 500;
/** `readyState` of a socket on which something can be sent. */
const OPEN = 1;
