/** What a server keeps about the addresses that have shown a cookie: their sessions, and who gives way to whom. */

import type { Address } from '../enet/index.ts';
import { limitKey } from '../enet/internal.ts';
import type { DtlsSessionInfo } from './endpoint.ts';
import type { Session } from './session.ts';

/** One session of an address. */
export interface Link {
  readonly session: Session;
  /** The address with the number of this session: what comes through it, comes from here. */
  readonly address: Address;
  /** When its handshake began; once it is open: when it was opened. */
  since: number;
  /** What it agreed on, once it is open. */
  info: DtlsSessionInfo | undefined;
}

/** Everything about one remote address. */
export interface Remote {
  /** By which the table finds it. */
  readonly key: string;
  /** Its IP address, or the first 64 bits of an IPv6 address: what limits per address count. */
  readonly group: string;
  readonly ip: string;
  readonly port: number;
  /** The open session. */
  current: Link | undefined;
  /** The handshake under way. */
  pending: Link | undefined;
  /** The randoms of the latest hellos that began a handshake, the newest last. */
  readonly hellos: Uint8Array[];
  /** When somebody last had use of the open session. */
  usedAt: number;
}

/** How many sessions and handshakes an address has. */
interface Group {
  remotes: number;
  handshakes: number;
}

/** By which a server finds what it knows about an address. */
export function keyOf({ ip, port }: Address): string {
  return `${ip} ${port}`;
}

/** The addresses with a session or a handshake, counted by {@link Remote.group}. */
export class Remotes {
  /** Those with a handshake under way, the oldest first. */
  readonly pending: Set<Remote> = new Set();
  readonly #all = new Map<string, Remote>();
  readonly #groups = new Map<string, Group>();

  /** How many addresses there are. */
  get size(): number {
    return this.#all.size;
  }

  get(key: string): Remote | undefined {
    return this.#all.get(key);
  }

  values(): IterableIterator<Remote> {
    return this.#all.values();
  }

  /** How much the group of an address has. */
  group(group: string): Readonly<Group> {
    return this.#groups.get(group) ?? NOTHING;
  }

  /** A remote that is not in the table before it has a handshake. */
  create({ ip, port }: Address, key: string, now: number): Remote {
    const group = limitKey(ip);
    return { key, group, ip, port, current: undefined, pending: undefined, hellos: [], usedAt: now };
  }

  setPending(remote: Remote, link: Link): void {
    if (!this.#all.has(remote.key)) {
      this.#all.set(remote.key, remote);
      this.#count(remote.group, 1, 0);
    }
    remote.pending = link;
    this.pending.add(remote);
    this.#count(remote.group, 0, 1);
  }

  forgetPending(remote: Remote): void {
    if (remote.pending === undefined) return;
    remote.pending = undefined;
    this.pending.delete(remote);
    this.#count(remote.group, 0, -1);
    this.#forgetIfEmpty(remote);
  }

  forgetCurrent(remote: Remote): void {
    remote.current = undefined;
    this.#forgetIfEmpty(remote);
  }

  #forgetIfEmpty(remote: Remote): void {
    if (remote.current !== undefined || remote.pending !== undefined) return;
    if (this.#all.delete(remote.key)) this.#count(remote.group, -1, 0);
  }

  #count(name: string, remotes: number, handshakes: number): void {
    const group = this.#groups.get(name) ?? { remotes: 0, handshakes: 0 };
    group.remotes += remotes;
    group.handshakes += handshakes;
    if (group.remotes > 0) this.#groups.set(name, group);
    else this.#groups.delete(name);
  }
}

const NOTHING: Readonly<Group> = { remotes: 0, handshakes: 0 };
