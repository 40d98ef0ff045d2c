/**
 * Games exported to the web, the official Godot 4.6 in Chromium, in one room with a native player over ENet: RPCs both ways, relay,
 * raw packets, kicks, coming again. Differences: none. Lines on the engine's stderr that are allowed: those of a connection that is
 * refused on purpose, in its test.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type VariantValue, Vector3, varToBytes } from '../../../codec/index.ts';
import { SceneMirror } from '../../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../../src/godot.ts';
import { NodeScript, rpc, SceneMultiplayer } from '../../../src/multiplayer.ts';
import { JoinedMultiplayerPeer, WebSocketMultiplayerPeer } from '../../../src/websocket.ts';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { Godot4, type Godot4Client } from './engine.ts';

const engine = peer('godot4');

/** A client that reports everything and does what it is told. */
const SCRIPT = `extends Node

func join(url: String) -> void:
	var peer := WebSocketMultiplayerPeer.new()
	Harness.report("create %d" % peer.create_client(url))
	multiplayer.multiplayer_peer = peer

func _ready() -> void:
	multiplayer.connected_to_server.connect(func() -> void: Harness.report("connected %d" % multiplayer.get_unique_id()))
	multiplayer.connection_failed.connect(func() -> void: Harness.report("failed"))
	multiplayer.server_disconnected.connect(func() -> void: Harness.report("lost"))
	multiplayer.peer_connected.connect(func(id: int) -> void: Harness.report("+%d" % id))
	multiplayer.peer_disconnected.connect(func(id: int) -> void: Harness.report("-%d" % id))
	multiplayer.peer_packet.connect(func(id: int, data: PackedByteArray) -> void: Harness.report("bytes %d %d %s" % [id, data.size(), data.slice(0, 4).hex_encode()]))
	Harness.received.connect(told)
	join(Harness.text("res://url.txt"))

func told(text: String) -> void:
	var words := text.split(" ")
	match words[0]:
		"join": join(words[1])
		"say": say.rpc(words[1])
		"tell": say.rpc_id(int(words[1]), words[2])
		"bytes":
			var data := PackedByteArray()
			data.resize(int(words[2]))
			data.fill(7)
			Harness.report("sent %d" % multiplayer.send_bytes(data, int(words[1])))
		"quit": Harness.finish()

@rpc("any_peer")
func say(text: String) -> void:
	Harness.report("say %d %s" % [multiplayer.get_remote_sender_id(), text])

@rpc("authority")
func values(list: Array) -> void:
	Harness.report("values " + var_to_bytes(list).hex_encode())
	back.rpc_id(1, list)

@rpc("any_peer")
func back(_list: Array) -> void:
	pass
`;

class Main extends NodeScript {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs = {
    say: rpc('any_peer').args('String'),
    values: rpc('authority').args('Array'),
    back: rpc('any_peer').args('Array'),
  };
  say(text: string): void {
    this.heard(`say ${this.multiplayer.getRemoteSenderId()} ${text}`);
  }
  values(): void {}
  back(list: VariantValue): void {
    this.heard(`back ${hex(varToBytes(list))}`);
  }
  protected heard(line: string): void {
    serverHeard.push(line);
  }
}
class Native extends Main {
  protected override heard(line: string): void {
    nativeHeard.push(line);
  }
}
const serverHeard: string[] = [];
const nativeHeard: string[] = [];

