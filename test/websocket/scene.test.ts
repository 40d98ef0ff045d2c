/** SceneMultiplayer in both roles over real sockets: a player over WebSockets and one over ENet in one room. */
import { describe, expect, test } from 'vitest';
import { SceneMirror } from '../../schema/index.ts';
import type { MultiplayerPeer } from '../../src/godot.ts';
import { ENetMultiplayerPeer } from '../../src/godot.ts';
import { NodeScript, rpc, SceneMultiplayer } from '../../src/multiplayer.ts';
import { JoinedMultiplayerPeer } from '../../src/websocket.ts';
import { server, side, tidy, until } from './support.ts';

let calls: [unique: number, sender: number, text: unknown][] = [];
class Main extends NodeScript {
  static override readonly path = 'res://main.gd';
  static override readonly rpcs = { say: rpc('any_peer').args('String') };
  say(text: unknown): void {
    calls.push([this.multiplayer.getUniqueId(), this.multiplayer.getRemoteSenderId(), text]);
  }
}

function game(peer: MultiplayerPeer): SceneMultiplayer {
  const mirror = new SceneMirror();
  mirror.registerScript(Main);
  mirror.root.addChild({ name: 'Main', class: 'Node', script: 'res://main.gd' });
  const multiplayer = tidy(new SceneMultiplayer({ mirror }));
  multiplayer.multiplayerPeer = peer;
  return multiplayer;
}
const say = (from: SceneMultiplayer, to: number, text: string): number =>
  from.mirror.getNode('/root/Main')?.rpcId(to, 'say', text) ?? -1;

async function room() {
  calls = [];
  const web = await server();
  const enet = new ENetMultiplayerPeer();
  enet.setBindIp('127.0.0.1');
  expect(enet.createServer(0)).toBe(0);
  const host = game(new JoinedMultiplayerPeer([enet, web.peer]));
  const overWeb = (): SceneMultiplayer => {
    const { peer } = side();
    expect(peer.createClient(web.url)).toBe(0);
    return game(peer);
  };
  const overEnet = (): SceneMultiplayer => {
    const peer = new ENetMultiplayerPeer();
    expect(peer.createClient('127.0.0.1', enet.host?.getLocalPort() ?? 0)).toBe(0);
    return game(peer);
  };
  return { host, overWeb, overEnet };
}

describe('a room with both', () => {
  test('calls both ways, relay across, a kick, and the same player again', async () => {
    const { host, overWeb, overEnet } = await room();
    const [a, b] = [overWeb(), overEnet()];
    await until(
      [host, a, b],
      () => host.getPeers().length === 2 && a.getPeers().length === 2 && b.getPeers().length === 2,
    );
    const [idA, idB] = [a.getUniqueId(), b.getUniqueId()];
    expect([say(host, 0, 'all'), say(a, idB, 'over'), say(b, idA, 'back'), say(a, 1, 'host')]).toEqual([
      0, 0, 0, 0,
    ]);
    await until([host, a, b], () => calls.length === 5);
    expect(calls).toEqual(
      expect.arrayContaining([
        [idA, 1, 'all'],
        [idB, 1, 'all'],
        [idB, idA, 'over'],
        [idA, idB, 'back'],
        [1, idA, 'host'],
      ]),
    );
    const lost: string[] = [];
    a.on('serverDisconnected', () => lost.push('a'));
    b.on('peerDisconnected', (id) => lost.push(String(id)));
    host.disconnectPeer(idA);
    await until([host, a, b], () => lost.length === 2);
    expect(lost.sort()).toEqual([String(idA), 'a'].sort());
    const again = overWeb();
    await until(
      [host, b, again],
      () => b.getPeers().includes(again.getUniqueId()) && again.getPeers().includes(idB),
    );
  });

  test('authentication, and who does not authenticate in time', async () => {
    const { host, overWeb } = await room();
    host.authTimeout = 0.3;
    host.authCallback = (id, data) => {
      if (new TextDecoder().decode(data) === 'secret') host.completeAuth(id);
    };
    const join = (word: string): { game: SceneMultiplayer; told: string[] } => {
      const client = overWeb();
      const told: string[] = [];
      client.authCallback = () => undefined;
      client.on('peerAuthenticating', (id) => {
        client.sendAuth(id, new TextEncoder().encode(word));
        client.completeAuth(id);
      });
      client.on('connectedToServer', () => told.push('in'));
      client.on('serverDisconnected', () => told.push('out'));
      return { game: client, told };
    };
    const [good, bad] = [join('secret'), join('wrong')];
    await until([host, good.game, bad.game], () => good.told.length > 0 && bad.told.length > 0);
    expect([good.told, bad.told, host.getPeers()]).toEqual([['in'], ['out'], [good.game.getUniqueId()]]);
  });
});
