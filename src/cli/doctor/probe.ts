/** The command `doctor`: asks a server from the client's side what it speaks. */
import { isIP } from 'node:net';
import { type CompressionModeName, isDtlsRecord, protocolName } from '../../doctor/internal.ts';
import { crc32, parseDatagram } from '../../enet/index.ts';
import { createCompressor, prepareZstd } from '../../io/internal.ts';
import { formatAddress } from '../../ops/internal.ts';
import type { Runtime } from '../../runtime/index.ts';
import { printable } from '../printable.ts';
import { certificateLines } from './certificateLines.ts';
import { type EnetAnswer, type EnetFinding, probeEnet } from './enetProbe.ts';
import { isClosed, knockDtls } from './knock.ts';

/** What was found, stable. */
export type Verdict =
  | 'ENET'
  | 'ENET_OVER_DTLS'
  | 'ENET_WITH_CHECKSUM'
  | 'DTLS'
  | 'OTHER_PROTOCOL'
  | 'NO_HANDSHAKE'
  | 'CLOSED'
  | 'NO_ANSWER'
  | 'UNKNOWN_HOST';

/** What a server at an address is. */
export interface ProbeReport {
  /** `ip:port`, or what was asked for when the name has no address. */
  readonly address: string;
  readonly verdict: Verdict;
  /** What it means and what to do, a line each. */
  readonly lines: readonly string[];
  /** How its datagrams are compressed. */
  readonly compression?: CompressionModeName;
  /** What it granted. */
  readonly answer?: EnetAnswer;
}

/** What to ask. */
export interface ProbeRequest {
  readonly runtime: Runtime;
  /** A literal address or a name. */
  readonly host: string;
  /** 1..65535 */
  readonly port: number;
  /** How long to wait for each kind of answer, in milliseconds. There are four kinds. */
  readonly timeoutMs: number;
  /** How long to watch a server after the handshake, in milliseconds. */
  readonly watchMs: number;
}

/** Asks. Takes at most `4 * timeoutMs + watchMs` and two seconds, sends a handful of datagrams, and leaves politely. */
export async function probeServer(request: ProbeRequest): Promise<ProbeReport> {
  const { runtime, host, port, timeoutMs } = request;
  const ip = await resolve(runtime, host);
  if (ip === undefined) {
    return {
      address: `${host}:${port}`,
      verdict: 'UNKNOWN_HOST',
      lines: ['The name has no address. Check its spelling and the DNS.'],
    };
  }
  const address = formatAddress({ ip, port });
  if (await isClosed(ip, port)) {
    return {
      address,
      verdict: 'CLOSED',
      lines: ['Nobody listens on this UDP port. Is the server running, and is this its port?'],
    };
  }
  // Without a library for zstd the other modes still work, and zstd is told by its signature.
  await prepareZstd().catch(() => undefined);
  const question = {
    runtime,
    address: { ip, port },
    timeoutMs,
    watchMs: request.watchMs,
    createCompressor: tryCompressor,
  };
  const plain = await probeEnet(question);
  if (plain.answer !== undefined) return { address, verdict: 'ENET', ...describe(plain, plain.answer) };
  if (plain.compression !== 'none') {
    return {
      address,
      verdict: 'NO_HANDSHAKE',
      compression: plain.compression,
      lines: [
        `It answers with ${plain.compression} compression, which this process cannot read (see docs/guide/compression.md).`,
      ],
    };
  }
  if (plain.first !== undefined && isForeign(plain.first)) return otherProtocol(address, plain.first);
  // Before the checksums: a host with DTLS would take a datagram with one for a client with checksums.
  const name = isIP(host) === 0 ? host : undefined;
  const knock = await knockDtls(ip, port, name, timeoutMs);
  if (knock.kind === 'other' && isForeign(knock.bytes)) return otherProtocol(address, knock.bytes);
  if (knock.kind === 'dtls') {
    const lines = [DTLS, ...certificateLines(knock.chain, host)];
    if (knock.failure !== undefined) {
      return {
        address,
        verdict: 'DTLS',
        lines: [...lines, `The handshake failed: ${printable(knock.failure)}.`],
      };
    }
    const below = await probeEnet({ ...question, secure: { role: 'client', name, trust: 'anybody' } });
    if (below.answer === undefined) {
      return {
        address,
        verdict: 'DTLS',
        lines: [...lines, 'Nothing inside answers as an ENet server does.'],
      };
    }
    const { lines: inside, ...rest } = describe(below, below.answer);
    return { address, verdict: 'ENET_OVER_DTLS', ...rest, lines: [...lines, ...inside] };
  }
  const checked = await probeEnet({ ...question, checksum: crc32 });
  if (checked.answer !== undefined) {
    const { lines, ...rest } = describe(checked, checked.answer);
    const remedy = 'It uses ENet checksums, which Godot does not have: Godot clients cannot join it.';
    return { address, verdict: 'ENET_WITH_CHECKSUM', ...rest, lines: [remedy, ...lines] };
  }
  return { address, verdict: 'NO_ANSWER', lines: NO_ANSWER };
}

