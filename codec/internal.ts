/** The internal door of codec, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { isStackOverflow, STACK_MESSAGE } from './errors.ts';
export { readInt } from './lexical/numbers.ts';
export { decodeNodeMetadataPacket, decodeVariantPacket } from './packet/decode.ts';
export { encodeTyped } from './packet/encode.ts';
export { TextParser } from './text/parser.ts';
export { TextScanner } from './text/tokens.ts';
export { checkText } from './values/component.ts';
export { MATH_TYPES, mathParts } from './values/mathTypes.ts';
export { PACKED_VECTOR_TYPES, packedVectorName } from './values/packedTypes.ts';
export { basisOfQuaternion, quaternionOfBasis } from './values/rotation.ts';
export { objectType } from './values/typeOf.ts';
export { variantTypeByString } from './values/variantTypes.ts';
export { resolveDecodeOptions, resolveEncodeOptions } from './variant/options.ts';
