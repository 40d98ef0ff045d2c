/** From a captured frame to the UDP datagram in it: link layers, IPv4, IPv6. */
import { formatIp } from '../../enet/internal.ts';

/** A UDP datagram with its addresses. */
export interface UdpDatagram {
  /** `ip:port` of the sender, with brackets around IPv6. */
  readonly from: string;
  /** `ip:port` of the receiver. */
  readonly to: string;
  /** The payload: a view into the frame. */
  readonly bytes: Uint8Array;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];
const UDP = 17;
const IPV6_FRAGMENT = 44;
/** IPv6 extension headers that may stand before UDP: hop-by-hop, routing, destination options. */
const IPV6_EXTENSIONS: readonly number[] = [0, 43, 60];

/** The link types (LINKTYPE_ numbers of the pcap format) that can be read. */
export const LINK_TYPES: ReadonlySet<number> = new Set([0, 1, 101, 108, 113, 228, 229, 276]);

/**
 * The UDP datagram in a frame.
 *
 * @param linkType - One of {@link LINK_TYPES}.
 * @param frame - The captured bytes; read only.
 * @returns The datagram; a text that says why UDP cannot be read; `undefined` when the frame is no UDP over IP.
 */
export function udpOfFrame(linkType: number, frame: Uint8Array): UdpDatagram | string | undefined {
  switch (linkType) {
    case 1:
      return ofEthertype(frame, 12);
    case 113:
      return ofEthertype(frame, 14);
    case 276:
      return frame.length < 20 || !isIpType(u16(frame, 0)) ? undefined : ofIp(frame.subarray(20));
    case 0:
    case 108:
      return ofIp(frame.subarray(4));
    default:
      return ofIp(frame);
  }
}

/** `at` is where the EtherType stands; VLAN tags before the packet are passed over. */
function ofEthertype(frame: Uint8Array, start: number): UdpDatagram | string | undefined {
  let at = start;
  while (at + 2 <= frame.length && VLAN_TAGS.includes(u16(frame, at))) at += 4;
  return at + 2 <= frame.length && isIpType(u16(frame, at)) ? ofIp(frame.subarray(at + 2)) : undefined;
}

function isIpType(type: number): boolean {
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6;
}

function ofIp(packet: Uint8Array): UdpDatagram | string | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return ofIpv4(packet);
  return version === 6 ? ofIpv6(packet) : undefined;
}

function ofIpv4(packet: Uint8Array): UdpDatagram | string | undefined {
  const headerLength = ((packet[0] ?? 0) & 15) * 4;
  if (packet.length < 20) return 'the IPv4 header is cut off';
  if (packet[9] !== UDP) return undefined;
  if (headerLength < 20 || packet.length < headerLength) return 'the IPv4 header has a bad length';
  if ((u16(packet, 6) & 0x3fff) !== 0) return 'it is a fragment of an IPv4 packet';
  return ofUdp(
    packet.subarray(headerLength),
    formatIp(packet.subarray(12, 16)),
    formatIp(packet.subarray(16, 20)),
  );
}

function ofIpv6(packet: Uint8Array): UdpDatagram | string | undefined {
  if (packet.length < 40) return 'the IPv6 header is cut off';
  let next = packet[6] ?? 0;
  let at = 40;
  while (IPV6_EXTENSIONS.includes(next)) {
    if (packet.length < at + 8) return 'an IPv6 extension header is cut off';
    next = packet[at] ?? 0;
    at += ((packet[at + 1] ?? 0) + 1) * 8;
  }
  if (next === IPV6_FRAGMENT && packet[at] === UDP) return 'it is a fragment of an IPv6 packet';
  if (next !== UDP) return undefined;
  return ofUdp(
    packet.subarray(at),
    `[${formatIp(packet.subarray(8, 24))}]`,
    `[${formatIp(packet.subarray(24, 40))}]`,
  );
}

function ofUdp(segment: Uint8Array, from: string, to: string): UdpDatagram | string {
  if (segment.length < 8) return 'the UDP header is cut off';
  const length = u16(segment, 4);
  if (length < 8) return `the UDP header has a bad length (${length})`;
  if (length > segment.length) {
    return `only ${segment.length} of ${length} UDP bytes were captured; capture with a larger snap length`;
  }
  return {
    from: `${from}:${u16(segment, 0)}`,
    to: `${to}:${u16(segment, 2)}`,
    bytes: segment.subarray(8, length),
  };
}

/** The caller has checked that both bytes are there. */
function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
