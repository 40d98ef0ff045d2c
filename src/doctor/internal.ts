/** The internal door of src/doctor, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { CompressionGuesser } from './compression.ts';
export { COMPRESSION_MODES, type CompressionModeName } from './diagnosis.ts';
export { DOCTOR_OPTION_NAMES } from './forHost.ts';
export { isDtlsRecord, protocolName } from './signatures.ts';
export { Teller } from './teller.ts';
