/** The fields of a room that have limits. */
import { describe, isIntegerIn } from '../../options/internal.ts';
import { MAX_SEATS } from './seats.ts';

/** Those fields, and the name of its kind. */
export interface RoomFields {
  readonly kind: string;
  readonly tickHz: number;
  readonly stepsPerTick: number;
  readonly maxCatchUp: number;
  readonly maxPlayers: number;
  readonly maxSpectators: number;
  readonly authMs: number;
  readonly graceMs: number | undefined;
  readonly emptyMs: number;
}

/** @throws RangeError naming a field that is out of range. */
export function checkFields(room: RoomFields): void {
  const { tickHz, stepsPerTick, maxCatchUp, maxPlayers, maxSpectators, graceMs, emptyMs, authMs } = room;
  const check = (name: string, value: unknown, isGood: boolean, expected: string): void => {
    if (!isGood)
      throw new RangeError(`"${name}" of ${room.kind} expected ${expected}, got ${describe(value)}`);
  };
  check(
    'tickHz',
    tickHz,
    typeof tickHz === 'number' && tickHz > 0 && tickHz <= 1000,
    'above 0, at most 1000',
  );
  check('stepsPerTick', stepsPerTick, isIntegerIn(stepsPerTick, 1, 100), '1..100');
  check('maxCatchUp', maxCatchUp, isIntegerIn(maxCatchUp, 1, 1000), '1..1000');
  check('maxPlayers', maxPlayers, isIntegerIn(maxPlayers, 1, MAX_SEATS), `1..${MAX_SEATS}`);
  check('maxSpectators', maxSpectators, isIntegerIn(maxSpectators, 0, MAX_SEATS), `0..${MAX_SEATS}`);
  check('authMs', authMs, isIntegerIn(authMs, 1, 3_600_000), '1..3600000');
  check('emptyMs', emptyMs, isIntegerIn(emptyMs, 0, 86_400_000), '0..86400000');
  check('graceMs', graceMs, graceMs === undefined || isIntegerIn(graceMs, 0, 86_400_000), '0..86400000');
}
