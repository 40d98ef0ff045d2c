/** Bytes as hexadecimal text, as the golden files hold them. */

/** The bytes of a hex text; spaces do not count. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (digits) =>
    Number.parseInt(digits, 16),
  );
}

/** Lower-case hex text of bytes. */
export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
