/** The server of a live game: players in browsers and native ones, in one room. */
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

  /**
   * Opens the server on ports that the system chooses.
   *
   * @param ports - of a server that was there before, which comes again.
   */
  static async open(
    options: Partial<SceneMultiplayerOptions> = {},
    ports: { readonly tcp: number; readonly udp: number } = { tcp: 0, udp: 0 },
  ): Promise<Arena> {
    const arena = new Arena(options);
    const { web, enet } = arena;
    enet.setBindIp('127.0.0.1');
    const errors = [
      web.createServer(ports.tcp, '127.0.0.1'),
      await web.whenListening(),
      enet.createServer(ports.udp),
    ];
    if (errors.some((error) => error !== 0)) throw new Error(`the server does not open: ${errors.join()}`);
    arena.multiplayer.multiplayerPeer = new JoinedMultiplayerPeer([enet, web]);
    return arena;
  }

  /** Where it listens. */
  get ports(): { readonly tcp: number; readonly udp: number } {
    return { tcp: this.web.localPort, udp: this.port };
  }

  /** Where browsers connect to. */
  get url(): string {
    return `ws://127.0.0.1:${this.web.localPort}`;
  }

  /** Where native players connect to. */
  get port(): number {
    return this.enet.host?.getLocalPort() ?? 0;
  }

  /** Lets players join, and waits until they and those who are present know each other. */
  async gather(
    browsers: readonly Player[],
    natives: readonly OwnPlayer[] = [],
    present: readonly Player[] = [],
  ): Promise<void> {
    const fresh: readonly Player[] = [...browsers, ...natives];
    const all = [this, ...fresh, ...present];
    const froms = all.map(({ log }) => log.length);
    for (const one of browsers) await one.join(this.url);
    for (const one of natives) one.joinNatively(this.port);
    for (const one of fresh) await one.until('+1', froms[all.indexOf(one)]);
    for (const [i, one] of all.entries())
      for (const other of all) {
        const isNew = fresh.includes(one) || fresh.includes(other);
        if (one !== other && isNew && this.#reach(one, other)) await one.until(`+${other.id}`, froms[i]);
      }
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
    for (const one of all)
      for (const other of all) {
        if (one === other || !this.#reach(one, other)) continue;
        const mark = `${other.id} [${number}]`;
        await until(
          () => one.marks.has(mark),
          () => `mark ${mark} at ${one.name}`,
        );
      }
  }

  /** Whether two of them know each other. */
  #reach(one: Player, other: Player): boolean {
    return one === this || other === this || this.multiplayer.serverRelay;
  }
}
