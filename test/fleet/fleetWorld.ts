/** A server of rooms in virtual time, in a fleet whose sidecar has real sockets. */
import { setImmediate } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { AgonesFleet, type AgonesFleetOptions, AgonesSdk } from '../../src/fleet.ts';
import type { RoomServer } from '../../src/rooms/index.ts';
import { RoomGame } from '../rooms/roomGame.ts';
import { FakeSidecar } from './fakeSidecar.ts';

const closers: (() => unknown)[] = [];

/** Something that is undone with them. */
export function closeAfter(close: () => unknown): void {
  closers.push(close);
}

/** Closes all that were made. */
export async function closeWorlds(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** A server of rooms, its fleet, and the sidecar. */
export interface World {
  readonly game: RoomGame;
  readonly sidecar: FakeSidecar;
  readonly fleet: AgonesFleet;
  readonly errors: string[];
  /** Timers of the server's clock that wait. */
  readonly timers: Set<object>;
  /** Time goes by until something is so. */
  until(isSo: () => boolean): Promise<void>;
  /** Virtual time goes by, ms. */
  wait(ms: number): Promise<void>;
  /** What was asked since the last call. */
  news(): string[];
}

/** @param prepare for the sidecar, before anything asks it. */
export async function world(
  options: AgonesFleetOptions = {},
  prepare: (sidecar: FakeSidecar) => unknown = () => undefined,
): Promise<World> {
  const sidecar = await FakeSidecar.open();
  const game = new RoomGame();
  const timers = watchTimers(game.rooms);
  await prepare(sidecar);
  const sdk = new AgonesSdk({ url: sidecar.url, waitMs: 0 });
  const errors: string[] = [];
  const onError = (error: unknown, where: string): void => void errors.push(`${where}: ${String(error)}`);
  const fleet = new AgonesFleet(game.rooms, { sdk, onError, ...options });
  closers.push(
    () => sidecar.close(),
    () => sdk.close(),
    () => fleet.close(),
  );
  return {
    game,
    sidecar,
    fleet,
    errors,
    timers,
    async until(isSo) {
      // Each turn of Node moves the rooms by 10 ms.
      for (let turns = 0; !isSo(); turns++) {
        if (turns > 20_000)
          throw new Error(`it did not come, after ${JSON.stringify(sidecar.requests)}, ${errors}`);
        await game.run(1);
        await setImmediate();
      }
    },
    async wait(ms) {
      for (let passed = 0; passed < ms; passed += 10) {
        await game.run(1);
        await setImmediate();
      }
    },
    news: () => sidecar.requests.splice(0),
  };
}

function watchTimers({ ops }: RoomServer): Set<object> {
  const timers = new Set<object>();
  const start = ops.startTimer.bind(ops);
  vi.spyOn(ops, 'startTimer').mockImplementation((delayMs, callback) => {
    const key = {};
    timers.add(key);
    const timer = start(delayMs, () => {
      timers.delete(key);
      callback();
    });
    return {
      cancel() {
        timers.delete(key);
        timer.cancel();
      },
    };
  });
  return timers;
}

/** The fleet has started, and Agones knows. */
export const started = async (of: World): Promise<void> => {
  let isStarted: boolean | undefined;
  void of.fleet.start().then((is) => {
    isStarted = is;
  });
  await of.until(() => isStarted !== undefined);
  expect(isStarted).toBe(true);
  await of.until(() => of.fleet.gameServer?.state === 'Ready');
  of.news();
};
