/**
 * What the engine reads from scripts (golden/multiplayer/README.md, scripts.json): configuration, method ids, checksum, and what is
 * sent. GOLDEN_MULTIPLAYER names another folder.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../../schema/index.ts';
import { SceneMultiplayer } from '../../../src/multiplayer/SceneMultiplayer.ts';
import { readFromFolder } from '../../../src/node/projectFolder.ts';
import { Project } from '../../../src/project/Project.ts';
import type { ProjectClass } from '../../../src/project/scripts/projectScript.ts';
import { written } from './rpcConfig.ts';
import { GoldenPeer, type TransportEvent } from './transport.ts';

interface GoldenClass {
  readonly class: string;
  readonly native: string;
  readonly base?: string;
  readonly rpc: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly methods: readonly string[];
  readonly checksum?: string;
  readonly sent?: readonly (readonly [method: string, id: number, mode: number, channel: number])[];
}
interface GoldenScript {
  readonly file: string;
  readonly ok: boolean;
  readonly global_name?: string;
  readonly classes: readonly GoldenClass[];
}

const FOLDER =
  process.env['GOLDEN_MULTIPLAYER'] ?? fileURLToPath(new URL('../../../golden/multiplayer', import.meta.url));
const { files }: { files: readonly GoldenScript[] } = JSON.parse(
  readFileSync(join(FOLDER, 'scripts.json'), 'utf8'),
);
const project = new Project(readFromFolder(join(FOLDER, 'project')));

describe.each(files)('$file', ({ file, ok, global_name, classes }) => {
  const path = `res://scripts/${file}`;
  const script = project.scripts.get(path);

  test('is taken or refused as by the engine', () => {
    expect(script?.issues.filter(({ kind }) => kind === 'error').length === 0).toBe(ok);
    expect(script?.isValid).toBe(ok);
    if (ok) expect(script?.className).toBe(global_name);
    const inner = classes.map((each) => each.class).filter((name) => name !== '');
    if (ok) expect([...(script?.classes.keys() ?? [])].sort()).toEqual(inner.sort());
    expect(script?.rpcs.size === 0 || ok).toBe(true);
  });

  test.each(classes)('class "$class"', (golden) => {
    const found: ProjectClass | undefined = golden.class === '' ? script : script?.classes.get(golden.class);
    if (found === undefined) throw new Error(`no class "${golden.class}"`);
    expect(found.native).toBe(golden.native);
    expect(asGolden(found.base)).toBe(golden.base);
    expect(Object.fromEntries([...found.rpcs].map(([name, rpc]) => [name, written(rpc)]))).toEqual(
      golden.rpc,
    );
    expect([...found.rpcs.keys()]).toEqual(golden.methods);
    if (golden.checksum !== undefined) expect(found.checksum).toBe(golden.checksum);
    for (const [method, id] of golden.sent ?? []) expect(found.rpcs.get(method)?.id).toBe(id);
  });

  test('a node of a mirror sends as the engine does, without a class of ours', () => {
    const sent = classes.find((each) => each.class === '')?.sent ?? [];
    for (const [method, id, mode, channel] of sent) {
      const packets: TransportEvent[] = [];
      const peer = new GoldenPeer(1, 2, (event) => packets.push(event));
      const mirror = new SceneMirror();
      const multiplayer = new SceneMultiplayer({ mirror, dialect: '4.6', runtime: STILL });
      multiplayer.multiplayerPeer = peer;
      project.register(mirror);
      const node = mirror.root.addChild({ name: 'N', class: 'Node', script: path });
      const least = [...(script?.rpcs.get(method)?.function.parameters ?? [])].filter(
        ({ isOptional, isRest }) => !isOptional && !isRest,
      );
      peer.join(2);
      expect(node.rpc(method, ...least.map(() => 0))).toBe(0);
      const [, call] = packets.flatMap((event) => ('put' in event ? [event.put] : []));
      expect([method, methodOf(call?.[3]), call?.[1], call?.[2]]).toEqual([method, id, mode, channel]);
    }
  });
});

test('all rows were looked at', () => {
  expect(files.length).toBeGreaterThanOrEqual(process.env['GOLDEN_MULTIPLAYER'] === undefined ? 55 : 1);
  expect(new SceneMirror({ resources: project.files }).root.name).toBe('root');
});

/** The golden data names inner classes only so. */
function asGolden(base: string): string | undefined {
  if (base.includes('::')) return '(inner class)';
  return base.startsWith('res://') ? base : undefined;
}

/** The number of the method of a REMOTE_CALL with a full path: behind the head and 32 bits. */
function methodOf(hex: string | undefined): number {
  const bytes = Buffer.from(hex ?? '', 'hex');
  return bytes.length < 6 ? -1 : ((bytes[0] ?? 0) & 0x40) === 0 ? bytes.readUInt8(5) : bytes.readUInt16LE(5);
}

const STILL = { now: () => 1000, startTimer: () => ({ cancel: () => undefined }) };
