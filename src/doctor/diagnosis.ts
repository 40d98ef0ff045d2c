/** What the connection doctor can find: the stable codes and their one-line texts. Ours, beyond ENet and Godot. */
import type { Address } from '../enet/index.ts';

/** The stable codes of all diagnoses; each is explained in docs/errors.md. */
export const DiagnosisCode = {
  /** The datagram is compressed in a way that this host does not use. */
  OTHER_COMPRESSION: 'OTHER_COMPRESSION',
  /** A DTLS record reached a host without DTLS. */
  DTLS_ON_PLAIN_HOST: 'DTLS_ON_PLAIN_HOST',
  /** Plain ENet reached a host that speaks DTLS. */
  PLAIN_ON_DTLS_HOST: 'PLAIN_ON_DTLS_HOST',
  /** One side adds checksums, the other does not. */
  OTHER_CHECKSUM: 'OTHER_CHECKSUM',
  /** A handshake of ENet 1.2 or older. */
  OLD_ENET: 'OLD_ENET',
  /** Godot 3's high-level multiplayer knocks at something else. */
  GODOT3_CLIENT: 'GODOT3_CLIENT',
  /** Godot 4's high-level multiplayer knocks at something else. */
  GODOT4_CLIENT: 'GODOT4_CLIENT',
  /** A client without a multiplayer id knocks at a high-level multiplayer server. */
  NOT_MULTIPLAYER: 'NOT_MULTIPLAYER',
  /** The remote wants more channels than it gets. */
  TOO_FEW_CHANNELS: 'TOO_FEW_CHANNELS',
  /** An HTTP request. */
  HTTP_REQUEST: 'HTTP_REQUEST',
  /** An HTTP request that asks for a WebSocket. */
  WEBSOCKET_REQUEST: 'WEBSOCKET_REQUEST',
  /** A datagram of another protocol that is known: QUIC, STUN, TLS, a query of game server browsers. */
  OTHER_PROTOCOL: 'OTHER_PROTOCOL',
  /** Nothing that is known. */
  NOT_ENET: 'NOT_ENET',
} as const;

/** One of the codes of {@link DiagnosisCode}. */
export type DiagnosisCode = (typeof DiagnosisCode)[keyof typeof DiagnosisCode];

/** Why datagrams of an address cannot be used. */
export interface Diagnosis {
  /** What it is. Stable. */
  readonly code: DiagnosisCode;
  /** Where the datagram came from. */
  readonly address: Address;
  /** What is the matter and what helps, in one line. Not stable. */
  readonly message: string;
}

/** What stands behind a host, as far as it shows in a handshake. */
export type HostKind = 'ENetServer' | 'ENetMultiplayerPeer' | 'NetworkedMultiplayerENet';

/** The names of the compressions, by Godot's `COMPRESS_*` number. */
export const COMPRESSION_MODES = ['none', 'range coder', 'FastLZ', 'zlib', 'zstd'] as const;

/** One of {@link COMPRESSION_MODES}. */
export type CompressionModeName = (typeof COMPRESSION_MODES)[number];

/** A finding without its address. */
export interface Finding {
  readonly code: DiagnosisCode;
  /** What comes after "ADDRESS ". */
  readonly text: string;
}

/** Godot's constants, by the names of the compressors. */
const COMPRESSION_CONSTANTS: ReadonlyMap<string, string> = new Map([
  ['none', 'COMPRESS_NONE'],
  ['range coder', 'COMPRESS_RANGE_CODER'],
  ['FastLZ', 'COMPRESS_FASTLZ'],
  ['zlib', 'COMPRESS_ZLIB'],
  ['zstd', 'COMPRESS_ZSTD'],
]);

/**
 * The finding for another compression.
 *
 * @param theirs `undefined` for one that cannot be told.
 * @param ours the name of the host's compressor, or `none`.
 */
export function otherCompression(theirs: CompressionModeName | undefined, ours: string): Finding {
  const here = ours === 'none' ? 'this host has no compression' : `this host has ${ours}`;
  if (theirs === undefined) {
    return {
      code: DiagnosisCode.OTHER_COMPRESSION,
      text: `compresses in a way that cannot be told, ${here}; set the same compression mode on both sides`,
    };
  }
  return {
    code: DiagnosisCode.OTHER_COMPRESSION,
    text:
      `compresses with ${theirs}, ${here}; set ${COMPRESSION_CONSTANTS.get(theirs) ?? theirs} here ` +
      `or ${COMPRESSION_CONSTANTS.get(ours) ?? 'the same compressor'} there`,
  };
}

