/** Public entry `godot-enet/codec`: bytes to values and back. Re-exports only. */

export {
  DecodeError,
  type DecodeErrorDetails,
  EncodeError,
  type EncodeErrorDetails,
  GodotError,
} from './errors.ts';
export {
  type FromNativeOptions,
  fromNative,
  GodotJSON,
  type GodotJSONApi,
  JSON_MAX_DEPTH,
  JsonError,
  type JsonErrorCode,
  type JsonErrorDetails,
  type JsonParseOptions,
  type NativeIssue,
  parseJson,
  type StringifyOptions,
  stringifyJson,
  type ToNativeOptions,
  toNative,
} from './json/index.ts';
export {
  decodeGodot3Payload,
  encodeGodot3Payload,
  Godot3Command,
  type Godot3CommandId,
  type Godot3ConfirmPath,
  type Godot3NodeIdRef,
  type Godot3NodePathRef,
  type Godot3NodeRef,
  type Godot3Outgoing,
  Godot3PathCache,
  type Godot3PathCacheOptions,
  type Godot3Payload,
  type Godot3Raw,
  type Godot3Received,
  type Godot3RemoteCall,
  type Godot3RemoteSet,
  type Godot3SimplifyPath,
} from './multiplayer/index.ts';
export {
  type DecodedDictionary,
  ENetPacketUtils,
  type ENetPacketUtilsApi,
  type PacketDecodeOptions,
  type PacketEncodeOptions,
  type PacketSource,
  PacketType,
  type PacketTypeId,
} from './packet/index.ts';
export {
  compileShape,
  type Shape,
  type Shaped,
  type ShapeFields,
  type ShapeFieldTypes,
} from './shape/index.ts';
export {
  DEFAULT_TEXT_LIMITS,
  type DecimalReading,
  floatToStr,
  parseDecimal,
  readDecimal,
  type StrToVarOptions,
  strToVar,
  TextError,
  type TextErrorCode,
  type TextIssue,
  type TextPlace,
  type TextReadOptions,
  type VarToStrOptions,
  valueToStr,
  varToStr,
} from './text/index.ts';
export { Color } from './values/Color.ts';
export { ContainerType, type ContainerTypeInput } from './values/ContainerType.ts';
export { Dictionary, type DictionaryTypes } from './values/Dictionary.ts';
export { Float, float } from './values/Float.ts';
export { AABB, Plane, Quaternion, Rect2, Rect2i } from './values/geometry.ts';
export type { MathValue } from './values/mathTypes.ts';
export { NodePath } from './values/NodePath.ts';
export {
  PackedColorArray,
  PackedNumbers,
  PackedStringArray,
  PackedVector2Array,
  PackedVector3Array,
  PackedVector4Array,
} from './values/packed.ts';
export { Callable, EncodedObjectAsID, GodotObject, RID, Signal } from './values/reference.ts';
export { StringName } from './values/StringName.ts';
export { TextResource, type TextResourceKind } from './values/TextResource.ts';
export { TypedArray } from './values/TypedArray.ts';
export { Basis, Projection, Transform2D, Transform3D } from './values/transform.ts';
export { variantTypeOf } from './values/typeOf.ts';
export {
  VARIANT_MAX,
  VariantType,
  type VariantTypeId,
  variantTypeName,
  variantTypeString,
} from './values/variantTypes.ts';
export type { PackedValue, VariantInput, VariantLeaf, VariantValue } from './values/variantValue.ts';
export { Vector2, Vector3, Vector4 } from './values/vector.ts';
export { Vector2i, Vector3i, Vector4i } from './values/vectorInt.ts';
export { bytesToVar, type DecodedVariant, decodeVariant } from './variant/decode.ts';
export { encodedSize, encodeVariantInto, varToBytes } from './variant/encode.ts';
export {
  type FrameOptions,
  frameToVar,
  type VariantFrame,
  VariantFrameReader,
  varToFrame,
} from './variant/framing.ts';
export { Godot3VariantType, type Godot3VariantTypeId, godot3TypeName } from './variant/godot3.ts';
export {
  DEFAULT_CODEC_LIMITS,
  type DecodeOptions,
  type Dialect,
  type EncodeOptions,
} from './variant/options.ts';
export { isBorrowed } from './variant/packedMemory.ts';
