/** Packet captures made byte by byte, for the tests of the readers. */

/** Puts byte arrays behind each other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Numbers as bytes: `[size in bytes, value]` each. */
export function numbers(isLittle: boolean, ...fields: readonly (readonly [1 | 2 | 4, number])[]): Uint8Array {
  return join(
    ...fields.map(([size, value]) => {
      const view = new DataView(new ArrayBuffer(size));
      if (size === 1) view.setUint8(0, value);
      else if (size === 2) view.setUint16(0, value, isLittle);
      else view.setUint32(0, value, isLittle);
      return new Uint8Array(view.buffer);
    }),
  );
}

/** A UDP segment from port 5000 to 7777. */
export function udp(payload: Uint8Array, length: number = payload.length + 8): Uint8Array {
  return join(numbers(false, [2, 5000], [2, 7777], [2, length], [2, 0]), payload);
}

/** An IPv4 packet from 10.0.0.1 to 10.0.0.2. */
export function ipv4(segment: Uint8Array, protocol = 17, fragment = 0, options = 0): Uint8Array {
  return join(
    numbers(
      false,
      [1, 0x45 + options / 4],
      [1, 0],
      [2, 20 + options + segment.length],
      [2, 1],
      [2, fragment],
      [1, 64],
      [1, protocol],
      [2, 0],
      [4, 0x0a000001],
      [4, 0x0a000002],
    ),
    new Uint8Array(options),
    segment,
  );
}

/** An IPv6 packet from fe80::1 to ::1; `next` names what follows the fixed header. */
export function ipv6(rest: Uint8Array, next = 17): Uint8Array {
  const from = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  const to = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  return join(numbers(false, [4, 0x60000000], [2, rest.length], [1, next], [1, 64]), from, to, rest);
}

/** An Ethernet frame; `tags` are EtherTypes of VLAN tags before the packet. */
export function ethernet(packet: Uint8Array, type = 0x0800, tags: readonly number[] = []): Uint8Array {
  return join(
    new Uint8Array(12),
    ...tags.map((tag) => numbers(false, [2, tag], [2, 7])),
    numbers(false, [2, type]),
    packet,
  );
}

/** One frame of a pcap file. */
export interface PcapFrame {
  readonly seconds: number;
  /** Micro- or nanoseconds. */
  readonly fraction: number;
  readonly bytes: Uint8Array;
}

/** A pcap file. */
export function pcap(
  linkType: number,
  frames: readonly PcapFrame[],
  isLittle = true,
  isNano = false,
): Uint8Array {
  return join(
    numbers(
      isLittle,
      [4, isNano ? 0xa1b23c4d : 0xa1b2c3d4],
      [2, 2],
      [2, 4],
      [4, 0],
      [4, 0],
      [4, 65_535],
      [4, linkType],
    ),
    ...frames.map(({ seconds, fraction, bytes }) =>
      join(numbers(isLittle, [4, seconds], [4, fraction], [4, bytes.length], [4, bytes.length]), bytes),
    ),
  );
}

/** A block of a pcapng file; its body is padded to four bytes. */
export function block(isLittle: boolean, type: number, body: Uint8Array): Uint8Array {
  const padding = new Uint8Array((4 - (body.length % 4)) % 4);
  const length = 12 + body.length + padding.length;
  return join(numbers(isLittle, [4, type], [4, length]), body, padding, numbers(isLittle, [4, length]));
}

/** The block that begins a pcapng section. */
export function section(isLittle = true): Uint8Array {
  return block(
    isLittle,
    0x0a0d0d0a,
    numbers(isLittle, [4, 0x1a2b3c4d], [2, 1], [2, 0], [4, 0xffffffff], [4, 0xffffffff]),
  );
}

/** An interface of a pcapng section; `resolution` is the value of the option if_tsresol. */
export function networkInterface(isLittle: boolean, linkType: number, resolution?: number): Uint8Array {
  const options =
    resolution === undefined
      ? new Uint8Array()
      : numbers(isLittle, [2, 9], [2, 1], [1, resolution], [1, 0], [2, 0], [2, 0], [2, 0]);
  return block(isLittle, 1, join(numbers(isLittle, [2, linkType], [2, 0], [4, 0]), options));
}

/** An enhanced packet block. */
export function enhanced(
  isLittle: boolean,
  interfaceId: number,
  units: number,
  bytes: Uint8Array,
): Uint8Array {
  return block(
    isLittle,
    6,
    join(
      numbers(
        isLittle,
        [4, interfaceId],
        [4, Math.floor(units / 2 ** 32)],
        [4, units % 2 ** 32],
        [4, bytes.length],
        [4, bytes.length],
      ),
      bytes,
    ),
  );
}
