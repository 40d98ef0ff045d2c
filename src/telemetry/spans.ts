/** Spans of what has a duration: made when it is over, since the events say how long it took. */
import type { Attributes, Tracer } from '@opentelemetry/api';
import type { HandoffMove } from '../cluster/index.ts';
import type { OperatedPeer } from '../godot/index.ts';
import type { OperatedServer } from '../ops/internal.ts';
import { DiagnosticsChannel as Channel, type DiagnosticsMessages } from './events.ts';
import type { EventSink } from './sink.ts';

/** Takes the events that are the end of a span. */
export function spanSink(tracer: Tracer, attributes: Attributes): EventSink {
  return {
    wants: (name) => name in SPANS,
    tell: <Name extends Channel>(name: Name, message: DiagnosticsMessages[Name]) => {
      const told = SPANS[name]?.(message);
      if (told === undefined) return;
      // A Date: a number may be taken for one since the process began.
      const endMs = Date.now();
      const span = tracer.startSpan(told.name, {
        root: true,
        startTime: new Date(endMs - told.durationMs),
        attributes: { ...attributes, ...told.attributes },
      });
      if (told.failure !== undefined) {
        const { type, message: text } = told.failure;
        span.setAttribute('error.type', type).setStatus({ code: ERROR, message: text });
      }
      span.end(new Date(endMs));
    },
  };
}

interface Told {
  readonly name: string;
  readonly durationMs: number;
  readonly attributes: Attributes;
  /** Why it came to nothing. */
  readonly failure?: { readonly type: string; readonly message: string };
}

/** The spans by the event at their end. */
const SPANS: { readonly [Name in Channel]?: (message: DiagnosticsMessages[Name]) => Told | undefined } = {
  [Channel.PEER_AUTHENTICATED]: ({ server, peer, durationMs }) => loginOf(server, peer, durationMs),
  [Channel.PEER_DISCONNECTED]: ({ server, peer, durationMs, wasAuthenticated, cause, reason }) => {
    const login = wasAuthenticated ? undefined : loginOf(server, peer, durationMs);
    return login && { ...login, failure: { type: cause ?? 'unknown', message: reason } };
  },
  [Channel.ROOM_OPENED]: ({ room: { id, kind }, durationMs }) => creationOf(id, kind, durationMs),
  [Channel.ROOM_NOT_MADE]: ({ roomId, kind, durationMs, error }) => ({
    ...creationOf(roomId, kind, durationMs),
    failure: failureOf(error),
  }),
  [Channel.HANDOFF_MOVED]: ({ move, durationMs }) => handoffOf(move, durationMs),
  [Channel.HANDOFF_STAYED]: ({ move, durationMs, error }) => ({
    ...handoffOf(move, durationMs),
    failure: failureOf(error),
  }),
  [Channel.TICKET_MATCHED]: ({ matched: { ticket, match, place }, durationMs }) => ({
    name: 'godot_enet.matchmaking',
    durationMs,
    attributes: {
      'godot_enet.queue': ticket.queue,
      'godot_enet.match.id': match.id,
      'godot_enet.room.id': place.roomId,
      'godot_enet.node.id': place.node,
    },
  }),
  [Channel.TICKET_EXPIRED]: ({ ticket: { queue }, durationMs }) => ({
    name: 'godot_enet.matchmaking',
    durationMs,
    attributes: { 'godot_enet.queue': queue },
    failure: { type: 'expired', message: '' },
  }),
};

/** From the connection to the login; a multiplayer peer alone has no logins. */
function loginOf({ ops }: OperatedServer, peer: OperatedPeer, durationMs: number): Told | undefined {
  if (ops.kind === 'enet' || ops.kind === 'websocket') return undefined;
  const { peerId, remoteAddress, remotePort } = peer;
  const address: Attributes =
    remoteAddress === '' ? {} : { 'network.peer.address': remoteAddress, 'network.peer.port': remotePort };
  return {
    name: 'godot_enet.login',
    durationMs,
    attributes: { 'godot_enet.kind': ops.kind, 'godot_enet.peer.id': peerId, ...address },
  };
}

function creationOf(id: string, kind: string, durationMs: number): Told {
  const attributes = { 'godot_enet.room.id': id, 'godot_enet.room.kind': kind };
  return { name: 'godot_enet.room.create', durationMs, attributes };
}

function handoffOf({ room, player, to }: HandoffMove, durationMs: number): Told {
  return {
    name: 'godot_enet.handoff',
    durationMs,
    attributes: {
      'godot_enet.handoff.of': player === undefined ? 'room' : 'player',
      'godot_enet.room.id': room,
      'godot_enet.node.id': to,
    },
  };
}

function failureOf(error: unknown): { readonly type: string; readonly message: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return { type: code, message: error.message };
}

/** `SpanStatusCode.ERROR`: the constants of the package are not loaded for it. */
const ERROR = 2;
