/** Who may come in by number and rate: in all, and per address (IPv6: the first 64 bits). */
import { ConnectGate } from '../enet/index.ts';
import { limitKey, TokenBucket } from '../enet/internal.ts';
import type { WebSocketSettings } from './options.ts';
import { WebSocketRefusal } from './refusals.ts';

/** Counts that may not go above a limit, in all and for each key. */
class Crowd {
  readonly #counts = new Map<string, number>();
  readonly #max: number;
  readonly #maxPerKey: number;
  #total = 0;

  constructor(max: number, maxPerKey: number) {
    this.#max = max;
    this.#maxPerKey = maxPerKey;
  }

  isFull(): boolean {
    return this.#total >= this.#max;
  }

  isFullFor(key: string): boolean {
    return (this.#counts.get(key) ?? 0) >= this.#maxPerKey;
  }

  add(key: string): void {
    this.#total++;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  remove(key: string): void {
    const count = this.#counts.get(key) ?? 0;
    if (count === 0) return;
    this.#total--;
    if (count === 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
  }
}

/** The door of a server. Time is a parameter: the runtime's, in ms. */
export class Gate {
  readonly #connects: ConnectGate;
  readonly #peers: Crowd;
  readonly #halfOpen: Crowd;
  readonly #tlsRate: TokenBucket;

  constructor(settings: Pick<WebSocketSettings, 'limits' | 'connectRules'>, now: number) {
    const { limits, connectRules } = settings;
    this.#connects = new ConnectGate(connectRules);
    this.#peers = new Crowd(limits.maxPeers, limits.maxPeersPerAddress);
    this.#halfOpen = new Crowd(limits.maxHalfOpen, limits.maxHalfOpenPerAddress);
    this.#tlsRate = new TokenBucket({ perSec: limits.connectsPerSec, burst: limits.connectBurst }, now);
  }

  /** Why a TCP connection of this address is one too many; `undefined`: it counts from now on. */
  openTcp(ip: string): WebSocketRefusal | undefined {
    const key = limitKey(ip);
    if (this.#halfOpen.isFull() || this.#halfOpen.isFullFor(key)) return WebSocketRefusal.TOO_MANY_HALF_OPEN;
    this.#halfOpen.add(key);
    return undefined;
  }

  /** One of them became a WebSocket, or ended. */
  closeTcp(ip: string): void {
    this.#halfOpen.remove(limitKey(ip));
  }

  /** Why a connection of this address may not be, or is too soon; it counts for the rates. */
  refusalOf(ip: string, now: number): WebSocketRefusal | undefined {
    return this.#connects.refusalOf(ip, now);
  }

  /**
   * Why a TLS handshake is too soon, whoever it is for. A rate of its own: clients that are turned away one by one afterwards use up
   * nothing of the rate of those that come in.
   */
  refusalOfTls(now: number): WebSocketRefusal | undefined {
    return this.#tlsRate.take(now, 1) ? undefined : WebSocketRefusal.CONNECT_RATE;
  }

  /** Why a client of this address is one too many. */
  refusalByNumber(ip: string): WebSocketRefusal | undefined {
    if (this.#peers.isFull()) return WebSocketRefusal.HOST_FULL;
    return this.#peers.isFullFor(limitKey(ip)) ? WebSocketRefusal.TOO_MANY_FROM_ADDRESS : undefined;
  }

  /** A client is in. */
  enter(ip: string): void {
    this.#peers.add(limitKey(ip));
  }

  /** It is gone. */
  leave(ip: string): void {
    this.#peers.remove(limitKey(ip));
  }
}
