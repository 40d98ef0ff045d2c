/** The internal door of src/dissect, for the other rooms of this package: nothing of it is public API. Re-exports only. */

export {
  type Capture,
  type CapturedDatagram,
  CaptureError,
  isDatagram,
  type SkippedFrame,
} from './capture/capturedDatagram.ts';
export { decrypted } from './capture/decrypted.ts';
export { MAX_CAPTURE_BYTES, openCapture } from './capture/openCapture.ts';
export { parseHex } from './capture/textCapture.ts';
export { pcapngHead, pcapngPacket } from './capture/writePcapng.ts';
export {
  type DissectedCommand,
  type DissectedDatagram,
  type DissectedPacket,
  type DissectOptions,
  Dissector,
} from './Dissector.ts';
export { PAYLOAD_MODES, type PacketValue, type PayloadMode, readPacketValue } from './packetValue.ts';
export { type FragmentOutcome, Reassembly } from './reassembly.ts';
export {
  COMPRESSION_NAMES,
  type CompressionChoice,
  type CompressionName,
  createUnpacker,
  isCompressionChoice,
  type Unpacker,
} from './unpack.ts';
