/** Godot's texts of numbers and values. Re-exports only. */
export { type DecimalReading, parseDecimal, readDecimal } from './decimalReader.ts';
export { escapeFully } from './escape.ts';
export { floorLog10, formatFixed, trimZeros } from './fixedNotation.ts';
export {
  componentToStr,
  floatScalarToVarText,
  floatToFullJson,
  floatToJson,
  floatToStr,
  floatToVarText,
  type VarTextOptions,
} from './floatText.ts';
export { type DecimalDigits, grisu2Float32, grisu2Float64, layOutDigits } from './grisu2.ts';
export { DEFAULT_TEXT_LIMITS, type TextReadOptions } from './readOptions.ts';
export { type StrToVarOptions, strToVar } from './strToVar.ts';
export { TextError, type TextErrorCode, type TextIssue, type TextPlace } from './TextError.ts';
export { valueToStr } from './valueText.ts';
export { type VarToStrOptions, varToStr } from './varToStr.ts';
