/** The TCP connections of a server's own port that are no WebSockets yet. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** One of them. */
interface HalfOpen {
  readonly socket: Socket;
  readonly ip: string;
  /** Address and port of the remote. Not unique: a port may be in use again before the end of its last connection was told. */
  readonly place: string;
  readonly since: number;
}

/** All of them, in the order in which they came. */
export class HalfOpens {
  readonly #all = new Map<Duplex, HalfOpen>();
  readonly #released: (ip: string) => void;

  /** @param released hears once of each that became a WebSocket or ended. */
  constructor(released: (ip: string) => void) {
    this.#released = released;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** Takes one, until it ends or {@link HalfOpens.isThrough}. */
  add(socket: Socket, ip: string, now: number): void {
    this.#all.set(socket, { socket, ip, place: placeOf(socket), since: now });
    socket.once('close', () => this.#release(socket));
  }

  /**
   * One became a WebSocket.
   *
   * @param socket the connection itself, or what TLS put around it: then the youngest one of its address and port is meant.
   */
  isThrough(socket: Socket): void {
    if (this.#all.has(socket)) {
      this.#release(socket);
      return;
    }
    const place = placeOf(socket);
    let found: HalfOpen | undefined;
    for (const one of this.#all.values()) if (one.place === place) found = one;
    if (found !== undefined) this.#release(found.socket);
  }

  /** Those that are older than so many ms, the oldest first. */
  *late(now: number, ms: number): Generator<Pick<HalfOpen, 'socket' | 'ip'>> {
    for (const one of this.#all.values()) {
      if (((now - one.since) | 0) < ms) return;
      yield one;
    }
  }

  /** Ends all. */
  destroy(): void {
    for (const { socket } of this.#all.values()) socket.destroy();
  }

  #release(socket: Duplex): void {
    const one = this.#all.get(socket);
    if (one === undefined) return;
    this.#all.delete(socket);
    this.#released(one.ip);
  }
}

function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
