/** A server with a login, and a game with the add-on's client in the engine, for all tests of a file. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { ENetServer, type ENetServerPeer } from '../../../../src/server.ts';
import { AddonGame } from './AddonGame.ts';

/** What the tests play with. */
export interface AddonWorld {
  /** Lets in who has the password `secret`, and welcomes them. */
  readonly server: ENetServer;
  /** The game; there from the first test on. */
  readonly game: AddonGame;
  /** Why players have left. */
  readonly left: readonly string[];
  /** The id of the newest player. */
  id(): number;
  /** Sends bytes as they are to the player. */
  sendRaw(data: Uint8Array): number;
  /** Connects with the right login, unless it is connected. */
  joined(): Promise<void>;
  /** Lets everything arrive that was sent so far, and gives the signals of that time. */
  signalsOf(action: () => unknown): Promise<string[]>;
}

/**
 * Starts both for the tests of the `describe` around it.
 *
 * @param isAllowed - whether the engine may print an error in the test of this name; any other fails its test.
 */
export function useAddonWorld(isAllowed: (testName: string, error: string) => boolean): AddonWorld {
  const server = new ENetServer({
    bindAddress: '127.0.0.1',
    kickReasonEvent: 'kicked',
    keepSettingsOnStop: true,
  });
  const left: string[] = [];
  let started: AddonGame | undefined;
  let player: ENetServerPeer | undefined;
  let errorsSeen = 0;

  server.setCustomAuthenticator((who, login) => {
    if (login.get('password') === 'secret') return true;
    who.reject(`no account for ${login.get('name')}`);
    return false;
  });
  server.on('peerAuthenticated', (who) => {
    player = who;
    who.sendPacket({ _event: 'welcome', id: who.peerId }, 0, true);
  });
  server.on('peerDisconnected', (_who, reason) => left.push(reason));

  const game = (): AddonGame => {
    if (started === undefined) throw new Error('the game has not started');
    return started;
  };
  const id = (): number => player?.peerId ?? 0;

  beforeAll(async () => {
    expect(server.createServer(0, 8)).toBe(0);
    started = await AddonGame.open();
  });
  beforeEach(() => {
    game().port = server.getLocalPort();
  });
  afterEach(({ task }) => {
    const errors = game().errors.slice(errorsSeen);
    errorsSeen += errors.length;
    expect(errors.filter((line) => !isAllowed(task.name, line))).toEqual([]);
  });
  afterAll(async () => {
    await started?.close();
    server.stopServer();
  });

  return {
    server,
    get game() {
      return game();
    },
    left,
    id,
    sendRaw: (data) => player?.sendRawPacket(data, 0, true) ?? -1,
    joined: async () => {
      if ((await game().do('is_logged_in')) === true) return;
      const from = game().signals.length;
      await game().do('configure', { login: { name: 'Eve', password: 'secret' }, welcome_event: 'welcome' });
      expect(await game().do('connect_to_server', 'game.test', 7777)).toBe(0);
      await game().saw('logged_in', from);
    },
    signalsOf: async (action) => {
      const from = game().signals.length;
      await action();
      server.triggerEvent(id(), 'settled', {});
      await game().saw('event_received("settled"', from);
      return game()
        .signals.slice(from)
        .filter((line) => !line.includes('"settled"'));
    },
  };
}