const DTLS =
  'It speaks DTLS. In Godot call host.dtls_client_setup(hostname, TLSOptions.client()) before connecting.';

/** Whether a datagram is neither of ENet nor of DTLS. */
function isForeign(bytes: Uint8Array): boolean {
  if (protocolName(bytes) !== undefined) return true;
  if (isDtlsRecord(bytes)) return false;
  const parsed = parseDatagram(bytes);
  return parsed === undefined || parsed.commands.length === 0 || parsed.rest.some((byte) => byte !== 0);
}

function otherProtocol(address: string, bytes: Uint8Array): ProbeReport {
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const what = protocolName(bytes) ?? `${bytes.length} bytes that begin with ${start}`;
  return {
    address,
    verdict: 'OTHER_PROTOCOL',
    lines: [`It answers with ${what}: it is no ENet server. Is this the right port?`],
  };
}

/** Some of these can be told apart from the server's side only: see its log for `onDiagnosis`. */
const NO_ANSWER = [
  'No answer. One of:',
  '- a firewall or router drops UDP to this port;',
  '- the server is full, or refuses this address;',
  '- it is not an ENet server.',
];

function describe(
  { compression }: EnetFinding,
  answer: EnetAnswer,
): Pick<ProbeReport, 'lines' | 'compression' | 'answer'> {
  const lines = [
    `ENet 1.3, handshake in ${answer.connectMs} ms; ${answer.channels} channels, datagrams of ${answer.mtuBytes} bytes; ` +
      `it takes ${bandwidth(answer.incomingBandwidth)} and sends ${bandwidth(answer.outgoingBandwidth)}.`,
    compression === 'none'
      ? 'It sent nothing compressed. Either it has no compression, or its answers did not get shorter (zlib).'
      : `It compresses with ${compression}: set the same mode in the client right after creating it.`,
    kindOf(answer),
  ];
  return { compression, answer, lines };
}

function kindOf({ channels, stays, disconnectData, packets }: EnetAnswer): string {
  if (stays) {
    const greeting = packets === 0 ? '' : ` It sent ${packets} packets unasked.`;
    return `It keeps a client without a multiplayer id: an ENetServer, an ENetConnection or another ENet host.${greeting}`;
  }
  if (disconnectData === undefined) {
    const peer =
      channels === GODOT3_CHANNELS
        ? "probably Godot 3's NetworkedMultiplayerENet: its clients join it, Godot 4's do not"
        : "probably Godot 4's ENetMultiplayerPeer";
    return `It goes silent towards a client without a multiplayer id: ${peer}.`;
  }
  // The multiplayer peers of this package say goodbye with 0; Godot's go silent.
  const peer =
    channels === GODOT3_CHANNELS
      ? "probably the GodotThreeMultiplayerPeer of godot-enet: Godot 3's clients join it, Godot 4's do not"
      : "probably the ENetMultiplayerPeer of godot-enet, which Godot 4's clients join";
  const who = disconnectData === 0 ? `${peer}; or ` : '';
  return (
    `It disconnects a client without a multiplayer id, with ${disconnectData} as data: ` +
    `${who}a server that turns this client away.`
  );
}

/** What Godot 3 has unless it is told otherwise. */
const GODOT3_CHANNELS = 3;

function bandwidth(bytesPerSec: number): string {
  return bytesPerSec === 0 ? 'any bandwidth' : `${bytesPerSec} bytes/s`;
}

function tryCompressor(mode: number): ReturnType<typeof createCompressor> {
  try {
    return createCompressor(mode);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_ZSTD_UNAVAILABLE') return undefined;
    throw error;
  }
}

function resolve(runtime: Runtime, name: string): Promise<string | undefined> {
  return new Promise((done) => runtime.resolve(name, done));
}
