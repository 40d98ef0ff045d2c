/** What holds in every tick of every story, against the slow twin. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Matchmaker, type MatchmakerTick, type MatchTicket } from '../../src/rooms.ts';
import {
  commonStrings,
  isMatchable,
  isNear,
  type SlowTicket,
  slowSizes,
} from '../reference/slowMatchmaker.ts';
import { fcParameters } from '../support/fc.ts';
import { type Story, stories } from './arbitrary.ts';

/** So many wait at most, so that the twin can try all sets. */
const MOST = 9;

/** The twin's view of a queue: who waits, and which rooms have which seats. */
class Watched {
  readonly story: Story;
  readonly waiting = new Map<string, SlowTicket>();
  readonly rooms = new Map<string, { room: SlowTicket; seats: readonly number[] }>();
  matches = 0;
  backfills = 0;

  constructor(story: Story) {
    this.story = story;
  }

  get byAge(): SlowTicket[] {
    return [...this.waiting.values()].sort(
      (a, b) => a.sinceMs - b.sinceMs || (a.ticket.id < b.ticket.id ? -1 : 1),
    );
  }

  others(one: SlowTicket): SlowTicket[] {
    return [...this.waiting.values()].filter((other) => other !== one);
  }

  /** Takes tickets out of those that wait: each of them waits, as it was added. */
  take(tickets: readonly MatchTicket[]): SlowTicket[] {
    return tickets.map((ticket) => {
      const slow = this.waiting.get(ticket.id);
      if (slow === undefined) throw new Error(`${ticket.id} was matched, but does not wait`);
      expect(slow.ticket.players).toEqual(ticket.players);
      this.waiting.delete(ticket.id);
      return slow;
    });
  }

  expectNear(set: readonly SlowTicket[], now: number, oldest: SlowTicket): void {
    for (const [i, a] of set.entries())
      for (const b of set.slice(i + 1)) expect(isNear(this.story.queue, a, b, now, oldest)).toBe(true);
    expect(commonStrings(this.story.queue, set)).toBe(true);
  }

  tick({ matches, backfills, expired }: MatchmakerTick, now: number): void {
    const { queue } = this.story;
    for (const { ticket, waitedMs } of expired) {
      this.take([ticket]);
      expect(waitedMs).toBeGreaterThanOrEqual(queue.maxWaitMs ?? Number.POSITIVE_INFINITY);
    }
    for (const { sinceMs } of this.byAge)
      expect(now - sinceMs).toBeLessThan(queue.maxWaitMs ?? Number.POSITIVE_INFINITY);
    if (queue.backfill === 'first') this.checkRooms(backfills, now);
    for (const match of matches) {
      const before = this.byAge;
      const set = match.teams.map(({ tickets }) =>
        tickets.map((ticket) => before.find((slow) => slow.ticket.id === ticket.id)),
      );
      const all = set.flat().filter((slow) => slow !== undefined);
      const oldest = before.find((slow) => all.includes(slow));
      if (oldest === undefined) throw new Error('nobody of the match waits');
      // Nobody older could have been matched among those who were left.
      for (const older of before.slice(0, before.indexOf(oldest)))
        expect(isMatchable(queue, older, this.others(older), now)).toBe(false);
      this.expectNear(all, now, oldest);
      for (const [name, value] of Object.entries(match.strings))
        for (const { ticket } of all)
          expect([ticket.strings?.[name] ?? queue.strings?.[name]?.values ?? []].flat()).toContain(value);
      const sizes = new Set(match.teams.map(({ players }) => players.length));
      expect(sizes.size).toBe(1);
      expect(slowSizes(queue, oldest, now)).toContain([...sizes][0]);
      expect(match.teams).toHaveLength(queue.teams ?? 1);
      for (const team of match.teams)
        expect(team.players).toEqual(team.tickets.flatMap(({ players }) => players));
      expect(match.waitedMs).toBe(Math.max(0, now - oldest.sinceMs));
      this.take(match.teams.flatMap(({ tickets }) => tickets));
      this.matches++;
    }
    if (queue.backfill === 'last') this.checkRooms(backfills, now);
    for (const left of this.waiting.values())
      expect(isMatchable(queue, left, this.others(left), now)).toBe(false);
  }

