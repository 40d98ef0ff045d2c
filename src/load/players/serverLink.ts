/** A player over ENetClient, for servers that are an ENetServer. */
import { Ticker } from '../../../schema/internal.ts';
import { createCompressor } from '../../io/internal.ts';
import { ConnectionStatus, ENetClient } from '../../server/index.ts';
import { messageOf } from '../statistics/problems.ts';
import { EnetMeter } from './enetMeter.ts';
import { causeText, isOfScript, type LinkParts, type PlayerLink } from './link.ts';
import { ServerPlayer } from './ServerPlayer.ts';

/** One player. */
export class ServerLink implements PlayerLink {
  readonly player: ServerPlayer;
  readonly meter: EnetMeter;
  readonly #parts: LinkParts;
  readonly #client: ENetClient;
  #lastTrace = '';
  #ticker: Ticker | undefined;
  #isOver = false;

  constructor(parts: LinkParts) {
    const { runtime, compression, events, tls } = parts;
    this.#parts = parts;
    this.meter = new EnetMeter(parts.meter, compression === 0 ? undefined : createCompressor(compression));
    this.#client = new ENetClient({
      runtime,
      createCompressor,
      host: { trace: this.meter.trace },
      lingerMs: LINGER_MS,
      onError: (error, where) => {
        if (isOfScript(where)) events.threw(where, error);
        else this.#lastTrace = messageOf(error);
      },
      onTrace: (line) => {
        this.#lastTrace = line;
      },
      ...(tls === undefined ? {} : { tls }),
    });
    this.player = new ServerPlayer(parts.player, this.#client);
    this.#client.on('connectedToServer', () => {
      if (!this.#isOver) events.joined();
    });
    this.#client.on('connectionFailed', () => this.#end('failed'));
    this.#client.on('disconnectedFromServer', () => this.#end('lost'));
    parts.setUp(this.player);
  }

  connect(): void {
    const { target, compression } = this.#parts;
    if (compression !== 0) this.#client.setCompressionMode(compression);
    const error = this.#client.connectToServer(target.host, target.port);
    if (error !== 0) this.#end('failed');
  }

  eachTick(callback: (deltaSec: number) => void): void {
    const { runtime, tickHz } = this.#parts;
    this.#ticker = new Ticker(runtime, tickHz, () => {
      if (!this.#isOver) callback(1 / tickHz);
    });
  }

  progress(): string {
    const isConnecting = this.#client.getConnectionStatus() === ConnectionStatus.STATUS_CONNECTING;
    return isConnecting ? 'not connected' : 'no attempt to connect';
  }

  close(): void {
    this.#isOver = true;
    this.#ticker?.stop();
    this.#client.disconnectFromServer();
  }

  #end(how: 'failed' | 'lost'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ticker?.stop();
    this.#parts.events[how](causeText(this.#client.disconnectCause, this.#lastTrace));
  }
}

/** How long what `onLeave` sends may take to arrive. */
const LINGER_MS = 500;
