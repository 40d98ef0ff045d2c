/** What takes which kind of server: judged by the compiler. */
import { expectTypeOf, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import type { ClusterMetrics, ClusterNode } from '../../src/cluster.ts';
import { type ENetMetrics, ENetMultiplayerPeer, GodotThreeMultiplayerPeer } from '../../src/godot.ts';
import { Inspector } from '../../src/inspector.ts';
import {
  type MultiplayerDiagnosis,
  type MultiplayerMetrics,
  SceneMultiplayer,
} from '../../src/multiplayer.ts';
import {
  type AnyOperator,
  type Logger,
  loggingOptions,
  logServer,
  type OperatedServer,
  type Operator,
  type OperatorMetrics,
} from '../../src/ops.ts';
import type { RoomMetrics, RoomServer } from '../../src/rooms.ts';
import { ENetServer, type ServerMetrics } from '../../src/server.ts';
import { type WebSocketMetrics, WebSocketMultiplayerPeer } from '../../src/websocket.ts';

declare const logger: Logger;
declare const ops: AnyOperator;

test('every kind of server is one', () => {
  expectTypeOf<ENetServer>().toExtend<OperatedServer>();
  expectTypeOf<SceneMultiplayer>().toExtend<OperatedServer>();
  expectTypeOf<ENetMultiplayerPeer>().toExtend<OperatedServer>();
  expectTypeOf<GodotThreeMultiplayerPeer>().toExtend<OperatedServer>();
  expectTypeOf<WebSocketMultiplayerPeer>().toExtend<OperatedServer>();
  expectTypeOf<RoomServer>().toExtend<OperatedServer>();
  expectTypeOf<ClusterNode>().toExtend<OperatedServer>();
  expectTypeOf(logServer).parameter(0).toEqualTypeOf<OperatedServer>();
});

test('the kind says which numbers there are', () => {
  expectTypeOf<AnyOperator>().toExtend<Operator<string, OperatorMetrics>>();
  if (ops.kind === 'server') expectTypeOf(ops.metrics()).toEqualTypeOf<ServerMetrics>();
  if (ops.kind === 'multiplayer') expectTypeOf(ops.metrics()).toEqualTypeOf<MultiplayerMetrics>();
  if (ops.kind === 'enet') expectTypeOf(ops.metrics()).toEqualTypeOf<ENetMetrics>();
  if (ops.kind === 'rooms') expectTypeOf(ops.metrics()).toEqualTypeOf<RoomMetrics>();
  if (ops.kind === 'cluster') expectTypeOf(ops.metrics()).toEqualTypeOf<ClusterMetrics>();
  if (ops.kind === 'websocket') expectTypeOf(ops.metrics()).toEqualTypeOf<WebSocketMetrics>();
});

test('one set of options for a logger fits all of them', () => {
  const options = loggingOptions(logger);
  new ENetServer(options);
  new ENetMultiplayerPeer(options);
  new GodotThreeMultiplayerPeer(options);
  const { onError, onTrace } = options;
  new WebSocketMultiplayerPeer({ onError, onTrace });
  const multiplayer = new SceneMultiplayer({ mirror: new SceneMirror(), ...options });
  expectTypeOf(multiplayer.ops.diagnoses()).toEqualTypeOf<readonly MultiplayerDiagnosis[]>();
  new Inspector().watch(multiplayer);
  new Inspector().watch(new WebSocketMultiplayerPeer());
});
