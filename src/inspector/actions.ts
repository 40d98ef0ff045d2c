/** What operators do: read from JSON of whoever has sent it, and done at the source. */
import { strToVar, TextError, type VariantValue } from '../../codec/index.ts';
import { canonicalIp } from '../enet/internal.ts';
import { GodotError, godotErrorName } from '../godot/index.ts';
import { Refused } from './access/requests.ts';
import type { ActionAnswer, ActionName, BanRow } from './protocol.ts';
import { ActionError, type Source } from './sources/Source.ts';
import { oneLine } from './sources/texts.ts';
import { fieldsOf, readFlag, readNumber, readText } from './views.ts';

/** A server with the addresses that the console has banned. */
export interface ActedServer {
  readonly source: Source;
  readonly bans: Bans;
}

/** Addresses that may not connect to one server. Whoever comes from one is put out at once. */
export class Bans {
  /** Until when, by canonical address; Infinity: until the end. */
  readonly #until = new Map<string, number>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** All of them. */
  rows(): BanRow[] {
    return Array.from(this.#until, ([address, untilMs]) => ({
      address,
      ...(Number.isFinite(untilMs) && { untilMs }),
    }));
  }

  /** @throws ActionError when there are too many. */
  add(address: string, untilMs: number): void {
    if (this.#until.size >= MAX_BANS && !this.#until.has(address))
      throw new ActionError(409, `there are ${MAX_BANS} banned addresses already; use "deny" for more`);
    this.#until.set(address, untilMs);
    this.#tell();
  }

  /** @returns whether it was banned. */
  remove(address: string): boolean {
    const was = this.#until.delete(address);
    if (was) this.#tell();
    return was;
  }

  /** Lets those in again whose time is over. */
  expire(nowMs: number): void {
    let isOther = false;
    for (const [address, untilMs] of this.#until)
      if (untilMs <= nowMs) isOther = this.#until.delete(address) || isOther;
    if (isOther) this.#tell();
  }

  #tell(): void {
    this.#source.setBanned(new Set(this.#until.keys()));
  }
}

/**
 * Does what is asked for.
 *
 * @param servers by number.
 * @param canCall whether methods may be called by hand.
 * @throws (as rejection) Refused or ActionError with the status that says why not.
 */
export async function act(
  asked: unknown,
  servers: ReadonlyMap<number, ActedServer>,
  canCall: boolean,
): Promise<ActionAnswer> {
  const fields = fieldsOf(asked);
  const action = readText(fields['action'], 'action', 40) as ActionName;
  const server = servers.get(readNumber(fields['server'], 'server', 1, Number.MAX_SAFE_INTEGER));
  if (server === undefined) throw new ActionError(404, 'there is no such server');
  const isOffered = (server.source.actions as readonly string[]).includes(action);
  if (!isOffered || !Object.hasOwn(ACTIONS, action))
    throw new ActionError(409, `this server has no action ${JSON.stringify(action)}`);
  if (action === 'call' && !canCall)
    throw new ActionError(403, 'calls by hand need a token, and a login with it');
  const text = oneLine(await ACTIONS[action](server, fields));
  server.source.events.add('action', text);
  return { text };
}

type Fields = Readonly<Record<string, unknown>>;

const ACTIONS: Readonly<
  Record<ActionName, (server: ActedServer, fields: Fields) => string | Promise<string>>
