/** Each query of the dashboard asks for numbers that the kind of server of its row tells, by labels that they have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { SceneMultiplayer } from '../../src/multiplayer/index.ts';
import type { OperatedServer, ServerKind } from '../../src/ops/internal.ts';
import { createPrometheusMetrics } from '../../src/ops/prometheus.ts';
import { WebSocketMultiplayerPeer } from '../../src/websocket/index.ts';
import { ClusterWorld } from '../cluster/node/world.ts';
import { createWorld } from '../server/world.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const { panels, title, uid }: { panels: readonly Panel[]; title: string; uid: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../examples/deploy/grafana/godot-enet.json'), 'utf8'),
);
const ROWS: Readonly<Record<string, ServerKind>> = {
  ENetServer: 'server',
  RoomServer: 'rooms',
  ClusterNode: 'cluster',
  'ENet multiplayer peers': 'enet',
  'WebSocket multiplayer peers': 'websocket',
  SceneMultiplayer: 'multiplayer',
};

/** The labels of all numbers, by kind and name. */
const labels = new Map<ServerKind, Map<string, readonly string[]>>();
let world: ClusterWorld;
beforeAll(async () => {
  world = new ClusterWorld();
  const { node, rooms } = world.make('a');
  const { ENetMultiplayerPeer } = await import('../../src/godot.ts');
  const runtime = world.network.createRuntime('10.0.0.7');
  const servers: OperatedServer[] = [
    createWorld().server,
    rooms,
    node,
    new ENetMultiplayerPeer({ runtime }),
    new WebSocketMultiplayerPeer(),
    new SceneMultiplayer({ mirror: new SceneMirror(), runtime }),
  ];
  for (const server of servers) {
    const { registry } = await createPrometheusMetrics(server, {
      registry: new Registry(),
      eventLoopDelay: true,
    });
    const all = registry.getMetricsAsArray().map(({ name }) => {
      // Its labels are no part of the types.
      const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: string[] };
      return [name, labelNames] as const;
    });
    labels.set(server.ops.kind, new Map(all));
  }
});
afterAll(() => world.close());

test('it has a row for each kind of server, and panels that do not lie on each other', () => {
  expect([title, uid]).toEqual(['godot-enet', 'godot-enet']);
  expect(panels.filter(({ type }) => type === 'row').map((panel) => panel.title)).toEqual(Object.keys(ROWS));
  expect(Object.values(ROWS).toSorted()).toEqual([...labels.keys()].toSorted());
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = new Set<string>();
  for (const { gridPos } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x).toBeLessThan(24);
        expect(cells.has(`${x} ${y}`)).toBe(false);
        cells.add(`${x} ${y}`);
      }
});

let row = '';
const CHARTS = panels.flatMap((panel) => {
  if (panel.type === 'row') row = panel.title;
  return panel.targets === undefined ? [] : [{ row, title: panel.title, targets: panel.targets }];
});

describe.each(CHARTS)('$row: $title', ({ row: of, targets }) => {
  test.each(targets)('$expr', ({ expr, legendFormat }) => {
    const known = labels.get(ROWS[of] as ServerKind) ?? new Map<string, readonly string[]>();
    const names = expr.match(/godot_enet_\w+/g) ?? [];
    expect(names).toHaveLength(1);
    expect([...known.keys()]).toContain(names[0]);
    const asked = [...`${expr} ${legendFormat}`.matchAll(/\bby \((\w+)\)|\{\{(\w+)\}\}/g)].map(
      ([, by, shown]) => by ?? shown ?? '',
    );
    expect(asked.length).toBeGreaterThan(0);
    for (const label of asked.filter((one) => one !== 'instance'))
      expect(known.get(names[0] ?? ''), names[0]).toContain(label);
  });
});
