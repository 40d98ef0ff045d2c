/**
 * Everything that goes between the console's server and its page, and the routes that it goes over. Types alone: the page reads them in JSDoc.
 *
 * All URLs are relative to that of the page, so that it works below any path. Times are `Date.now()` of the server in ms where a name ends in `Ms`
 * and nothing else is said. A property that a kind of server has not is absent, never zero. Texts may come from strangers: show them as text.
 *
 * | route | what |
 * |---|---|
 * | GET `./`, `app.js`, `style.css`, `icon.svg`, `licenses.txt` | the page; needs no login |
 * | GET `session` | {@link SessionInfo}; needs no login |
 * | POST `login` {@link LoginRequest}, POST `logout` (no body) | {@link SessionInfo}; 401 for a wrong token, 429 for too many tries |
 * | GET `events?view=JSON` | the stream (Server-Sent Events): each `data` is a {@link StreamMessage}. `view` is a {@link View} |
 * | POST `view` {@link ViewRequest} | 204; changes what the stream sends, at once. 404: the stream has ended, open another |
 * | GET `traffic/NUMBER` | {@link DatagramDetails}; 404 when it is not kept any more |
 * | GET `export?format=pcapng` or `format=session` | a file; `filter=ID`: its matches alone; `from=NUMBER`, `to=NUMBER`: both included |
 * | POST `action` {@link Action} | {@link ActionAnswer} |
 *
 * Every POST has `content-type: application/json` and the header `x-console: 1`. A refusal has {@link ErrorAnswer} as body: 400 what cannot be read,
 * 401 no login, 403 not for this page or not allowed, 404, 409 not possible now, 413 too long, 429 too often, 503 too many viewers. On 401 the page
 * asks for the token.
 */

import type { ChartsMessage, ChartsRowMessage } from './protocol/charts.ts';
import type { ClusterMessage, PeersMessage, RoomsMessage } from './protocol/lists.ts';
import type { SceneMessage } from './protocol/scene.ts';
import type { HelloMessage, OverviewMessage, ProblemMessage, StatusMessage } from './protocol/status.ts';
import type { CallsMessage, TrafficMessage } from './protocol/traffic.ts';

export type {
  Action,
  ActionAnswer,
  BanAction,
  CallAction,
  CloseRoomAction,
  DoorAction,
  KickAction,
  LockRoomAction,
  MessageAction,
  MoveAction,
  UnbanAction,
} from './protocol/actions.ts';
export type {
  ChartsMessage,
  ChartsRowMessage,
  Series,
} from './protocol/charts.ts';
export type {
  BanRow,
  ClusterMessage,
  ClusterRoomRow,
  MatchmakingRow,
  NodeRow,
  PeerDetails,
  PeerRow,
  PeersMessage,
  RoomRow,
  RoomsMessage,
} from './protocol/lists.ts';
export type {
  MethodRow,
  PropertyRow,
  SceneMessage,
  SceneNodeDetails,
  SceneNodeRow,
} from './protocol/scene.ts';
export type {
  ErrorAnswer,
  LoginRequest,
  SessionInfo,
} from './protocol/sessions.ts';
export type {
  ActionName,
  CountRow,
  DiagnosisRow,
  DtlsInfo,
  EventRow,
  HelloMessage,
  NumberRow,
  OverviewMessage,
  ProblemMessage,
  ProcessInfo,
  ServerInfo,
  ServerKind,
  ServerSection,
  StatusMessage,
  TrafficTotals,
} from './protocol/status.ts';
export type {
  CallRow,
  CallsMessage,
  CommandDetails,
  DatagramDetails,
  DatagramRow,
  PacketDetails,
  TrafficMessage,
  ValueDetails,
} from './protocol/traffic.ts';
export type {
  CallsView,
  ChartsView,
  ClusterView,
  ListView,
  OverviewView,
  PeersView,
  RoomsView,
  SceneView,
  TrafficView,
  View,
  ViewRequest,
} from './protocol/views.ts';

/** One message of the stream. */
export type StreamMessage =
  | HelloMessage
  | StatusMessage
  | OverviewMessage
  | PeersMessage
  | RoomsMessage
  | ClusterMessage
  | TrafficMessage
  | CallsMessage
  | ChartsMessage
  | ChartsRowMessage
  | SceneMessage
  | ProblemMessage;
