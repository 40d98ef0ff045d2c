/**
 * Rooms with real engines: two pages with the official Godot 4.6 and a client of ours over ENet go from room to room of one server,
 * while everybody calls. All rooms have the same scenes with the same paths (`rooms/game.ts`). After each move the client has the tree of
 * its room, value for value, bit for bit, and knows those who are there alone; nobody hears a word of another room. What engines print
 * as errors or warnings, and what our sides trace, is listed where it is expected; nowhere else is any.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Vector2 } from '../../../codec/index.ts';
import { peer } from '../../support/peers.ts';
import { Godot4 } from './engine.ts';
import { until } from './player.ts';
import { EngineGuest, type Guest, NativeGuest } from './rooms/guests.ts';
import type { Hall } from './rooms/Hall.ts';
import { RoomsGame } from './rooms/RoomsGame.ts';

const engine = peer('godot4');

/** The client of ours asks again after a second; an engine on a busy machine takes longer for a frame. */
const MAY_SAY = /^cid: SceneMultiplayer: peer \d+: it does not confirm .*; asked again/;

describe.skipIf(engine.isMissing)(`rooms with Godot 4.6${engine.note}`, { timeout: 90_000 }, () => {
  let game: RoomsGame;
  let godot: Godot4;
  let ada: EngineGuest;
  let bob: EngineGuest;
  const cid = new NativeGuest('cid');
  let a: Hall;
  let b: Hall;

  beforeAll(async () => {
    [game, godot] = await Promise.all([RoomsGame.open(), Godot4.open()]);
    [ada, bob] = await Promise.all([EngineGuest.open('ada', godot), EngineGuest.open('bob', godot)]);
    a = await game.room('lobby', { tag: 1 });
    b = await game.room('match', { tag: 2 });
    for (const guest of [ada, bob, cid]) await guest.join(game.ports, guest.name);
    await game.agree(a, [ada, bob, cid]);
  }, 90_000);
  afterAll(async () => {
    await cid.close();
    await game?.close();
    await godot?.close();
  });
  afterEach(() => {
    // What was sent to a room that its sender or its target has left meanwhile; `chatting` looks how many there are.
    const traced = game.lines.splice(0).filter((line) => !line.endsWith('(late)'));
    const lines = [...traced, ...[ada, bob, cid].flatMap((one) => one.complaints())];
    expect(lines.filter((line) => !MAY_SAY.test(line))).toEqual([]);
  });

  /** Everybody calls until this is done, and nobody hears a word of another room. */
  async function chatting(guests: readonly Guest[], action: () => Promise<void>): Promise<void> {
    const late = game.rooms.metrics().latePackets;
    for (const guest of guests) await guest.takeNotes();
    for (const room of [a, b]) {
      room.notes.length = 0;
      room.isChatty = true;
    }
    const before = await Promise.all(guests.map((guest) => guest.said()));
    for (const guest of guests) await guest.chat(true);
    await action();
    for (const guest of guests) await guest.chat(false);
    a.isChatty = false;
    b.isChatty = false;
    for (const room of [a, b])
      await game.agree(
        room,
        guests.filter((guest) => game.playerOf(guest).room === room),
      );
    const said = await Promise.all(guests.map((guest) => guest.said()));
    const heard = [a, b].flatMap((room) => room.notes);
    // 0: it had left the other one, and was not here yet.
    expect(heard.filter(({ tag, here }) => tag !== here && tag !== 0)).toEqual([]);
    let lost = 0;
    for (const [i, guest] of guests.entries())
      for (const what of ['ring', 'loud']) {
        const numbers = heard
          .filter((note) => note.what === what && note.sender === guest.id)
          .map(({ number }) => number)
          .toSorted((x, y) => x - y);
        expect(new Set(numbers).size, `${what} of ${guest.name}, each once`).toBe(numbers.length);
        lost += (said[i] ?? 0) - (before[i] ?? 0) - numbers.length;
      }
    expect(game.rooms.metrics().latePackets - late).toBeGreaterThanOrEqual(lost);
    for (const guest of guests) {
      const notes = await guest.takeNotes();
      expect(
        notes.filter(({ tag, here }) => tag !== here && tag !== 0 && here !== 0),
        guest.name,
      ).toEqual([]);
      for (const what of ['rung', 'answer', 'blink'])
        expect(
          notes.some((note) => note.what === what),
          `${what} at ${guest.name}`,
        ).toBe(true);
    }
  }

  /** Somebody has gone to a room, and can be called there, and call. */
  async function plays(guest: Guest, room: Hall): Promise<void> {
    const [from, input] = [room.notes.length, room.at(`Players/${guest.id}/Input`)];
    const since = (what: string): boolean =>
      room.notes
        .slice(from)
        .some((note) => note.what === what && note.sender === guest.id && note.tag === room.tag);
    await until(
      () =>
        since('ring') &&
        since('loud') &&
        since('ask') &&
        input.get('move') instanceof Vector2 &&
        Number(input.get('action')) > 0,
      () =>
        `${guest.name} plays in ${room.tag}: ${JSON.stringify(room.notes.slice(-5))}\n${game.lines.join('\n')}`,
    );
  }

  test('one goes there and back while everybody calls', async () => {
    await chatting([ada, bob, cid], async () => {
      await plays(ada, a);
      for (const room of [b, a, b, a]) {
        const from = ada.log.length;
        await game.playerOf(ada).moveTo(room);
        await ada.until(`welcome ${room.tag}`, from);
        await plays(ada, room);
      }
    });
  });

  test('all go at once, one by one, and past each other', async () => {
    const players = [ada, bob, cid].map((guest) => game.playerOf(guest));
    await chatting([ada, bob, cid], async () => {
      await Promise.all(players.map((player) => player.moveTo(b)));
      for (const guest of [ada, bob, cid]) await plays(guest, b);
      await players[0]?.moveTo(a);
      await Promise.all([players[0]?.moveTo(b), players[1]?.moveTo(a)]);
      await plays(ada, b);
      await plays(bob, a);
      for (const player of players) await player.moveTo(a);
    });
  });

  test('faster than the packets: many rooms before a client hears of the first', async () => {
    const players = [ada, cid].map((guest) => game.playerOf(guest));
    await chatting([ada, bob, cid], async () => {
      for (let round = 0; round < 5; round++) {
        for (const room of [b, a, b, a, b, a]) for (const player of players) await player.moveTo(room);
        for (const guest of [ada, bob, cid]) await plays(guest, a);
      }
    });
  });
});
