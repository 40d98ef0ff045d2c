/** Clients of ENetServer go from node to node, too: with their room, beside a stock client, and their marked events are handled once. */
import { afterEach, expect, test } from 'vitest';
import { createCompressor } from '../../../src/io/compression.ts';
import { ENetClient, type ReceivedDictionary } from '../../../src/server/index.ts';
import { HandoffWorld } from './world.ts';

let world: HandoffWorld;
const players: EventPlayer[] = [];
afterEach(async () => {
  for (const player of players.splice(0)) player.client.disconnectFromServer();
  await world.close();
});

/** A client, as `client_handoff.gd` makes one of a GodotEnetClient. */
class EventPlayer {
  readonly log: string[] = [];
  readonly unanswered: [number: number, value: number][] = [];
  client: ENetClient;
  readonly #ip: string;
  #plan: ReceivedDictionary | undefined;

  constructor(ip: string, address: string, name: string) {
    this.#ip = ip;
    this.client = this.#connect(address, { name });
    players.push(this);
  }

  mark(value: number): void {
    this.unanswered.push([value, value]);
    this.#send(value, value);
  }

  #connect(address: string, login: Readonly<Record<string, string>>): ENetClient {
    const [host = '', port = '0'] = address.split(':');
    const client = new ENetClient({ runtime: world.network.createRuntime(this.#ip), createCompressor });
    client.on('connectedToServer', () => client.sendPacket(login));
    client.on('unknownEventReceived', (name, payload) => {
      this.log.push(name);
      if (name === 'room_joined') client.triggerEvent('room_ready', { move: Number(payload.get('move')) });
      if (name === 'room_joined') for (const [number, value] of this.unanswered) this.#send(number, value);
      if (name === 'handoff_acked')
        while ((this.unanswered[0]?.[0] ?? Number.POSITIVE_INFINITY) <= Number(payload.get('number')))
          this.unanswered.shift();
      if (name === 'handoff_prepare') {
        this.#plan = payload;
        client.triggerEvent('handoff_prepared', { transfer: String(payload.get('transfer')), ready: true });
      }
      if (name === 'handoff_switch') {
        client.triggerEvent('handoff_left', { transfer: String(payload.get('transfer')) });
        client.disconnectFromServer();
        const addresses: unknown = this.#plan?.get('addresses');
        const there = addresses instanceof Map ? String(addresses.get('events')) : '';
        this.client = this.#connect(there, { handoff_ticket: String(this.#plan?.get('ticket')) });
      }
    });
    client.connectToServer(host, Number(port));
    return client;
  }

  #send(number: number, value: number): void {
    const payload = { run: 'one', number, event: 'add', payload: { number: value } };
    this.client.triggerEvent('handoff_marked', payload);
  }
}

test('a client of events and a stock client go with their room, there and back', async () => {
  world = await HandoffWorld.open(2);
  const [a, b] = [world.at(0), world.at(1)];
  const ann = world.join('ann', a);
  const eve = new EventPlayer('10.2.0.1', `${a.ip}:7778`, 'eve');
  const isThere = (node: typeof a): boolean =>
    node.rooms.players.length === 2 &&
    node.rooms.players.every(({ isAway, room }) => !isAway && room !== undefined);
  await world.until(
    () => isThere(a) && ann.isIn,
    5000,
    () => 'they are in',
  );
  const { id } = a.match;
  let said = 0;
  const each = (): void => {
    if (said < 200 && world.network.time % 20 < 10) eve.mark(++said);
  };
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    await world.run(200, each);
    await world.settle(from.handoff.moveRoom(id, to.id), each);
    await world.until(
      () => isThere(to) && ann.stage === 'playing',
      5000,
      () =>
        `they arrive at ${to.id}: ${eve.log.slice(-5)}; ${ann.stage}\n${[...a.lines, ...b.lines].slice(-12).join('\n')}`,
      each,
    );
    expect(to.rooms.player('eve')?.protocol).toBe('events');
  }
  await world.until(
    () => eve.unanswered.length === 0,
    5000,
    () => `${eve.unanswered.length} have no answer`,
  );
  expect(said).toBeGreaterThan(20);
  expect(a.match.heard.get('eve')).toEqual(Array.from({ length: said }, (_, i) => i + 1));
  expect(a.match.hooks.filter((hook) => /^(drop|leave)/.test(hook))).toEqual([]);
  expect([...a.errors, ...b.errors]).toEqual([]);
});
