/**
 * The world of a test: a virtual network, its time, and those who live there. The tests of every room use this one; what
 * belongs to a room alone is a thin layer over it: hosts (test/enet/harness.ts), connections and multiplayer peers
 * (test/godot), servers with their clients (test/server/world.ts).
 */
import { SimNetwork, type SimNetworkOptions } from '../../src/testing/SimNetwork.ts';

/** Somebody who does something again and again, as a game does in each frame. */
export interface Ticking {
  tick(): void;
}

/** A virtual network and those who live on it. */
export class World<Member extends Ticking = Ticking> {
  readonly net: SimNetwork;
  /** Everybody who has ticks, in the order of their coming. */
  readonly members: Member[] = [];
  readonly #tickMs: number;
  #addresses = 0;

  /**
   * @param options of the network; a way takes 5 ms unless they say otherwise.
   * @param tickMs how far the ticks are apart.
   */
  constructor(options: SimNetworkOptions = {}, tickMs = 5) {
    this.net = new SimNetwork({ latencyMs: 5, ...options });
    this.#tickMs = tickMs;
  }

  /** An address that this has given to nobody yet: 10.0.0.1, 10.0.0.2, ... */
  nextIp(): string {
    this.#addresses++;
    return `10.0.${this.#addresses >> 8}.${this.#addresses & 255}`;
  }

  /** Gives somebody ticks from now on. */
  join<One extends Member>(one: One): One {
    this.members.push(one);
    return one;
  }

  /** Lets time pass, step by step; after each everybody has a tick. */
  run(ms: number, stepMs: number = this.#tickMs): void {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.net.advance(stepMs);
      this.tick();
    }
  }

  /** Everybody has a tick now. */
  tick(): void {
    for (const member of this.members) member.tick();
  }
}
