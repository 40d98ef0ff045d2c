/** The program of docs/guide/from-headless.md compiles, runs, and prints what the page says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readProject } from '../../src/project.ts';
import { testGuide } from '../support/guide.ts';

testGuide('from-headless', 1);

test('the script in GDScript has the RPCs and variables of the one that the program reads', () => {
  const page = readFileSync(new URL('../../docs/guide/from-headless.md', import.meta.url), 'utf8');
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
