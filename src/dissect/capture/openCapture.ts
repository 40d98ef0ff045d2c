/** From the bytes of any capture file to its datagrams. */
import { type Capture, CaptureError } from './capturedDatagram.ts';
import { packetCaptureKind, readPacketCapture } from './pcap.ts';
import { readTextCapture } from './textCapture.ts';

/** The largest packet capture that is read, in bytes: 1 GiB. It is read whole. */
export const MAX_CAPTURE_BYTES: number = 1024 * 1024 * 1024;
/** The largest session or hexadecimal file that is read, in bytes: 256 MiB. */
export const MAX_TEXT_BYTES: number = 256 * 1024 * 1024;

/**
 * Opens a capture: pcap, pcapng, a recorded session in JSON, or hexadecimal text. The content decides which, not a name.
 *
 * @param file - The whole file. Kept, not changed: the datagrams of a packet capture are views into it.
 * @throws CaptureError when the file is too large or its beginning cannot be read; later damage shows while iterating.
 */
export function openCapture(file: Uint8Array): Capture {
  if (file.length > MAX_CAPTURE_BYTES) {
    throw new CaptureError(`${file.length} bytes are more than can be read (${MAX_CAPTURE_BYTES})`);
  }
  const kind = packetCaptureKind(file);
  if (kind !== undefined) return { kind, compression: undefined, entries: readPacketCapture(file) };
  if (file.length > MAX_TEXT_BYTES) {
    throw new CaptureError(`${file.length} bytes of text are more than can be read (${MAX_TEXT_BYTES})`);
  }
  if (file.includes(0)) {
    throw new CaptureError(
      `neither pcap, pcapng nor text: there is a zero byte at ${file.indexOf(0)}; ` +
        'only hexadecimal text, sessions in JSON, pcap and pcapng files can be read',
    );
  }
  return readTextCapture(new TextDecoder().decode(file));
}
