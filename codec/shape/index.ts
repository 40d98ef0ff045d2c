/** Compiled shapes of Dictionaries. Re-exports only. */
export {
  compileShape,
  type Shape,
  type Shaped,
  type ShapeFields,
  type ShapeFieldTypes,
} from './compileShape.ts';
