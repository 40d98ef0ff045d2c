/**
 * What a real engine's server sent in the recorded game golden/multiplayer/sessions/world.json (three clients, spawns, state and calls,
 * 60 Hz), and what our transport makes of the same packets at the same times: one datagram for each, or as few as SceneMultiplayer lets it.
 * Counted: everything that leaves the server, with IP and UDP headers, acknowledgements and pings.
 */
import { readFileSync } from 'node:fs';
import { parseDatagram } from '../src/enet/commands.ts';
import { ENetMultiplayerPeer } from '../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import type { TransferMode } from '../src/godot/multiplayer/multiplayerConstants.ts';
import { simplifyPathPacket } from '../src/multiplayer/wire/systemPackets.ts';
import { SimNetwork } from '../src/testing/SimNetwork.ts';
import type { SessionDatagram, SessionSide } from '../src/testing/session.ts';
import { assemblePackets, type RecordedPacket } from '../test/support/recordedSession.ts';

/** What left the server. */
export interface Sent {
  readonly datagrams: number;
  readonly bytes: number;
}

/** One client of the recording. */
interface RecordedClient {
  readonly name: string;
  readonly datagrams: readonly SessionDatagram[];
  readonly packets: readonly RecordedPacket[];
}

const FILE = new URL('../golden/multiplayer/sessions/world.json', import.meta.url);
const TICK_MS = 1000 / 60;
const SERVER_IP = '10.0.0.1';
const PORT = 7777;
/** IPv4 and UDP. */
const HEADER_BYTES = 28;
/** The checksum of no methods. */
const NOTHING = 'd41d8cd98f00b204e9800998ecf8427e';

/** What the engine sent. */
export function recordedGame(): Sent {
  const sent = readClients().flatMap(({ datagrams }) => datagrams.filter(([, side]) => side === 'server'));
  const bytes = sent.reduce((sum, [, , hex]) => sum + hex.length / 2 + HEADER_BYTES, 0);
  return { datagrams: sent.length, bytes };
}

/**
 * Plays the packets of both sides again.
 *
 * @param way `'engine'`: a datagram for each packet of the server; `'safe'`: what is sent in one frame leaves together, and each client is
 * asked for its version, which no engine does.
 * @throws Error when a packet got lost.
 */
export function playRecordedGame(way: 'engine' | 'safe'): Sent {
  const network = new SimNetwork({ seed: 1, latencyMs: 1 });
  let [datagrams, bytes, received] = [0, 0, 0];
  network.onDatagram((datagram) => {
    if (datagram.from.ip !== SERVER_IP || datagram.fate !== 'sent') return;
    datagrams++;
    bytes += datagram.bytes.length + HEADER_BYTES;
  });
  const server = new ENetMultiplayerPeer({ runtime: network.createRuntime(SERVER_IP) });
  server.createServer(PORT, 8);
  server.sendsAtOnce = way === 'engine';
  const asked = new Set<number>();
  const players = readClients().map(({ datagrams: recorded, packets }, i) => ({
    peer: new ENetMultiplayerPeer({ runtime: network.createRuntime(`10.0.1.${i + 1}`) }),
    first: recorded[0]?.[0] ?? 0,
    // Who says goodbye first.
    end: recorded.findLast(([, side, hex]) => side === 'client' && isGoodbye(hex))?.[0],
    outbox: { client: packets.filter(from('client')), server: packets.filter(from('server')) },
  }));
  const endMs = Math.max(...readClients().map(({ datagrams: recorded }) => recorded.at(-1)?.[0] ?? 0));
  let serverPackets = 0;
  let lastMs = 0;
  for (let nowMs = 0; nowMs < endMs; nowMs += TICK_MS) {
    network.advance(Math.round(nowMs) - lastMs);
    lastMs = Math.round(nowMs);
    for (const { peer, first, end, outbox } of players) {
      if (end !== undefined && nowMs >= end) peer.close();
      else if (nowMs >= first && peer.getConnectionStatus() === 0) peer.createClient(SERVER_IP, PORT);
      if (peer.getConnectionStatus() === 0) continue;
      peer.poll();
      for (; peer.getAvailablePacketCount() > 0; received++) peer.getPacket();
      if (peer.getConnectionStatus() === 2) put(peer, 1, outbox.client, nowMs);
    }
    server.poll();
    while (server.getAvailablePacketCount() > 0) server.getPacket();
    for (const { peer, outbox } of players) {
      const id = peer.getUniqueId();
      if (id === 0 || server.getPeer(id) === null) continue;
      if (way === 'safe' && !asked.has(id)) {
        asked.add(id);
        putOne(server, id, 2, 0, simplifyPathPacket(NOTHING, 0x7000_0000, '.'));
        serverPackets++;
      }
      serverPackets += put(server, id, outbox.server, nowMs);
    }
    server.flush();
  }
  server.close();
  // What is under way to somebody who leaves is lost.
  if (serverPackets < 100 || received < serverPackets - players.length)
    throw new Error(`${received} of ${serverPackets} packets arrived`);
  return { datagrams, bytes };
}

/** Sends what is due. @returns how many packets. */
function put(peer: ENetMultiplayerPeer, target: number, outbox: RecordedPacket[], nowMs: number): number {
  let count = 0;
  for (; (outbox[0]?.ms ?? Number.POSITIVE_INFINITY) <= nowMs; count++) {
    const packet = outbox.shift();
    if (packet !== undefined)
      putOne(peer, target, packet.mode, Math.max(0, packet.channel - 1), packet.bytes);
  }
  return count;
}

function putOne(
  peer: ENetMultiplayerPeer,
  target: number,
  mode: TransferMode,
  channel: number,
  bytes: Uint8Array,
): void {
  peer.setTargetPeer(target);
  peer.transferMode = mode;
  peer.transferChannel = channel;
  const error = peer.putPacket(bytes);
  if (error !== 0) throw new Error(`putPacket gave ${error}`);
}

function from(side: SessionSide): (packet: RecordedPacket) => boolean {
  return (packet) => packet.side === side;
}

function isGoodbye(hex: string): boolean {
  return parse(hex).commands.some(({ name }) => name === 'DISCONNECT');
}

function parse(hex: string): NonNullable<ReturnType<typeof parseDatagram>> {
  const parsed = parseDatagram(Buffer.from(hex, 'hex'));
  if (parsed === undefined) throw new Error('a datagram cannot be taken apart');
  return parsed;
}

function readClients(): RecordedClient[] {
  const session: { readonly datagrams: Record<string, SessionDatagram[]> } = JSON.parse(
    readFileSync(FILE, 'utf8'),
  );
  return Object.entries(session.datagrams).map(([name, datagrams]) => ({
    name,
    datagrams,
    packets: assemblePackets(datagrams.map(([ms, side, hex]) => ({ ms, side, parsed: parse(hex) }))),
  }));
}
