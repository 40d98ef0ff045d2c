/** From whatever is watched to its source. */
import type { SceneMirror } from '../../../schema/index.ts';
import type { ClusterNode } from '../../cluster/index.ts';
import type { MultiplayerPeer } from '../../godot/index.ts';
import type { SceneMultiplayer } from '../../multiplayer/index.ts';
import type { OperatedServer } from '../../ops/internal.ts';
import type { RoomServer } from '../../rooms/index.ts';
import type { ENetServer } from '../../server/index.ts';
import { ClusterSource } from './clusterSource.ts';
import { MultiplayerSource, type SendMessage } from './multiplayerSource.ts';
import { type InspectedServer, OtherSource } from './otherSource.ts';
import { RoomsSource } from './roomsSource.ts';
import type { Source } from './Source.ts';
import { ServerSource } from './serverSource.ts';
import { TransportSource } from './transportSource.ts';

/** What `watch` takes. */
export type Watched =
  | InspectedServer
  | ENetServer
  | SceneMultiplayer
  | RoomServer
  | ClusterNode
  | (MultiplayerPeer & Pick<OperatedServer, 'ops'>);

/** What a source is made with. */
export interface SourceSettings {
  /** The tree of an `ENetServer`. */
  readonly mirror: SceneMirror | undefined;
  /** The event that a message is. */
  readonly messageEvent: string;
  /** How a game is told a message that cannot be an event. */
  readonly message: SendMessage | undefined;
}

/** @throws TypeError for what cannot be watched. */
export function sourceOf(watched: Watched, { mirror, messageEvent, message }: SourceSettings): Source {
  // Each kind has classes of its own; kinds are told apart as the functions of `godot-enet/ops` do it.
  switch ('ops' in watched ? watched.ops.kind : undefined) {
    case 'server':
      return new ServerSource(watched as ENetServer, mirror, messageEvent);
    case 'multiplayer':
      return new MultiplayerSource(watched as SceneMultiplayer, message);
    case 'rooms':
      return new RoomsSource(watched as RoomServer, watched as RoomServer, messageEvent, message);
    case 'cluster':
      return new ClusterSource(watched as ClusterNode, messageEvent, message);
    case 'enet':
    case 'websocket':
      return new TransportSource(watched as MultiplayerPeer & OperatedServer);
    default:
  }
  const other = watched as Partial<InspectedServer>;
  if (typeof other.getPeers !== 'function' || typeof other.getLocalPort !== 'function')
    throw new TypeError('"server" expected a server with getPeers() and getLocalPort()');
  return new OtherSource(watched as InspectedServer);
}
