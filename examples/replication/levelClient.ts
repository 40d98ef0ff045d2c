/** A player of the level in TypeScript: the counterpart of godot/replica.gd. */
import { SceneFollower, SceneMirror } from 'godot-enet/schema';
import { ENetClient, type ENetClientOptions } from 'godot-enet/server';

/** One player that follows the server's scene. */
export class LevelClient {
  /** The client underneath. */
  readonly client: ENetClient;
  /** The scene as this player has it. */
  readonly mirror: SceneMirror = new SceneMirror();
  readonly #log: (line: string) => void;
  #waiting: (() => void)[] = [];

  /** @param log takes one line for everything that is refused or ends. */
  constructor(log: (line: string) => void, options: ENetClientOptions = {}) {
    this.#log = log;
    this.client = new ENetClient(options);
    const follower = new SceneFollower(this.mirror);
    this.client.on('rawPacketReceived', (bytes) => {
      const result = follower.receive(bytes);
      if (result.kind === 'refused') this.#log(`refused: ${result.message}`);
      this.#wake();
    });
    this.client.on('connectionFailed', (reason) => this.#log(`could not connect: ${reason}`));
    this.client.on('disconnectedFromServer', (reason) => {
      this.#log(`disconnected: ${reason}`);
      this.#wake();
    });
  }

  /** Begins to connect. @returns Godot's error number. */
  join(address: string, port: number): number {
    return this.client.connectToServer(address, port, 2);
  }

  /** Leaves. */
  leave(): void {
    this.client.disconnectFromServer('bye');
  }

  /** A property of a node as text, `undefined` when the node is not there. */
  show(path: string, property: string): string | undefined {
    const node = this.mirror.getNode(path);
    return node === undefined ? undefined : String(node.get(property));
  }

  /**
   * Waits until something is so.
   *
   * @throws Error after `limitMs`.
   */
  async until(what: string, isSo: () => boolean, limitMs = 20_000): Promise<void> {
    const deadline = AbortSignal.timeout(limitMs);
    while (!isSo()) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => reject(new Error(`the player never saw ${what}`));
        deadline.addEventListener('abort', onAbort, { once: true });
        this.#waiting.push(() => {
          deadline.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
