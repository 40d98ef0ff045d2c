/** The programs of docs/guide/from-headless.md compile, run, and print what the page says. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot.ts';
import { SceneMultiplayer } from '../../src/multiplayer.ts';
import { loadProject, readProject } from '../../src/project.ts';
import { testGuide } from '../support/guide.ts';
import { runPageProgram } from '../support/pageProgram.ts';
import { filesOf, textOf } from '../support/pages.ts';

const PAGE = 'docs/guide/from-headless.md';

testGuide('from-headless', 1);

test('the script in GDScript has the RPCs and variables of the one that the program reads', () => {
  const page = textOf(PAGE);
  const [, written = ''] = /```gdscript\n([\s\S]*?)```/.exec(page) ?? [];
  const [, read = ''] = /'res:\/\/door\.gd': `([\s\S]*?)`/.exec(page) ?? [];
  const [one, other] = [written, read].map((text) => {
    const texts: Record<string, string> = {
      'res://project.godot': 'config_version=5\n',
      'res://door.gd': text,
    };
    const { issues, scripts } = readProject(
      Object.assign((path: string) => texts[path], { list: () => Object.keys(texts) }),
    );
    expect(issues).toEqual([]);
    const door = scripts.get('res://door.gd');
    return [
      door?.checksum,
      [...(door?.rpcs.values() ?? [])].map(({ id, name, rpcMode, callLocal }) => [
        id,
        name,
        rpcMode,
        callLocal,
      ]),
      [...(door?.variables.values() ?? [])].map(({ name, type }) => [name, type]),
    ];
  });
  expect(one).toEqual(other);
  expect(one?.[1]).toHaveLength(3);
});

test('the server without classes takes clients in, and tells which calls nobody handles', async () => {
  const folder = fileURLToPath(new URL(`../../.build/from-headless-${process.pid}`, import.meta.url));
  const page = textOf(PAGE);
  // The project is the one that the other program reads.
  const [, texts = ''] = /const texts[^{]*(\{.*?\n\});/s.exec(page) ?? [];
  for (const [, path = '', backticks, quotes] of texts.matchAll(
    /'res:\/\/([\w.]+)': (?:`(.*?)`|'(.*?)'),/gs,
  )) {
    const file = join(folder, 'game', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, backticks ?? quotes?.replaceAll('\\n', '\n') ?? '');
  }
  const server = join(folder, 'server.ts');
  writeFileSync(
    server,
    (filesOf(PAGE).get('src/main.ts') ?? '')
      .replace("loadProject('game')", `loadProject(${JSON.stringify(join(folder, 'game'))})`)
      .replace('createServer(7777', 'createServer(0'),
  );
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...words) => lines.push(words.join(' ')));
  onTestFinished(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });
  const stop = await runPageProgram(server);
  onTestFinished(stop);
  const port = Number(/^UDP port (\d+)$/.exec(lines.splice(0).join('\n'))?.[1]);

  const project = await loadProject(join(folder, 'game'));
  const mirror = new SceneMirror({ resources: project.files });
  project.register(mirror);
  mirror.root.addChild(mirror.instantiate(project.mainScene));
  const client = new SceneMultiplayer({ mirror });
  const link = new ENetMultiplayerPeer();
  expect(link.createClient('127.0.0.1', port)).toBe(0);
  client.multiplayerPeer = link;
  client.start({ tickHz: 60 });
  onTestFinished(() => client.close());
  await new Promise((resolve) => client.on('connectedToServer', () => resolve(undefined)));
  expect(mirror.getNode('/root/Main/Door')?.rpcId(1, 'unlock', 'iron')).toBe(0);
  await expect.poll(() => lines.length).toBeGreaterThan(0);
  const [, shown] = /makes it say\n\n```text\n(.*?)```/s.exec(page) ?? [];
  expect(`${lines.join('\n').replaceAll(String(client.getUniqueId()), '1234567')}\n`).toBe(shown);
});
