/** What clients have, and what rooms have sold, beside what has to be. */
import type { Player, RoomServer } from '../../../src/rooms/index.ts';
import { type SimBot, valuesOf } from './SimBot.ts';
import { SimRoom } from './SimRoom.ts';

/** What is otherwise than it has to be, once all is quiet. @param heard the calls that rooms have executed. */
export function differencesOf(
  bots: readonly SimBot[],
  rooms: RoomServer,
  heard: ReadonlySet<number>,
): string[] {
  const found: string[] = [];
  let missing = 0;
  for (const bot of bots) {
    found.push(...bot.faults);
    bot.stays.forEach(({ tag, calls }, index) => {
      const arrived = calls.filter((number) => heard.has(number));
      if (arrived.join() !== calls.slice(0, arrived.length).join())
        found.push(`${bot.name}: of its calls in ${tag} some are missing in between`);
      if (bot.isOver) return;
      missing += calls.length - arrived.length;
      if (index === bot.stays.length - 1 && arrived.length < calls.length)
        found.push(`${bot.name}: ${calls.length - arrived.length} of its calls were not heard`);
    });
    if (!bot.isOver) found.push(...differencesOfOne(bot, rooms.playerOf(bot.id)));
  }
  const latePackets = rooms.metrics().refusals.get('late') ?? 0;
  if (missing > latePackets)
    found.push(`${missing} calls were not heard, and ${latePackets} packets were late`);
  return found;
}

function differencesOfOne(bot: SimBot, player: Player | undefined): string[] {
  const room = player?.room;
  if (!(room instanceof SimRoom)) {
    const where = player === undefined ? 'is no player' : player.isAway ? 'is away' : 'is in no room';
    return [`${bot.name} ${where}`];
  }
  const found: string[] = [];
  if (bot.tag !== room.tag) found.push(`${bot.name} believes to be in ${bot.tag}, not ${room.tag}`);
  const nodes = room.mirror.getNode('/root/Main/Players')?.getChildren() ?? [];
  const [has, wanted] = [bot.values.join(' '), nodes.map(valuesOf).sort().join(' ')];
  if (has !== wanted) found.push(`${bot.name} in ${room.tag} has ${has}, not ${wanted}`);
  const others = [...room.players.values()].filter((other) => other !== player && !other.isAway);
  const peers = sorted(bot.multiplayer.getPeers().filter((id) => id !== 1));
  const members = sorted(others.map(({ peerId }) => peerId));
  if (peers !== members) found.push(`${bot.name} knows ${peers}, not ${members}`);
  const { tag, numbers } = bot.keptBefore ?? { tag: 0, numbers: [] };
  const [kept, got] = [numbers.join(), bot.kept.slice(0, numbers.length).join()];
  // Its room may have ended before it could be told anything.
  if (bot.stays[0]?.tag === tag && kept !== got)
    found.push(`${bot.name} was kept ${kept}, and has got ${got}`);
  if (new Set(bot.kept).size !== bot.kept.length) found.push(`${bot.name} has got a kept call twice`);
  return found;
}

/** Seats that are sold twice, and members who are elsewhere. */
export function seatFaultsOf(rooms: readonly SimRoom[]): string[] {
  const found: string[] = [];
  for (const room of rooms) {
    const members = [...room.players.values()];
    const spectators = members.filter((player) => room.isSpectator(player)).length;
    const players = members.length - spectators;
    if (
      players + room.freeSeats() > room.maxPlayers ||
      spectators + room.freeSeats('spectator') > room.maxSpectators
    )
      found.push(`${room.id} has sold a seat twice: ${players} players, ${spectators} spectators`);
    for (const player of members)
      if (player.room !== room) found.push(`${player.id} is in the list of ${room.id}, and elsewhere`);
  }
  return found;
}

function sorted(ids: readonly number[]): string {
  return ids.toSorted((a, b) => a - b).join();
}