/** The finding for checksums. */
export function otherChecksum(isOurs: boolean): Finding {
  return {
    code: DiagnosisCode.OTHER_CHECKSUM,
    text: isOurs
      ? 'sends no checksums, this host wants them; Godot has none: leave the option "checksum" of this host out'
      : 'adds ENet checksums, this host does not; turn them off there, or set the option "checksum" here',
  };
}

/** Fixed texts. */
export const FINDINGS: Readonly<Record<'dtls' | 'plain' | 'oldEnet' | 'http' | 'webSocket', Finding>> = {
  dtls: {
    code: DiagnosisCode.DTLS_ON_PLAIN_HOST,
    text:
      'speaks DTLS, this host speaks plain ENet; set DTLS up here (dtlsServerSetup, or the option "tls") ' +
      'or leave dtls_client_setup out there',
  },
  plain: {
    code: DiagnosisCode.PLAIN_ON_DTLS_HOST,
    text: 'speaks plain ENet, this host wants DTLS; call dtls_client_setup there, or leave DTLS out here',
  },
  oldEnet: {
    code: DiagnosisCode.OLD_ENET,
    text: 'speaks ENet 1.2 or older, this host ENet 1.3; the client needs a library of ENet 1.3',
  },
  http: {
    code: DiagnosisCode.HTTP_REQUEST,
    text: 'sends an HTTP request, this is an ENet host on UDP; the address of the web server is another',
  },
  webSocket: {
    code: DiagnosisCode.WEBSOCKET_REQUEST,
    text:
      'asks for a WebSocket, this is an ENet host on UDP; use ENetMultiplayerPeer or ENetConnection there ' +
      '(browsers have no UDP and cannot join)',
  },
};

/** The finding for a protocol that is known by its signature. */
export function otherProtocol(name: string): Finding {
  return {
    code: DiagnosisCode.OTHER_PROTOCOL,
    text: `sends ${name}, this is an ENet host; it is harmless unless a game client does it`,
  };
}

/** The finding for bytes that nobody knows. */
export function notEnet(bytes: Uint8Array): Finding {
  const shown = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const start = bytes.length === 0 ? 'nothing' : `${bytes.length} bytes that begin with ${shown}`;
  return {
    code: DiagnosisCode.NOT_ENET,
    text: `sends ${start}, which is not ENet; check that this is the right port and that nothing alters datagrams`,
  };
}

/** The finding for channels. */
export function tooFewChannels(wanted: number, granted: number): Finding {
  return {
    code: DiagnosisCode.TOO_FEW_CHANNELS,
    text:
      `wants ${wanted} channels and gets ${granted}: what it sends on channel ${granted} and above fails; ` +
      'raise maxChannels here, or ask for fewer there',
  };
}

/** The finding for a client of another kind than the host expects. */
export function otherKind(
  code: 'GODOT3_CLIENT' | 'GODOT4_CLIENT' | 'NOT_MULTIPLAYER',
  host: HostKind,
): Finding {
  return { code, text: KIND_TEXTS[code][host] };
}

const KIND_TEXTS: Readonly<
  Record<'GODOT3_CLIENT' | 'GODOT4_CLIENT' | 'NOT_MULTIPLAYER', Readonly<Record<HostKind, string>>>
> = {
  GODOT3_CLIENT: {
    ENetServer:
      "looks like Godot 3's NetworkedMultiplayerENet, this is an ENetServer; serve it with GodotThreeMultiplayerPeer",
    ENetMultiplayerPeer:
      "looks like Godot 3's NetworkedMultiplayerENet, this is an ENetMultiplayerPeer for Godot 4; " +
      'serve it with GodotThreeMultiplayerPeer',
    NetworkedMultiplayerENet: '',
  },
  GODOT4_CLIENT: {
    ENetServer:
      "looks like Godot 4's ENetMultiplayerPeer, this is an ENetServer; use ENetClient or ENetConnection there, " +
      'or ENetMultiplayerPeer here',
    ENetMultiplayerPeer: '',
    NetworkedMultiplayerENet:
      "looks like Godot 4's ENetMultiplayerPeer, this host speaks Godot 3's framing; use ENetMultiplayerPeer here",
  },
  NOT_MULTIPLAYER: {
    ENetServer: '',
    ENetMultiplayerPeer:
      'sends no multiplayer id, this is an ENetMultiplayerPeer; use ENetMultiplayerPeer there, or ENetServer or ' +
      'ENetConnection here',
    NetworkedMultiplayerENet:
      'sends no multiplayer id, this is a high-level multiplayer server of Godot 3; use NetworkedMultiplayerENet there',
  },
};
