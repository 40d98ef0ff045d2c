/** The bits of a Variant's header beside its type id (variant-codec.md sections 1 and 2.1). */

/** INT, FLOAT and everything made of reals: the body is 64-bit. */
export const FLAG_64 = 0x00010000;
/** OBJECT: the body is an instance id. */
export const FLAG_OBJECT_AS_ID = 0x00010000;

/** Container kinds of typed arrays and dictionaries (section 1). */
export const ContainerKind = {
  /** Untyped: no field follows. */
  NONE: 0,
  /** A u32 type id follows. */
  BUILTIN: 1,
  /** A class name follows. */
  CLASS_NAME: 2,
  /** A script path follows. */
  SCRIPT: 3,
} as const;
