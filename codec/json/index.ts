/** Godot's JSON. Re-exports only. */
export { type FromNativeOptions, fromNative } from './fromNative.ts';
export { GodotJSON, type GodotJSONApi } from './GodotJSON.ts';
export { JsonError, type JsonErrorCode, type JsonErrorDetails } from './JsonError.ts';
export type { NativeIssue } from './nativeIssue.ts';
export { JSON_MAX_DEPTH, type JsonParseOptions, parseJson } from './parse.ts';
export { type StringifyOptions, stringifyJson } from './stringify.ts';
export { type ToNativeOptions, toNative } from './toNative.ts';
