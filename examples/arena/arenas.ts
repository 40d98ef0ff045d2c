/** All arenas behind one set of transports, and who comes back to which. */
import { createHash, randomUUID } from 'node:crypto';
import type { MultiplayerPeer } from 'godot-enet/godot';
import { RoomServer, type RoomServerOptions } from 'godot-enet/rooms';
import { Arena, type ArenaOptions } from './Arena.ts';
import { GRACE_MS, INTRODUCE_SEC } from './rules.ts';

/** How arenas are made. */
export interface ArenasOptions extends ArenaOptions {
  /** The clock. Default: the process's. */
  readonly runtime?: RoomServerOptions['runtime'] & ArenaOptions['runtime'];
  /** Takes what is refused, in words. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/**
 * Opens the arenas. Who comes is in the first with a free place, or in a new one; who was dropped, and shows what it was told when it came,
 * is again where it was.
 *
 * @param transport a server.
 */
export function openArenas(transport: MultiplayerPeer, options: ArenasOptions): RoomServer {
  const { runtime, onTrace } = options;
  const rooms: RoomServer = new RoomServer({
    transport,
    runtime,
    onTrace,
    entry: 'arena',
    graceMs: GRACE_MS,
    authTimeout: INTRODUCE_SEC,
    // A client sends what it was told before, or nothing, and in the next line its name. There are no accounts: whoever has that secret is
    // the player. The id is made from it, and does not tell it: ids stand in logs, and in lists that others get.
    auth: ({ text, reply }) => {
      const [shown = '', ...name] = text.split('\n');
      // Who is in the game is not asked again: a second window of the same player is somebody else.
      const secret = rooms.player(idOf(shown))?.isAway === true ? shown : randomUUID();
      reply(secret);
      return { player: idOf(secret), user: name.join(' ') };
    },
  });
  return rooms.define('arena', Arena, options);
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 32);
}
