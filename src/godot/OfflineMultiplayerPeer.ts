/** Godot's OfflineMultiplayerPeer: what a SceneMultiplayer is born with. docs/protocol/scene-multiplayer 11.2 (12). */
import { GodotError } from './errors.ts';
import { MultiplayerPeer } from './multiplayer/MultiplayerPeer.ts';
import { MultiplayerConnectionStatus } from './multiplayer/multiplayerConstants.ts';

/** A server without clients: always connected, and what is sent goes nowhere. */
export class OfflineMultiplayerPeer extends MultiplayerPeer {
  constructor() {
    super({ random32: () => FIRST_CLIENT });
  }

  /** Nothing ever happens. */
  poll(): void {
    // There is no network.
  }

  /** Nothing is open. */
  close(): void {
    // There is nothing to end.
  }

  /** Nobody is there. */
  disconnectPeer(): void {
    // There is nobody.
  }

  /** Always connected. */
  getConnectionStatus(): MultiplayerConnectionStatus {
    return MultiplayerConnectionStatus.CONNECTION_CONNECTED;
  }

  /** Always 1. */
  getUniqueId(): number {
    return 1;
  }

  /** Always. */
  isServer(): boolean {
    return true;
  }

  /** There is nobody to relay to. */
  isServerRelaySupported(): boolean {
    return false;
  }

  protected override sendPacket(): GodotError {
    return GodotError.OK;
  }

  protected override get className(): string {
    return 'OfflineMultiplayerPeer';
  }
}

const FIRST_CLIENT = 2;
