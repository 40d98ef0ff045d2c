/** The server of a live game: players in browsers and native ones, in one room. */
import type { MultiplayerPeer } from '../../../src/godot.ts';
import { ENetMultiplayerPeer } from '../../../src/godot.ts';
import type { SceneMultiplayerOptions } from '../../../src/multiplayer.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../../src/websocket.ts';
import { OwnPlayer } from './OwnPlayer.ts';
import { type Player, until } from './player.ts';

/** A server of ours for browsers and native players. */
export class Arena extends OwnPlayer {
  readonly web = new WebSocketMultiplayerPeer();
  readonly enet = new ENetMultiplayerPeer();
  #marks = 0;

  private constructor(options: Partial<SceneMultiplayerOptions>) {
    super('server', options);
  }

  /** Opens the server on ports that the system chooses. */
  static async open(
    options: Partial<SceneMultiplayerOptions> = {},
    join = (parts: readonly MultiplayerPeer[]): MultiplayerPeer => new JoinedMultiplayerPeer(parts),
  ): Promise<Arena> {
    const arena = new Arena(options);
    const { web, enet } = arena;
    enet.setBindIp('127.0.0.1');
    const errors = [web.createServer(0, '127.0.0.1'), await web.whenListening(), enet.createServer(0)];
    if (errors.some((error) => error !== 0)) throw new Error(`the server does not open: ${errors.join()}`);
    arena.multiplayer.multiplayerPeer = join([enet, web]);
    return arena;
  }

  /** Where browsers connect to. */
  get url(): string {
    return `ws://127.0.0.1:${this.web.localPort}`;
  }

  /** Where native players connect to. */
  get port(): number {
    return this.enet.host?.getLocalPort() ?? 0;
  }

  /** Lets players join, and waits until everybody knows everybody. */
  async gather(browsers: readonly Player[], natives: readonly OwnPlayer[] = []): Promise<void> {
    const all = [...browsers, ...natives];
    const froms = all.map(({ log }) => log.length);
    const from = this.log.length;
    for (const one of browsers) await one.join(this.url);
    for (const one of natives) one.joinNatively(this.port);
    for (const [i, one] of all.entries()) {
      await one.until('+1', froms[i]);
      await this.until(`+${one.id}`, from);
    }
    for (const [i, one] of this.multiplayer.serverRelay ? all.entries() : [])
      for (const other of all) if (one !== other) await one.until(`+${other.id}`, froms[i]);
  }

  /**
   * Waits until whatever was sent so far has arrived everywhere: each tells all others a number, behind everything else.
   *
   * @param players who is connected, but the server.
   */
  async settle(players: readonly Player[]): Promise<void> {
    const number = ++this.#marks;
    const all = [this, ...players];
    await Promise.all(all.map((one) => one.rpc('Mark', 0, 'mark', number)));
    const isRelayed = this.multiplayer.serverRelay;
    for (const one of all)
      for (const other of all) {
        if (one === other || (!isRelayed && one !== this && other !== this)) continue;
        const mark = `${other.id} [${number}]`;
        await until(
          () => one.marks.has(mark),
          () => `mark ${mark} at ${one.name}`,
        );
      }
  }
}
