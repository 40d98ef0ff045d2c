/** The binary files of an export, made by hand: `project.binary` and `.godot/uid_cache.bin`. */

/** `project.binary`: names with encoded values. */
export function settingsBytes(
  settings: readonly (readonly [name: string, value: Uint8Array])[],
  count: number = settings.length,
): Uint8Array {
  return joined([
    UTF8.encode('ECFG'),
    u32(count),
    ...settings.flatMap(([name, value]) => [...sized(UTF8.encode(name)), ...sized(value)]),
  ]);
}

/** `uid_cache.bin`: numbers with paths. */
export function uidCacheBytes(
  uids: readonly (readonly [id: bigint, path: string])[],
  count: number = uids.length,
): Uint8Array {
  return joined([u32(count), ...uids.flatMap(([id, path]) => [u64(id), ...sized(UTF8.encode(path))])]);
}

function sized(bytes: Uint8Array): Uint8Array[] {
  return [u32(bytes.length), bytes];
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const UTF8 = new TextEncoder();
