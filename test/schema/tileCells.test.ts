/** Cells of tile maps, both ways. The bytes of `tile_map_data` and format 3 are those of Godot 4.6. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildSceneTree,
  decodeTileData,
  decodeTileMapData,
  encodeTileData,
  encodeTileMapData,
  SceneMirror,
  sceneTextToDocument,
  type TileCell,
  type TileDataFormat,
  tileLayersOf,
} from '../../schema/index.ts';
import { fcParameters } from '../support/fc.ts';

const integer = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

function cellsOf(format: TileDataFormat): fc.Arbitrary<TileCell[]> {
  const atlas = format === 3 ? integer(0, 65_535) : format === 2 ? integer(-32_768, 32_767) : fc.constant(0);
  return fc.array(
    fc.record({
      x: integer(-32_768, 32_767),
      y: integer(-32_768, 32_767),
      source: integer(0, format === 3 ? 65_535 : 0x1fff_ffff),
      atlasX: atlas,
      atlasY: atlas,
      alternative: integer(0, format === 3 ? 65_535 : 7),
    }),
  );
}

describe('tile_map_data', () => {
  test('one cell, byte by byte', () => {
    const cell = { x: -1, y: 2, source: 3, atlasX: 4, atlasY: 5, alternative: 4096 };
    const bytes = Uint8Array.of(0, 0, 255, 255, 2, 0, 3, 0, 4, 0, 5, 0, 0, 16);
    expect(encodeTileMapData([cell])).toEqual(bytes);
    expect(decodeTileMapData(bytes)).toEqual([cell]);
    expect(decodeTileMapData(new Uint8Array(0))).toEqual([]);
  });

  test('any cells, both ways', () => {
    fc.assert(
      fc.property(cellsOf(3), (cells) => {
        expect(decodeTileMapData(encodeTileMapData(cells))).toEqual(cells);
      }),
      fcParameters(),
    );
  });

  test('any bytes are read and written as they were, or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let cells: TileCell[];
        try {
          cells = decodeTileMapData(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        if (bytes.length > 0) expect(encodeTileMapData(cells)).toEqual(bytes);
      }),
      fcParameters(),
    );
  });

  test('what is no tile data', () => {
    expect(() => decodeTileMapData(Uint8Array.of(1, 0))).toThrow('"data" expected the format 0, got 1');
    expect(() => decodeTileMapData(new Uint8Array(13))).toThrow('2 bytes and 12 for each cell, got 13');
    expect(() => decodeTileMapData('' as never)).toThrow(TypeError);
    const cell = { x: 0, y: 0, source: 0, atlasX: 0, atlasY: 0, alternative: 0 };
    expect(() => encodeTileMapData([cell, { ...cell, x: 40_000 }])).toThrow(
      '"cells[1].x" expected an integer -32768..32767, got 40000',
    );
  });
});

describe('tile_data', () => {
  test.each([1, 2, 3] as const)('format %d, any cells, both ways', (format) => {
    fc.assert(
      fc.property(cellsOf(format), (cells) => {
        expect(decodeTileData(encodeTileData(cells, format), format)).toEqual(cells);
      }),
      fcParameters(),
    );
  });

  test('format 2: the id and its flags', () => {
    const cell = { x: 1, y: -1, source: 5, atlasX: 2, atlasY: 3, alternative: 5 };
    expect([...encodeTileData([cell], 2)]).toEqual([-65_535, (0xa000_0005 | 0) >> 0, 0x0003_0002]);
    expect([...encodeTileData([{ ...cell, atlasX: 0, atlasY: 0 }], 1)]).toEqual([-65_535, 0xa000_0005 | 0]);
    expect(() => encodeTileData([cell], 1)).toThrow('"cells[0].atlasX" expected an integer 0..0, got 2');
    expect(() => decodeTileData(new Int32Array(4), 2)).toThrow('3 ints for each cell, got 4');
    expect(() => decodeTileData(new Int32Array(4), 4 as never)).toThrow('"format" expected 1, 2 or 3, got 4');
  });
});

test('the layers of nodes, in a tree and in a mirror', () => {
  const text = `[gd_scene format=3]
[node name="R" type="Node2D"]
[node name="New" type="TileMapLayer" parent="."]
tile_map_data = PackedByteArray(0, 0, 255, 255, 2, 0, 3, 0, 4, 0, 5, 0, 0, 16)
[node name="Old" type="TileMap" parent="."]
format = 2
layer_0/name = "a"
layer_1/tile_data = PackedInt32Array(65537, 131073, 3)
[node name="Three" type="TileMap" parent="."]
format = 1
tile_data = PackedInt32Array(-65535, -1610612731, 196610)
`;
  const [added, old, three] = buildSceneTree(text).root.children.map(({ properties }) =>
    tileLayersOf(properties),
  );
  expect(added).toEqual([
    { layer: 0, cells: [{ x: -1, y: 2, source: 3, atlasX: 4, atlasY: 5, alternative: 4096 }] },
  ]);
  expect(old).toEqual([
    { layer: 1, cells: [{ x: 1, y: 1, source: 1, atlasX: 2, atlasY: 3, alternative: 0 }] },
  ]);
  expect(three).toEqual([
    { layer: 0, cells: [{ x: 1, y: -1, source: 5, atlasX: 2, atlasY: 3, alternative: 5 }] },
  ]);
  const layer = SceneMirror.fromJSON(sceneTextToDocument(text)).getNode('R/New');
  if (layer === undefined) throw new Error('no layer');
  expect(tileLayersOf(layer)).toEqual(added);
});
