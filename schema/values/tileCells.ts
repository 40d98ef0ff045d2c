/**
 * The cells of tile maps: `tile_map_data` of a TileMapLayer (Godot 4.3 and later), and `tile_data` of a TileMap in its three formats
 * (Godot 2 to 4.2). Not from the spec: `tile_map_data` and format 3 were asked of Godot 4.6; formats 1 and 2, which its official web build
 * cannot read, rest on knowledge of the engine.
 */
import { isIntegerIn } from '../../options/internal.ts';
import { shown } from './shown.ts';

/** One cell of a tile map. */
export interface TileCell {
  /** Column, -32,768 to 32,767. */
  readonly x: number;
  /** Row, -32,768 to 32,767. */
  readonly y: number;
  /** The source of the tile set; in formats 1 and 2 the tile's id, 0 to 536,870,911. Otherwise 0 to 65,535. */
  readonly source: number;
  /** Column in the atlas, 0 to 65,535; -32,768 to 32,767 in format 2. Format 1 has none: 0. */
  readonly atlasX: number;
  /** Row in the atlas, as the column. */
  readonly atlasY: number;
  /**
   * The alternative tile, 0 to 65,535; 4096 flips it horizontally, 8192 vertically, 16384 transposes it. In formats 1 and 2: 1, 2
   * and 4 for the same, which is what the engine makes of them without a tile set.
   */
  readonly alternative: number;
}

/** A format of `tile_data`. The property `format` of a TileMap is one less: 0, 1 or 2. */
export type TileDataFormat = 1 | 2 | 3;

/** The cells of one layer. */
export interface TileLayer {
  /** Its number, 0 for a TileMapLayer. */
  readonly layer: number;
  /** Its cells in the order of the data. */
  readonly cells: TileCell[];
}

/**
 * Reads `tile_map_data` of a TileMapLayer.
 *
 * @param data - The property's value; an empty one has no cells.
 * @returns The cells in their order.
 * @throws TypeError for another type; RangeError for a format or length that the engine refuses, too.
 */
