/** From a captured frame to the UDP datagram in it: link layers, IPv4, IPv6. */

/** A UDP datagram with its addresses. */
export interface UdpDatagram {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_VLAN = 0x8100;
const UDP = 17;
/** IPv6 extension headers that may stand before UDP: hop-by-hop, routing, destination options. */
const IPV6_EXTENSIONS = [0, 43, 60];

/** The link types (LINKTYPE_ numbers of the pcap format) that can be read. */
export const LINK_TYPES: ReadonlySet<number> = new Set([0, 1, 101, 108, 113, 228, 229, 276]);

/** The UDP datagram in a frame; `undefined` when it holds something else or only a piece of one. */
export function udpOfFrame(linkType: number, frame: Uint8Array): UdpDatagram | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  switch (linkType) {
    case 1:
      return frame.length < 14 ? undefined : ofEthertype(view.getUint16(12), frame.subarray(14));
    case 113:
      return frame.length < 16 ? undefined : ofEthertype(view.getUint16(14), frame.subarray(16));
    case 276:
      return frame.length < 20 ? undefined : ofEthertype(view.getUint16(0), frame.subarray(20));
    case 0:
    case 108:
      return ofIp(frame.subarray(4));
    default:
      return ofIp(frame);
  }
}

function ofEthertype(type: number, rest: Uint8Array): UdpDatagram | undefined {
  if (type === ETHERTYPE_VLAN) {
    return rest.length < 4
      ? undefined
      : ofEthertype(((rest[2] ?? 0) << 8) | (rest[3] ?? 0), rest.subarray(4));
  }
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? ofIp(rest) : undefined;
}

function ofIp(packet: Uint8Array): UdpDatagram | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return ofIpv4(packet);
  return version === 6 ? ofIpv6(packet) : undefined;
}

function ofIpv4(packet: Uint8Array): UdpDatagram | undefined {
  const headerLength = ((packet[0] ?? 0) & 15) * 4;
  if (headerLength < 20 || packet.length < headerLength || packet[9] !== UDP) return undefined;
  const fragment = (((packet[6] ?? 0) << 8) | (packet[7] ?? 0)) & 0x3fff;
  if (fragment !== 0) return undefined;
  const text = (at: number): string => packet.subarray(at, at + 4).join('.');
  return ofUdp(packet.subarray(headerLength), text(12), text(16));
}

function ofIpv6(packet: Uint8Array): UdpDatagram | undefined {
  if (packet.length < 40) return undefined;
  let next = packet[6] ?? 0;
  let at = 40;
  while (IPV6_EXTENSIONS.includes(next)) {
    if (packet.length < at + 8) return undefined;
    next = packet[at] ?? 0;
    at += ((packet[at + 1] ?? 0) + 1) * 8;
  }
  if (next !== UDP) return undefined;
  return ofUdp(packet.subarray(at), `[${ipv6Text(packet, 8)}]`, `[${ipv6Text(packet, 24)}]`);
}

function ofUdp(segment: Uint8Array, from: string, to: string): UdpDatagram | undefined {
  if (segment.length < 8) return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const length = view.getUint16(4);
  if (length < 8 || length > segment.length) return undefined;
  return {
    from: `${from}:${view.getUint16(0)}`,
    to: `${to}:${view.getUint16(2)}`,
    bytes: segment.subarray(8, length),
  };
}

function ipv6Text(packet: Uint8Array, at: number): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) {
    groups.push((((packet[at + i] ?? 0) << 8) | (packet[at + i + 1] ?? 0)).toString(16));
  }
  return groups.join(':');
}
