/**
 * A player of the arena for `godot-enet load`: it runs, turns, shoots, and asks the server for its time once a second.
 *
 *   npx godot-enet load enet://127.0.0.1:7777 --project examples/arena/godot --script examples/arena/load.mjs --players 50
 */
import { Vector2 } from 'godot-enet/codec';
import { NodeScript } from 'godot-enet/multiplayer';

/** `player.gd`: each client decides what its node `Input` says. */
class PlayerScript extends NodeScript {
  static path = 'res://player.gd';

  _enterTree() {
    this.node.getNode('Input').setMultiplayerAuthority(Number(this.node.name));
  }
}

/** One object for each player. */
export default class ArenaBot {
  #untilTurnSec = 0;
  #untilShotSec = 1;
  #untilAskSec = 0;
  #sequence = 0;

  /** @param {import('godot-enet/load').ScenePlayer} player */
  onSetup(player) {
    const { mirror, multiplayer } = player;
    mirror.registerScript(PlayerScript);
    // Nothing that it was told before, and its name.
    const login = new TextEncoder().encode(`\nBot ${player.id}`);
    multiplayer.on('peerAuthenticating', (id) => multiplayer.sendAuth(id, login));
    multiplayer.authCallback = (id) => multiplayer.completeAuth(id);
  }

  /**
   * @param {import('godot-enet/load').ScenePlayer} player
   * @param {number} deltaSec
   */
  onTick(player, deltaSec) {
    const own = player.mirror.getNode(`/root/Main/Players/${player.peerId}`);
    if (own === undefined) return;
    const input = own.getNode('Input');
    player.multiplayer.synchronizer(input).setVisibilityFor(1, true);
    this.#untilTurnSec -= deltaSec;
    if (this.#untilTurnSec <= 0) {
      this.#untilTurnSec = 0.5 + player.random();
      const angle = 2 * Math.PI * player.random();
      input.set('move', new Vector2(Math.cos(angle), Math.sin(angle)));
      input.set('aim', angle);
    }
    this.#untilShotSec -= deltaSec;
    const shoots = this.#untilShotSec <= 0;
    if (shoots) {
      this.#untilShotSec = 0.4 + 0.8 * player.random();
      player.count('shots');
    }
    const aim = shoots ? input.get('aim') : null;
    player.rpc('/root/NetworkTime', 'take_inputs', ++this.#sequence, Float64Array.of(-1), [aim]);
    this.#untilAskSec -= deltaSec;
    if (this.#untilAskSec > 0) return;
    this.#untilAskSec = 1;
    player.rpc('/root/NetworkTime', 'ask_time', this.#sequence, -1, 0);
    // One that has no answer in five seconds is counted as failed; nobody has to wait for it here.
    player.measure('ask_time', player.nextRpc('/root/NetworkTime', 'tell_time'));
  }
}