> = {
  kick: ({ source }, fields) => {
    const peer = readText(fields['peer'], 'peer');
    source.kick(peer, optionalText(fields, 'reason', 200) ?? '');
    return `Kicked ${peer}.`;
  },
  ban: ({ source, bans }, fields) => {
    const peer = optionalText(fields, 'peer', 500);
    const row = peer === undefined ? undefined : source.peers().find(({ key }) => key === peer);
    const given = optionalText(fields, 'address', 100) ?? row?.address;
    if (given === undefined)
      throw new ActionError(peer === undefined ? 400 : 404, 'there is no address to ban');
    const address = addressOf(given);
    const minutes = fields['minutes'];
    const forMs =
      minutes === undefined ? Number.POSITIVE_INFINITY : readNumber(minutes, 'minutes', 1, 525_600) * 60_000;
    bans.add(address, Date.now() + forMs);
    const reason = optionalText(fields, 'reason', 200) ?? 'Banned';
    let count = 0;
    for (const { key, address: own, state } of source.peers()) {
      if (own === undefined || state === 'away' || (canonicalIp(own) ?? own) !== address) continue;
      source.kick(key, reason);
      count++;
    }
    return `Banned ${address}; ${count} connections of it were ended.`;
  },
  unban: ({ bans }, fields) => {
    const address = addressOf(readText(fields['address'], 'address', 100));
    if (!bans.remove(address)) throw new ActionError(404, `${address} is not banned`);
    return `${address} may connect again.`;
  },
  message: ({ source }, fields) => {
    const text = readText(fields['text'], 'text', 2000);
    if (text === '') throw new Refused(400, '"text" is empty.');
    const peer = optionalText(fields, 'peer', 500);
    const room = optionalText(fields, 'room', 500);
    source.message({ ...(peer !== undefined && { peer }), ...(room !== undefined && { room }) }, text);
    return `Told ${peer ?? (room === undefined ? 'everybody' : `the room ${room}`)}: ${text}`;
  },
  move: async ({ source }, fields) => {
    const peer = readText(fields['peer'], 'peer');
    const room = readText(fields['room'], 'room');
    await source.move(peer, room);
    return `Moved ${peer} to ${room}.`;
  },
  closeRoom: async ({ source }, fields) => {
    const room = readText(fields['room'], 'room');
    await source.closeRoom(room);
    return `Closed the room ${room}.`;
  },
  lockRoom: ({ source }, fields) => {
    const room = readText(fields['room'], 'room');
    const isLocked = readFlag(fields['isLocked'], 'isLocked');
    source.lockRoom(room, isLocked);
    return isLocked ? `Locked the room ${room}.` : `Opened the room ${room}.`;
  },
  door: ({ source }, fields) => {
    const acceptsPeers = readFlag(fields['acceptsPeers'], 'acceptsPeers');
    source.setDoor(acceptsPeers);
    return acceptsPeers ? 'New connections are taken.' : 'New connections are refused.';
  },
  call: ({ source }, fields) => {
    const room = optionalText(fields, 'room', 500);
    const trees = source.trees();
    const tree = room === undefined ? trees[0] : trees.find(({ id }) => id === room);
    const path = readText(fields['node'], 'node', 2000);
    const node = tree?.mirror.root.getNode(path);
    if (tree?.multiplayer === undefined || node === undefined)
      throw new ActionError(404, `there is no node ${path}`);
    const method = readText(fields['method'], 'method', 200);
    const peerId = readNumber(fields['peerId'], 'peerId', -2_147_483_648, 2_147_483_647);
    const text = readText(fields['args'], 'args', 10_000);
    const error = tree.multiplayer.rpcTo(peerId, node, method, readArguments(text));
    if (error !== GodotError.OK)
      throw new ActionError(409, `the call was not sent: ${godotErrorName(error as GodotError)}`);
    return `Called ${path}.${method}(${text}) at ${peerId === 0 ? 'all' : peerId}.`;
  },
};

function optionalText(fields: Fields, name: string, most: number): string | undefined {
  const value = fields[name];
  return value === undefined || value === null ? undefined : readText(value, name, most);
}

/** @throws Refused 400 for what is no address. */
function addressOf(text: string): string {
  const address = canonicalIp(text);
  if (address === undefined) throw new Refused(400, `${JSON.stringify(text)} is no IP address.`);
  return address;
}

/** @throws Refused 400 for what cannot be read. */
function readArguments(text: string): readonly VariantValue[] {
  // What ends the list too early would leave the rest unread.
  const list = `[${text}${text.trim() === '' ? '' : ','}"${LAST}"]`;
  let value: VariantValue;
  try {
    value = strToVar(list, { exact: true });
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new Refused(400, `The arguments cannot be read: ${error.message}`);
  }
  if (!Array.isArray(value) || value.at(-1) !== LAST)
    throw new Refused(400, 'The arguments cannot be read: a bracket too many.');
  return value.slice(0, -1) as readonly VariantValue[];
}

const LAST = 'end of the arguments';
const MAX_BANS = 1000;
