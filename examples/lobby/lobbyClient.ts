/** A player of the lobby in TypeScript: the counterpart of godot/lobby.gd. */
import { PackedVector2Array, Vector2 } from 'godot-enet/codec';
import { ENetClient, type ENetClientOptions } from 'godot-enet/server';
import { POSITION_CHANNEL } from './lobby.ts';

/** One player that logs in by name, chats and moves. */
export class LobbyClient {
  /** The client underneath. */
  readonly client: ENetClient;
  /** The player's name. */
  readonly name: string;
  /** Where everybody was last seen, by player id. */
  readonly positions: Map<number, Vector2> = new Map();
  /** The own player id; 0 before the server's welcome. */
  id = 0;
  readonly #log: (line: string) => void;
  readonly #heard: string[] = [];
  #waiting: (() => void)[] = [];

  /** @param log takes one line for everything that the player sees. */
  constructor(name: string, log: (line: string) => void, options: ENetClientOptions = {}) {
    this.name = name;
    this.#log = log;
    this.client = new ENetClient(options);
    this.client.on('connectedToServer', () => this.client.sendPacket({ name }));
    this.client.on('connectionFailed', (reason) => this.#hear(`could not connect: ${reason}`));
    this.client.on('disconnectedFromServer', (reason) => this.#hear(`disconnected: ${reason}`));
    this.client.registerEvent('welcome', (payload) => {
      this.id = Number(payload.get('id'));
      const players = payload.get('players');
      const others = Array.isArray(players) ? players.length : 0;
      this.#hear(`welcome, you are player ${this.id}; others here: ${others}`);
    });
    this.client.registerEvent('refused', (payload) => this.#hear(`refused: ${payload.get('reason')}`));
    this.client.registerEvent('joined', (payload) => this.#hear(`${payload.get('name')} joined`));
    this.client.registerEvent('left', (payload) => {
      this.#hear(`${payload.get('name')} left (${payload.get('reason')})`);
    });
    this.client.registerEvent('closing', (payload) => {
      this.#hear(`the server closes within ${payload.get('seconds')} s`);
    });
    // What an operator says on the page.
    this.client.registerEvent('operator_message', (payload) =>
      this.#hear(`<operator> ${payload.get('text')}`),
    );
    this.client.registerEvent('chat', (payload) =>
      this.#hear(`<${payload.get('name')}> ${payload.get('text')}`),
    );
    this.client.registerEvent('positions', (payload) => {
      const ids = payload.get('ids');
      const positions = payload.get('positions');
      if (!(ids instanceof Int32Array) || !(positions instanceof PackedVector2Array)) return;
      for (const [index, id] of ids.entries()) {
        const position = positions.at(index);
        if (position === undefined) continue;
        this.positions.set(id, position);
        if (id !== this.id) this.#hear(`player ${id} is at (${position.x}, ${position.y})`);
      }
    });
  }

  /** Begins to connect. @returns Godot's error number. */
  join(address: string, port: number): number {
    return this.client.connectToServer(address, port, 2);
  }

  /** Says something. */
  say(text: string): void {
    this.client.triggerEvent('chat', { text });
  }

  /** Moves, unreliably. */
  moveTo(x: number, y: number): void {
    this.client.triggerEvent('move', { position: new Vector2(x, y) }, POSITION_CHANNEL, false);
  }

  /** Leaves. */
  leave(): void {
    this.client.disconnectFromServer('bye');
  }

  /**
   * Waits until the player has seen a line that contains `text`.
   *
   * @throws Error after `limitMs`.
   */
  async sees(text: string, limitMs = 5000): Promise<void> {
    const isSeen = (): boolean => this.#heard.some((line) => line.includes(text));
    const deadline = AbortSignal.timeout(limitMs);
    while (!isSeen()) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => reject(new Error(`${this.name} never saw "${text}"`));
        deadline.addEventListener('abort', onAbort, { once: true });
        this.#waiting.push(() => {
          deadline.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    }
  }

  #hear(line: string): void {
    this.#log(line);
    this.#heard.push(line);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
