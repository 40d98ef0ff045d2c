/**
 * Whether a server has room for one more handshake, and who gives way when it has not: as in the ENet core, the oldest of
 * the most crowded address, handshakes before sessions that nobody uses. Whoever plays never gives way.
 */
import type { Address } from '../enet/index.ts';
import type { DtlsDropReason } from './endpoint.ts';
import type { DtlsServerLimits } from './limits.ts';
import type { Link, Remote, Remotes } from './remotes.ts';

/** What there may be too much of. */
export type Shortage = Extract<
  DtlsDropReason,
  'handshakesOfAddressFull' | 'handshakesFull' | 'sessionsOfAddressFull' | 'sessionsFull'
>;

/** Somebody who may give way. */
export interface Candidate {
  readonly remote: Remote;
  /** Its handshake or its session. */
  readonly link: Link;
}

/** See the head of this file. */
export class Room {
  readonly #remotes: Remotes;
  readonly #limits: DtlsServerLimits;
  readonly #isInUse: ((address: Address, isExact: boolean) => boolean) | undefined;

  /** @param isInUse whether a session is used; missing: all are. */
  constructor(
    remotes: Remotes,
    limits: DtlsServerLimits,
    isInUse: ((address: Address, isExact: boolean) => boolean) | undefined,
  ) {
    this.#remotes = remotes;
    this.#limits = limits;
    this.#isInUse = isInUse;
  }

  /** What there is too much of for one more handshake of a remote. */
  shortage(remote: Remote): Shortage | undefined {
    // It takes the place of the handshake that this address has under way.
    if (remote.pending !== undefined) return undefined;
    const { maxSessions, maxSessionsPerIp, maxHandshakes, maxHandshakesPerIp } = this.#limits;
    const group = this.#remotes.group(remote.group);
    if (group.handshakes >= maxHandshakesPerIp) return 'handshakesOfAddressFull';
    if (this.#remotes.pending.size >= maxHandshakes) return 'handshakesFull';
    if (remote.current !== undefined) return undefined;
    if (group.remotes >= maxSessionsPerIp) return 'sessionsOfAddressFull';
    return this.#remotes.size >= maxSessions ? 'sessionsFull' : undefined;
  }

  /** Who gives way to a newcomer. Where an address has too much, one of its own. */
  whoGivesWay({ group }: Remote, shortage: Shortage, now: number): Candidate | undefined {
    const isOwn = shortage === 'handshakesOfAddressFull' || shortage === 'sessionsOfAddressFull';
    const isSessions = shortage === 'sessionsFull' || shortage === 'sessionsOfAddressFull';
    const handshakes = this.#handshakes(isOwn ? group : undefined, isSessions);
    const handshake = chooseWhoGivesWay(handshakes, group, now);
    if (handshake !== undefined || !isSessions) return handshake;
    return this.#unusedSession(isOwn ? group : undefined, group, now);
  }

  *#handshakes(only: string | undefined, isSessions: boolean): Iterable<Candidate> {
    for (const remote of this.#remotes.pending) {
      if (remote.pending === undefined || (only !== undefined && remote.group !== only)) continue;
      // The place of one that has a session as well is not free without its handshake.
      if (!isSessions || remote.current === undefined) yield { remote, link: remote.pending };
    }
  }

  #unusedSession(only: string | undefined, newcomer: string, now: number): Candidate | undefined {
    const isInUse = this.#isInUse;
    if (isInUse === undefined) return undefined;
    const unused = new Set<Candidate>();
    for (const remote of this.#remotes.values()) {
      const link = remote.current;
      if (link === undefined || (only !== undefined && remote.group !== only)) continue;
      if (!isInUse(link.address, false)) unused.add({ remote, link });
    }
    for (;;) {
      const one = chooseWhoGivesWay(unused, newcomer, now);
      if (one === undefined || !isInUse(one.link.address, true)) return one;
      unused.delete(one);
    }
  }
}

/**
 * The oldest of the most crowded address, if it is old enough. One of an address with more than the newcomer's is old
 * enough earlier, and nobody gives way to a more crowded address.
 *
 * @param newcomer the `group` of the newcomer.
 */
function chooseWhoGivesWay(
  candidates: Iterable<Candidate>,
  newcomer: string,
  now: number,
): Candidate | undefined {
  const crowds = new Map<string, Crowd>();
  for (const candidate of candidates) {
    const crowd = crowds.get(candidate.remote.group);
    if (crowd === undefined) {
      crowds.set(candidate.remote.group, { count: 1, oldest: candidate });
      continue;
    }
    crowd.count += 1;
    if (candidate.link.since < crowd.oldest.link.since) crowd.oldest = candidate;
  }
  const own = crowds.get(newcomer)?.count ?? 0;
  let best: Crowd | undefined;
  for (const crowd of crowds.values()) {
    const graceMs = crowd.count > own + 1 ? GRACE_MS / CROWD_GRACE_DIVISOR : GRACE_MS;
    const isEligible = crowd.count >= own && now - crowd.oldest.link.since >= graceMs;
    if (isEligible && crowd.count > (best?.count ?? 0)) best = crowd;
  }
  return best?.oldest;
}

interface Crowd {
  count: number;
  oldest: Candidate;
}

/** How long a handshake, or a session that nobody uses yet, has its place for sure. As `HostOptions.halfOpenGraceMs`. */
const GRACE_MS = 1000;
const CROWD_GRACE_DIVISOR = 4;
