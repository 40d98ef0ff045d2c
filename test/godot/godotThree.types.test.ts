/** What must compile, and what must not. Checked by the type check, never run. */
import {
  decodeGodot3Payload,
  Godot3Command,
  Godot3PathCache,
  type VariantValue,
  varToBytes,
} from '../../codec/index.ts';
import {
  type ENetConnection,
  type GodotError,
  GodotThreeMultiplayerPeer,
  type GodotThreeMultiplayerPeerSignals,
  type MultiplayerPeer,
} from '../../src/godot.ts';

const peer = new GodotThreeMultiplayerPeer({ onTrace: (line) => line.length });
const error: GodotError = peer.createServer(7777, 32, 0, 0);
const client: GodotError = peer.createClient('localhost', 7777, 0, 0, 0);
const host: ENetConnection | null = peer.host;
const base: MultiplayerPeer<GodotThreeMultiplayerPeerSignals> = peer;
const anyPeer: MultiplayerPeer = peer;
peer.compressionMode = GodotThreeMultiplayerPeer.COMPRESS_ZLIB;
peer.on('serverDisconnected', () => undefined).on('peerConnected', (id) => id.toFixed());
varToBytes(1, { dialect: 'godot3' });

const { payload, path, reply } = new Godot3PathCache().receive(2, new Uint8Array());
const answer: Uint8Array | undefined = reply;
if (payload.command === Godot3Command.REMOTE_CALL) {
  const args: readonly VariantValue[] = payload.args;
  const method: string = payload.method;
  void [args, method, 'path' in payload.node ? payload.node.path : payload.node.id];
}
void [error, client, host, base, anyPeer, path, answer];

// @ts-expect-error no such dialect
varToBytes(1, { dialect: 'godot2' });
// @ts-expect-error the dialect of a payload is Godot 3's
decodeGodot3Payload(new Uint8Array(), { dialect: '4.6' });
// @ts-expect-error a set has no arguments
if (payload.command === Godot3Command.REMOTE_SET) payload.args;
// @ts-expect-error no such signal
peer.on('connected', () => undefined);
// @ts-expect-error no such mode
peer.compressionMode = 5;
