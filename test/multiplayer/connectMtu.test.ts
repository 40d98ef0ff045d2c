/**
 * The CONNECT of real clients (golden/dialects/sessions) tells their version by its MTU: an ENetMultiplayerPeer hands it on, and a
 * SceneMultiplayer makes of it, and of the answer to its question, what it says.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDatagram } from '../../src/enet/commands.ts';
import { JoinedMultiplayerPeer } from '../../src/websocket/JoinedMultiplayerPeer.ts';
import { attached, FakeHost } from '../io/support.ts';
import { Game } from './game.ts';
import { confirmId, confirmPath, idOf } from './wireRoom.ts';

interface Session {
  readonly ids: { readonly c1: number };
  readonly datagrams: { readonly c1: readonly (readonly [ms: number, side: string, hex: string])[] };
}

/** A client that is played by hand: it says what it is told to, and answers by hand as well. */
class Recorded {
  readonly id: number;
  readonly game = new Game([], () => undefined);
  readonly #host = new FakeHost();
  readonly #port = attached(this.game.network.createRuntime('10.0.1.1').attach(this.#host, {}));

  constructor(version: string) {
    const file = new URL(`../../golden/dialects/sessions/${version}.json`, import.meta.url);
    const { ids, datagrams }: Session = JSON.parse(readFileSync(file, 'utf8'));
    this.id = ids.c1;
    this.#send(datagrams.c1[0]?.[2] ?? '');
    // The acknowledgement of VERIFY_CONNECT has the time in it.
    this.#send(`80000001 01ff00010001${this.#received()[0]?.slice(4, 8)}`);
  }

  /** The question for its version. */
  get question(): string {
    for (const hex of this.#received()) {
      const commands = parseDatagram(Buffer.from(hex, 'hex'))?.commands ?? [];
      for (const command of commands) {
        if ('payload' in command && command.payload[0] === 1)
          return Buffer.from(command.payload).toString('hex');
      }
    }
    throw new Error('it was not asked');
  }

  /** The first reliable packet. */
  say(hex: string): void {
    this.#send(`80000002 8600 0001 ${(hex.length / 2).toString(16).padStart(4, '0')} ${hex}`);
  }

  #send(hex: string): void {
    this.#port.sendRaw(Buffer.from(hex.replaceAll(' ', ''), 'hex'), { ip: '10.0.0.1', port: 7777 });
    this.game.run(5);
    this.#port.service();
  }

  #received(): string[] {
    return this.#host.received.map(({ bytes }) => Buffer.from(bytes).toString('hex'));
  }
}

describe.each([
  ['4.0', ['4.0', '4.1'], '4.0'],
  ['4.1', ['4.0', '4.1'], '4.0'],
  ['4.2', ['4.2', '4.7'], '4.2'],
  ['4.3', ['4.2', '4.7'], '4.3'],
] as const)('the CONNECT of Godot %s', (version, [oldest, newest], dialect) => {
  test(`says ${oldest} to ${newest}; with its answer it is ${dialect}`, () => {
    const client = new Recorded(version);
    const { multiplayer, peer } = client.game.server;
    expect(multiplayer.getPeers()).toEqual([client.id]);
    expect(peer.versionHintOf(client.id)).toEqual({ oldest, newest });
    expect(multiplayer.dialectOf(client.id)).toBeUndefined();
    client.say(version < '4.3' ? confirmPath('.') : confirmId(idOf(client.question)));
    expect(multiplayer.dialectOf(client.id)).toBe(dialect);
  });
});

test('nobody knows anything of an id that nobody has, of a server, and of who is gone', () => {
  const game = new Game([], () => undefined);
  const client = game.join();
  const joined = new JoinedMultiplayerPeer([game.server.peer]);
  game.run(20);
  const id = client.multiplayer.getUniqueId();
  const { peer } = game.server;
  expect([peer.versionHintOf(id)?.oldest, peer.versionHintOf(1), peer.versionHintOf(7)]).toEqual([
    '4.2',
    undefined,
    undefined,
  ]);
  expect([joined.versionHintOf(id)?.oldest, joined.versionHintOf(7)]).toEqual(['4.2', undefined]);
  expect(client.peer.versionHintOf(1)).toBeUndefined();
  peer.disconnectPeer(id, true);
  expect(peer.versionHintOf(id)).toBeUndefined();
});