function newGame(script: typeof Main): SceneMultiplayer {
  const mirror = new SceneMirror();
  mirror.registerScript(script);
  mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
  return new SceneMultiplayer({ mirror });
}
const call = (game: SceneMultiplayer, to: number, method: string, ...args: VariantValue[]): number =>
  game.mirror.getNode('/root/Main')?.rpcId(to, method, ...args) ?? -1;

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.skipIf(engine.isMissing)(`games in the browser${engine.note}`, { timeout: 120_000 }, () => {
  let godot: Godot4;
  const web = new WebSocketMultiplayerPeer();
  const enet = new ENetMultiplayerPeer();
  const game = newGame(Main);
  const native = newGame(Native);
  let url = '';
  let a: Godot4Client;
  let b: Godot4Client;

  /** The newest id that a client reported. */
  const idOf = (client: Godot4Client): number =>
    Number(client.reports.findLast((line) => line.startsWith('connected '))?.split(' ')[1]);
  const has = (client: Godot4Client, line: string): Promise<void> =>
    client.until(({ reports }) => reports.includes(line));
  const isIn = (client: Godot4Client): Promise<void> => client.until(() => Number.isFinite(idOf(client)));

  beforeAll(async () => {
    expect(web.createServer(0, '127.0.0.1')).toBe(0);
    expect(await web.whenListening()).toBe(0);
    url = `ws://127.0.0.1:${web.localPort}`;
    enet.setBindIp('127.0.0.1');
    expect(enet.createServer(0)).toBe(0);
    game.multiplayerPeer = new JoinedMultiplayerPeer([enet, web]);
    game.start({ tickHz: 60 });
    const link = new ENetMultiplayerPeer();
    link.createClient('127.0.0.1', enet.host?.getLocalPort() ?? 0);
    native.multiplayerPeer = link;
    native.start({ tickHz: 60 });
    godot = await Godot4.open();
    const files = { 'main.gd': SCRIPT, 'url.txt': url };
    [a, b] = await Promise.all([
      godot.start({ files, timeoutMs: 110_000 }),
      godot.start({ files, timeoutMs: 110_000 }),
    ]);
    await Promise.all([isIn(a), isIn(b)]);
  }, 120_000);
  afterAll(async () => {
    game.close();
    native.close();
    await godot?.close();
  });

  test('everybody has an id, knows everybody, and calls both ways with values bit for bit', async () => {
    const everybody = [idOf(a), idOf(b), native.getUniqueId()].sort();
    await until(() => game.getPeers().length === 3, 'three players');
    expect(game.getPeers().sort()).toEqual(everybody);
    for (const client of [a, b]) {
      for (const id of [1, ...everybody].filter((other) => other !== idOf(client)))
        await has(client, `+${id}`);
    }
    const list: VariantValue[] = [
      'text',
      7,
      1.5,
      true,
      null,
      new Vector3(1, 2, 3),
      [1, [2]],
      Uint8Array.of(1, 2),
    ];
    expect(call(game, idOf(a), 'values', list)).toBe(0);
    const expected = hex(varToBytes(list));
    await has(a, `values ${expected}`);
    await until(() => serverHeard.includes(`back ${expected}`), 'the values back');
    await a.send('tell 1 hello');
    await until(() => serverHeard.includes(`say ${idOf(a)} hello`), 'a call to the server');
    expect(call(game, 0, 'say', 'all')).toBe(0);
    await Promise.all([has(a, 'say 1 all'), has(b, 'say 1 all')]);
    await until(() => nativeHeard.includes('say 1 all'), 'a call to the native player');
  });

  test('relay: from one browser to another, to everybody, and to and from the native player', async () => {
    const own = native.getUniqueId();
    await a.send(`tell ${idOf(b)} psst`);
    await has(b, `say ${idOf(a)} psst`);
    await b.send(`tell ${own} native`);
    await until(() => nativeHeard.includes(`say ${idOf(b)} native`), 'browser to native');
    expect(call(native, idOf(a), 'say', 'browser')).toBe(0);
    await has(a, `say ${own} browser`);
    await a.send('say everybody');
    await has(b, `say ${idOf(a)} everybody`);
    await until(() => nativeHeard.includes(`say ${idOf(a)} everybody`), 'everybody: native');
    await until(() => serverHeard.includes(`say ${idOf(a)} everybody`), 'everybody: the server');
    expect(a.reports).not.toContain(`say ${idOf(a)} everybody`);
    expect(b.reports).not.toContain(`say ${idOf(a)} browser`);
  });

  test('raw packets, small and as large as a stock client takes', async () => {
    const got: string[] = [];
    game.on('peerPacket', (id, bytes) => got.push(`${id} ${bytes.length}`));
    await a.send('bytes 1 60000');
    await until(() => got.includes(`${idOf(a)} 60000`), '60,000 bytes');
    expect(game.sendBytes(new Uint8Array(65_534).fill(7), idOf(b))).toBe(0);
    await has(b, 'bytes 1 65534 07070707');
    expect(game.sendBytes(new Uint8Array(65_535), idOf(b))).toBe(6);
  });

  test('a kick, which the others hear of, and the same player again', async () => {
    const before = idOf(a);
    game.disconnectPeer(before);
    await has(a, 'lost');
    await has(b, `-${before}`);
    await a.send(`join ${url}`);
    await a.until(() => idOf(a) !== before);
    await has(b, `+${idOf(a)}`);
    await b.send(`tell ${idOf(a)} again`);
    await has(a, `say ${idOf(b)} again`);
    await until(() => game.getPeers().includes(idOf(a)), 'back');
    expect([a.errors, b.errors]).toEqual([[], []]);
  });

  test('a page of another origin is refused', async () => {
    const strict = new WebSocketMultiplayerPeer({ origins: ['https://elsewhere.example'] });
    strict.createServer(0, '127.0.0.1');
    await strict.whenListening();
    await a.send(`join ws://127.0.0.1:${strict.localPort}`);
    await has(a, 'failed');
    expect(strict.refusals().get('ORIGIN_NOT_ALLOWED')).toBe(1);
    strict.close();
  });

  test('a game that quits is gone', async () => {
    const left = idOf(b);
    const gone: number[] = [];
    game.on('peerDisconnected', (id) => gone.push(id));
    await b.send('quit');
    await until(() => gone.includes(left), 'the end');
    expect(web.disconnectCause).toBe('GOODBYE');
    expect(game.refusals()).toEqual({});
    expect(Object.fromEntries([...web.refusals()].filter(([, count]) => count > 0))).toEqual({});
  });
});
