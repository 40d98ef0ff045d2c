/** A transport that does what a golden case says and writes down what it is given. */
import { GodotError } from '../../../src/godot/errors.ts';
import { MultiplayerPeer } from '../../../src/godot/multiplayer/MultiplayerPeer.ts';
import type {
  MultiplayerConnectionStatus,
  TransferMode,
} from '../../../src/godot/multiplayer/multiplayerConstants.ts';

/** What a {@link GoldenPeer} saw. */
export type TransportEvent =
  | { readonly put: readonly [target: number, mode: number, channel: number, hex: string] }
  | { readonly transport: readonly unknown[] };

/** The transport of one case. */
export class GoldenPeer extends MultiplayerPeer {
  status: MultiplayerConnectionStatus;
  canRelay = true;
  putResult: GodotError = GodotError.OK;
  readonly #id: number;
  readonly #log: (event: TransportEvent) => void;

  constructor(id: number, status: MultiplayerConnectionStatus, log: (event: TransportEvent) => void) {
    super({ random32: () => 7 });
    this.#id = id;
    this.status = status;
    this.#log = log;
  }

  inject(from: number, mode: number, channel: number, hex: string): void {
    this.queuePacket({
      bytes: Buffer.from(hex, 'hex').subarray(),
      from,
      mode: mode as TransferMode,
      channel,
    });
  }

  join(peer: number): void {
    this.emitSignal('peerConnected', peer);
  }

  leave(peer: number): void {
    this.emitSignal('peerDisconnected', peer);
  }

  poll(): void {
    // Packets are queued by the case.
  }

  close(): void {
    this.status = 0;
  }

  disconnectPeer(id: number, force = false): void {
    this.#log({ transport: ['disconnect_peer', id, force] });
  }

  getConnectionStatus(): MultiplayerConnectionStatus {
    return this.status;
  }

  getUniqueId(): number {
    return this.#id;
  }

  isServer(): boolean {
    return this.#id === 1;
  }

  isServerRelaySupported(): boolean {
    return this.canRelay;
  }

  protected override refusalChanged(refuse: boolean): void {
    this.#log({ transport: ['refuse_new_connections', refuse] });
  }

  protected override sendPacket(bytes: Uint8Array): GodotError {
    this.#log({
      put: [this.targetPeer, this.transferMode, this.transferChannel, Buffer.from(bytes).toString('hex')],
    });
    return this.putResult;
  }

  protected override get className(): string {
    return 'GoldenPeer';
  }
}
