/** Commands as tables, read with `node:util`. */
export { type Command, command, optionName, type Program, UsageError } from './command.ts';
export {
  argument,
  asText,
  choice,
  choiceArgument,
  choiceOr,
  flag,
  InvalidValueError,
  optionalArgument,
  optionalChoice,
  type Parse,
  value,
  valueOr,
  values,
} from './options.ts';
export { runProgram } from './runProgram.ts';