  /** Rooms got who fits, no more than they had seats for; one that got nobody could not have got anybody. */
  checkRooms(backfills: MatchmakerTick['backfills'], now: number): void {
    for (const { request, teams, seats } of backfills) {
      const known = this.rooms.get(request.id);
      if (known === undefined) throw new Error(`${request.id} looks for nobody`);
      const came = this.take(teams.flatMap(({ tickets }) => tickets));
      expect(came.length).toBeGreaterThan(0);
      // The range of a room counts for who comes into it.
      this.expectNear([known.room, ...came], now, known.room);
      expect(seats).toEqual(known.seats.map((free, team) => free - (teams[team]?.players.length ?? 0)));
      for (const free of seats) expect(free).toBeGreaterThanOrEqual(0);
      this.rooms.delete(request.id);
      if (seats.some((free) => free > 0)) this.rooms.set(request.id, { ...known, seats });
      this.backfills++;
    }
    const served = new Set(backfills.map(({ request }) => request.id));
    for (const [id, { room, seats }] of this.rooms) {
      if (served.has(id)) continue;
      for (const one of this.waiting.values()) {
        const fits =
          one.ticket.players.length <= Math.max(...seats) &&
          isNear(this.story.queue, room, one, now, room) &&
          commonStrings(this.story.queue, [room, one]);
        // With 'last' the room chose after the matches, with 'first' before: in both who is left now was there.
        expect(fits).toBe(false);
      }
    }
  }
}

/** Tells a matchmaker a story, and looks at every tick. */
function tell(story: Story, onTick?: (matchmaker: Matchmaker) => Matchmaker): Watched {
  let matchmaker = new Matchmaker({ queues: { game: story.queue } });
  const watched = new Watched(story);
  let now = 100;
  for (const step of story.steps) {
    if (step.kind === 'add') {
      if (watched.waiting.size >= MOST) continue;
      const added = matchmaker.add(step.ticket, now, step.sinceMs);
      expect(added).toEqual({ ok: true, isNew: !watched.waiting.has(step.ticket.id) });
      if (added.ok && added.isNew)
        watched.waiting.set(step.ticket.id, { ticket: step.ticket, sinceMs: step.sinceMs ?? now });
    } else if (step.kind === 'room') {
      const { request } = step;
      const added = matchmaker.addBackfill(request, now);
      if (request.seats.every((free) => free === 0))
        expect(added).toEqual({
          ok: watched.rooms.has(request.id),
          ...(watched.rooms.has(request.id) ? { isNew: false } : { reason: 'seats', property: 'seats' }),
        });
      else {
        expect(added).toEqual({ ok: true, isNew: !watched.rooms.has(request.id) });
        if (!watched.rooms.has(request.id))
          watched.rooms.set(request.id, {
            ...{ seats: request.seats, room: { ticket: { ...request, players: ['room'] }, sinceMs: now } },
          });
      }
    } else if (step.kind === 'cancel') {
      const id = `t${step.index}`;
      expect(matchmaker.cancel(id)).toBe(watched.waiting.delete(id));
    } else {
      now += step.afterMs;
      if (onTick !== undefined) matchmaker = onTick(matchmaker);
      watched.tick(matchmaker.tick(now), now);
      expect(matchmaker.size).toBe(watched.waiting.size);
      for (const [i, { ticket }] of watched.byAge.entries())
        expect(matchmaker.stateOf(ticket.id, now)?.position).toBe(i + 1);
    }
  }
  return watched;
}

test('no ticket in two matches, ranges respected, the oldest first, and nobody waits who could be matched', () => {
  let [matches, backfills] = [0, 0];
  const parameters = fcParameters(300);
  fc.assert(
    fc.property(stories, (story) => {
      const watched = tell(story);
      matches += watched.matches;
      backfills += watched.backfills;
    }),
    parameters,
  );
  // What is looked at happens.
  expect(matches).toBeGreaterThan(parameters.numRuns);
  expect(backfills).toBeGreaterThan(parameters.numRuns / 10);
});

test('from a snapshot another one carries on with the same results', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const matchmaker = new Matchmaker({ queues: { game: story.queue } });
      let other = matchmaker;
      let now = 100;
      for (const step of story.steps) {
        for (const one of new Set([matchmaker, other])) {
          if (step.kind === 'add') one.add(step.ticket, now, step.sinceMs);
          else if (step.kind === 'room') one.addBackfill(step.request, now);
          else if (step.kind === 'cancel') one.cancel(`t${step.index}`);
        }
        if (step.kind !== 'tick') continue;
        const text = JSON.stringify(matchmaker.snapshot());
        const carriesOn = new Matchmaker({ queues: { game: story.queue } });
        expect(carriesOn.restore(JSON.parse(text), now)).toEqual([]);
        expect(JSON.stringify(carriesOn.snapshot())).toBe(text);
        now += step.afterMs;
        const result = matchmaker.tick(now);
        if (other !== matchmaker) expect(other.tick(now)).toEqual(result);
        // The next steps are told to both.
        other = new Matchmaker({ queues: { game: story.queue } });
        other.restore(matchmaker.snapshot(), now);
        expect(carriesOn.tick(now)).toEqual(result);
      }
    }),
    fcParameters(150),
  );
});

test('the same calls give the same results', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const play = (): unknown[] => {
        const results: unknown[] = [];
        tell(story, (matchmaker) => {
          results.push(matchmaker.snapshot());
          return matchmaker;
        });
        return results;
      };
      expect(play()).toEqual(play());
    }),
    fcParameters(30),
  );
});
