/** What must compile for clock, inputs and rewind, and what must not. Checked by tsc. */
import { type VariantValue, Vector2 } from '../../codec/index.ts';
import type { MirrorNode } from '../../schema/index.ts';
import {
  type ClockEstimate,
  NetworkTime,
  type PlayerInput,
  type RewoundWorld,
  type SceneMultiplayer,
  WorldHistory,
} from '../../src/multiplayer.ts';

declare const multiplayer: SceneMultiplayer;
declare const node: MirrorNode;

// The type of an input is what `readInput` returns.
const typed = new NetworkTime(multiplayer, {
  tickHz: 20,
  readInput: (value) => (value instanceof Vector2 ? { aim: value } : undefined),
});
typed.on('input', ({ value, tick, missed }) => {
  const aim: Vector2 = value.aim;
  const numbers: number[] = [tick, missed, aim.x];
  void numbers;
  // @ts-expect-error it is no Vector2 itself
  void value.x;
});
const inputs: readonly PlayerInput<{ aim: Vector2 }>[] = typed.recentInputs(2);
void inputs;
// @ts-expect-error there is no such signal
typed.on('inputs', () => {});

// Without it, a value.
new NetworkTime(multiplayer, { tickHz: 20 }).on('input', ({ value }) => {
  const any: VariantValue = value;
  void any;
});
// @ts-expect-error the rate is needed
new NetworkTime(multiplayer, {});

const clock: ClockEstimate | undefined = typed.clockOf(2);
void clock?.driftPpm?.toFixed(1);

const world = new WorldHistory(multiplayer, typed, { nodes: 'targets' });
const then: RewoundWorld = world.rewind(2, 1.5);
// @ts-expect-error a node may not have been there
void then.positionOf(node).x;
const place = then.positionOf(node);
if (place instanceof Vector2) void place.x;
// @ts-expect-error which nodes must be said
new WorldHistory(multiplayer, typed, {});
