/** Seats against a naive model: none is sold twice, whatever comes in whatever order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SeatKind, type SeatRefusal, Seats } from '../../src/rooms/seats.ts';
import { fcParameters } from '../support/fc.ts';

const HOLDERS = ['ada', 'bob', 'cy', 'dan', 'eve', 'fay'] as const;
const NAMES = ['r1', 'r2', 'r3'] as const;

/** A list of everything that is taken, and one of everything that is kept: a line for each single seat. */
class Model {
  now = 0;
  counts = { player: 3, spectator: 1 };
  taken: { holder: string; kind: SeatKind; from: Kept | undefined }[] = [];
  kept: Kept[] = [];

  expire(): void {
    this.kept = this.kept.filter(({ untilMs }) => this.now < untilMs);
  }

  free(kind: SeatKind): number {
    const taken = this.taken.filter((one) => one.kind === kind).length;
    const kept = this.kept.filter((one) => one.kind === kind).reduce((sum, { left }) => sum + left, 0);
    return Math.max(0, this.counts[kind] - taken - kept);
  }

  take(holder: string, kind: SeatKind, name: string | undefined): SeatRefusal | undefined {
    this.expire();
    if (this.taken.some((one) => one.holder === holder)) return undefined;
    if (name === undefined) {
      if (this.free(kind) === 0) return 'full';
      this.taken.push({ holder, kind, from: undefined });
      return undefined;
    }
    const kept = this.kept.find((one) => one.name === name);
    if (kept === undefined || kept.left === 0) return 'reservation-unknown';
    if (kept.players?.includes(holder) === false) return 'reservation-of-others';
    kept.players = kept.players?.filter((player) => player !== holder);
    kept.left--;
    this.taken.push({ holder, kind: kept.kind, from: kept });
    return undefined;
  }

  leave(holder: string, givesBack: boolean): void {
    const one = this.taken.find((other) => other.holder === holder);
    this.taken = this.taken.filter((other) => other !== one);
    if (!givesBack || one?.from === undefined) return;
    one.from.left++;
    one.from.players?.push(holder);
  }

  reserve(
    name: string,
    kind: SeatKind,
    count: number,
    players: readonly string[] | undefined,
    forMs: number,
  ): 'full' | undefined {
    this.expire();
    if (this.kept.some((one) => one.name === name)) return undefined;
    if (this.free(kind) < count) return 'full';
    this.kept.push({ name, kind, left: count, players: players && [...players], untilMs: this.now + forMs });
    return undefined;
  }

  cancel(name: string): boolean {
    const had = (this.kept.find((one) => one.name === name)?.left ?? 0) > 0;
    this.kept = this.kept.filter((one) => one.name !== name);
    return had;
  }
}

interface Kept {
  readonly name: string;
  readonly kind: SeatKind;
  left: number;
  players: string[] | undefined;
  readonly untilMs: number;
}

const holder = fc.constantFrom(...HOLDERS);
const kind = fc.constantFrom<SeatKind>('player', 'player', 'spectator');
const act = fc.oneof(
  fc.record({
    act: fc.constant('take' as const),
    holder,
    kind,
    name: fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
  }),
  fc.record({ act: fc.constant('leave' as const), holder }),
  fc.record({ act: fc.constant('giveBack' as const), holder }),
  fc.record({
    act: fc.constant('reserve' as const),
    name: fc.constantFrom(...NAMES),
    kind,
    count: fc.integer({ min: 1, max: 3 }),
    players: fc.option(fc.uniqueArray(holder, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    forMs: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({ act: fc.constant('cancel' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
);

test('seats are as those of a naive model, and none is sold twice', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const model = new Model();
      const seats = new Seats(
        () => model.counts,
        () => undefined,
      );
      for (const one of acts) {
        if (one.act === 'take')
          expect(seats.take(one.holder, one.kind, one.name, model.now)).toBe(
            model.take(one.holder, one.kind, one.name),
          );
        if (one.act === 'leave') {
          seats.leave(one.holder);
          model.leave(one.holder, false);
        }
        if (one.act === 'giveBack') {
          seats.giveBack(one.holder);
          model.leave(one.holder, true);
        }
        if (one.act === 'reserve') {
          const { name, count, players, forMs } = one;
          expect(seats.reserve(name, one.kind, count, players, model.now + forMs, model.now)).toBe(
            model.reserve(name, one.kind, count, players, forMs),
          );
        }
        if (one.act === 'cancel') expect(seats.cancel(one.name)).toBe(model.cancel(one.name));
        if (one.act === 'wait') {
          model.now += one.ms;
          model.expire();
          seats.expire(model.now);
        }
        for (const of of ['player', 'spectator'] as const) {
          expect(seats.free(of)).toBe(model.free(of));
          expect(seats.taken(of) + seats.reserved(of)).toBeLessThanOrEqual(model.counts[of]);
        }
        for (const name of HOLDERS)
          expect(seats.kindOf(name)).toBe(model.taken.find((other) => other.holder === name)?.kind);
      }
    }),
    fcParameters(),
  );
});