export function decodeTileMapData(data: Uint8Array): TileCell[] {
  if (!(data instanceof Uint8Array)) throw new TypeError(`"data" expected a Uint8Array, got ${typeof data}`);
  if (data.length === 0) return [];
  if (data.length < 2 || (data.length - 2) % CELL_BYTES !== 0) {
    throw new RangeError(`"data" expected 2 bytes and 12 for each cell, got ${data.length}`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const version = view.getUint16(0, true);
  if (version !== 0) throw new RangeError(`"data" expected the format 0, got ${version}`);
  const cells: TileCell[] = [];
  for (let at = 2; at < data.length; at += CELL_BYTES) cells.push(readCell(view, at));
  return cells;
}

/**
 * Writes `tile_map_data` of a TileMapLayer.
 *
 * @returns New bytes of the caller's, as the engine writes them.
 * @throws TypeError or RangeError naming what is out of its range.
 */
export function encodeTileMapData(cells: Iterable<TileCell>): Uint8Array {
  const list = [...cells];
  const data = new Uint8Array(2 + list.length * CELL_BYTES);
  const view = new DataView(data.buffer);
  for (const [i, cell] of list.entries()) writeCell(view, 2 + i * CELL_BYTES, cell, i);
  return data;
}

/**
 * Reads `tile_data` or `layer_N/tile_data` of a TileMap.
 *
 * @param data - The property's value.
 * @param format - One more than the property `format` of the node, which is 0 when the file does not have it.
 * @throws TypeError for another type; RangeError for a length that the engine refuses, too.
 */
export function decodeTileData(data: Int32Array, format: TileDataFormat): TileCell[] {
  if (!(data instanceof Int32Array)) throw new TypeError(`"data" expected an Int32Array, got ${typeof data}`);
  const step = intsPerCell(format);
  if (data.length % step !== 0) {
    throw new RangeError(`"data" expected ${step} ints for each cell, got ${data.length}`);
  }
  const view = new DataView(new ArrayBuffer(CELL_BYTES));
  const cells: TileCell[] = [];
  for (let i = 0; i < data.length; i += step) {
    for (let j = 0; j < step; j++) view.setInt32(j * 4, data[i + j] ?? 0, true);
    cells.push(format === 3 ? readCell(view, 0) : readOldCell(view, format));
  }
  return cells;
}

/**
 * Writes `tile_data` of a TileMap.
 *
 * @throws TypeError or RangeError naming what is out of the format's range; format 1 has no place in an atlas.
 */
export function encodeTileData(cells: Iterable<TileCell>, format: TileDataFormat): Int32Array {
  const step = intsPerCell(format);
  const list = [...cells];
  const data = new Int32Array(list.length * step);
  const view = new DataView(new ArrayBuffer(CELL_BYTES));
  for (const [i, cell] of list.entries()) {
    if (format === 3) writeCell(view, 0, cell, i);
    else writeOldCell(view, cell, format, i);
    for (let j = 0; j < step; j++) data[i * step + j] = view.getInt32(j * 4, true);
  }
  return data;
}

/**
 * The layers of a TileMapLayer or TileMap.
 *
 * @param node - A node of a mirror, the `properties` of a node of a scene's tree, or anything else with values by name.
 * @returns The layers that have data, in order of their numbers.
 * @throws RangeError for data that the engine refuses, too.
 */
export function tileLayersOf(node: { get(name: string): unknown }): TileLayer[] {
  const own = node.get('tile_map_data');
  if (own instanceof Uint8Array) return [{ layer: 0, cells: decodeTileMapData(own) }];
  const format = (Number(node.get('format') ?? 0) + 1) as TileDataFormat;
  const layers: TileLayer[] = [];
  const old = node.get('tile_data');
  if (old instanceof Int32Array) layers.push({ layer: 0, cells: decodeTileData(old, format) });
  for (let layer = 0; ; layer++) {
    const data = node.get(`layer_${layer}/tile_data`);
    if (data instanceof Int32Array) layers.push({ layer, cells: decodeTileData(data, format) });
    else if (!LAYER_PARTS.some((part) => isThere(node.get(`layer_${layer}/${part}`)))) return layers;
  }
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function intsPerCell(format: number): number {
  if (format === 1) return 2;
  if (format === 2 || format === 3) return 3;
  throw new RangeError(`"format" expected 1, 2 or 3, got ${shown(format)}`);
}

function readCell(view: DataView, at: number): TileCell {
  return {
    x: view.getInt16(at, true),
    y: view.getInt16(at + 2, true),
    source: view.getUint16(at + 4, true),
    atlasX: view.getUint16(at + 6, true),
    atlasY: view.getUint16(at + 8, true),
    alternative: view.getUint16(at + 10, true),
  };
}

function writeCell(view: DataView, at: number, cell: TileCell, index: number): void {
  view.setInt16(at, checked(cell, 'x', -32_768, 32_767, index), true);
  view.setInt16(at + 2, checked(cell, 'y', -32_768, 32_767, index), true);
  view.setUint16(at + 4, checked(cell, 'source', 0, 65_535, index), true);
  view.setUint16(at + 6, checked(cell, 'atlasX', 0, 65_535, index), true);
  view.setUint16(at + 8, checked(cell, 'atlasY', 0, 65_535, index), true);
  view.setUint16(at + 10, checked(cell, 'alternative', 0, 65_535, index), true);
}

/** The id in 29 bits, flipped horizontally, vertically, transposed. */
function readOldCell(view: DataView, format: 1 | 2): TileCell {
  const id = view.getUint32(4, true);
  return {
    x: view.getInt16(0, true),
    y: view.getInt16(2, true),
    source: id & MAX_OLD_ID,
    atlasX: format === 2 ? view.getInt16(8, true) : 0,
    atlasY: format === 2 ? view.getInt16(10, true) : 0,
    alternative: id >>> 29,
  };
}

function writeOldCell(view: DataView, cell: TileCell, format: 1 | 2, index: number): void {
  const [least, most] = format === 2 ? [-32_768, 32_767] : [0, 0];
  view.setInt16(0, checked(cell, 'x', -32_768, 32_767, index), true);
  view.setInt16(2, checked(cell, 'y', -32_768, 32_767, index), true);
  const flags = checked(cell, 'alternative', 0, 7, index);
  view.setUint32(4, ((flags << 29) | checked(cell, 'source', 0, MAX_OLD_ID, index)) >>> 0, true);
  view.setInt16(8, checked(cell, 'atlasX', least, most, index), true);
  view.setInt16(10, checked(cell, 'atlasY', least, most, index), true);
}

function checked(cell: TileCell, name: keyof TileCell, least: number, most: number, index: number): number {
  const value = cell[name];
  if (isIntegerIn(value, least, most)) return value;
  const label = `"cells[${index}].${name}"`;
  if (typeof value !== 'number') throw new TypeError(`${label} expected a number, got ${typeof value}`);
  throw new RangeError(`${label} expected an integer ${least}..${most}, got ${value}`);
}

const CELL_BYTES = 12;
const MAX_OLD_ID = 0x1fff_ffff;
/** A layer without cells has at least one of these when it is not as a new one. */
const LAYER_PARTS = [
  'name',
  'enabled',
  'modulate',
  'y_sort_enabled',
  'y_sort_origin',
  'z_index',
  'navigation_enabled',
];
