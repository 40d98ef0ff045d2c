/** Basis and Transform3D are written row by row in texts (docs/protocol/variant-codec 9.1), column by column elsewhere. */

/** For these types: which number of the one order stands at each place of the other. The same both ways. */
export const ROW_ORDER: ReadonlyMap<string, readonly number[]> = new Map([
  ['Basis', [0, 3, 6, 1, 4, 7, 2, 5, 8]],
  ['Transform3D', [0, 3, 6, 1, 4, 7, 2, 5, 8, 9, 10, 11]],
]);
