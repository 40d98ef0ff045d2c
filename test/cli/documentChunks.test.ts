/** The text of scene documents in pieces is that of `JSON.stringify`. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SceneNode } from '../../schema/document/sceneDocument.ts';
import { documentChunks } from '../../src/cli/documentChunks.ts';
import { fcParameters } from '../support/fc.ts';

const { node } = fc.letrec<{ node: SceneNode }>((tie) => ({
  node: fc.record(
    {
      name: fc.string(),
      class: fc.constantFrom('Node', 'Node2D'),
      properties: fc.dictionary(fc.string(), fc.string()),
      groups: fc.array(fc.string(), { maxLength: 2 }),
      children: fc.array(tie('node'), { maxLength: 3 }),
    },
    { requiredKeys: ['name', 'class'] },
  ),
}));

test.each([0, 2])('indented by %d', (indent) => {
  fc.assert(
    fc.property(node, (given) => {
      const root = without(given);
      const document = { $schema: 'x', format: 1, root } as const;
      expect([...documentChunks(document, indent)].join('')).toBe(JSON.stringify(document, null, indent));
    }),
    fcParameters(),
  );
});

test('as deep as trees may be, in pieces', () => {
  let root: SceneNode = { name: 'N', class: 'Node' };
  for (let i = 0; i < 500; i++) root = { name: 'N', class: 'Node', children: [root] };
  const pieces = [...documentChunks({ format: 1, root }, 2)];
  expect(pieces.length).toBeGreaterThan(1);
  expect(JSON.parse(pieces.join(''))).toEqual({ format: 1, root });
});

/** Documents have no empty lists of children. */
function without({ children = [], ...rest }: SceneNode): SceneNode {
  return children.length === 0 ? rest : { ...rest, children: children.map(without) };
}
