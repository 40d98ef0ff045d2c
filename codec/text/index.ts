/** Godot's texts of numbers and values. Re-exports only. */
export { type DecimalReading, parseDecimal, readDecimal } from '../lexical/decimalReader.ts';
export { escapeFully } from '../lexical/escape.ts';
export { floorLog10, formatFixed, trimZeros } from '../lexical/fixedNotation.ts';
export {
  componentToStr,
  floatScalarToVarText,
  floatToFullJson,
  floatToJson,
  floatToStr,
  floatToVarText,
  type VarTextOptions,
} from '../lexical/floatText.ts';
export { type DecimalDigits, grisu2Float32, grisu2Float64, layOutDigits } from '../lexical/grisu2.ts';
export { valueToStr } from '../lexical/valueText.ts';
export { DEFAULT_TEXT_LIMITS, type TextReadOptions } from './readOptions.ts';
export { type StrToVarOptions, strToVar } from './strToVar.ts';
export { TextError, type TextErrorCode, type TextIssue, type TextPlace } from './TextError.ts';
export { type VarToStrOptions, varToStr } from './varToStr.ts';
