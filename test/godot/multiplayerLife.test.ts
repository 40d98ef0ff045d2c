/**
 * ENetMultiplayerPeer on the virtual network: who learns of whom, who gets what, and how it ends.
 * godot-enet-classes 4.3, 4.5, 4.7 and 4.8.
 */
import { describe, expect, test } from 'vitest';
import { type Player, PlayerWorld, PORT, SERVER_IP } from './multiplayerSupport.ts';

const MODES = [0, 1, 2] as const;
const CHANNELS = [0, 1, 7] as const;

describe('a server with 50 clients', () => {
  const arena = new PlayerWorld({ jitterMs: 3 });
  const server = arena.player();
  server.peer.createServer(PORT, 50);
  const clients = Array.from({ length: 50 }, () => arena.client());
  arena.run(300);

  test('everybody is connected under the id that the client chose', () => {
    expect(new Set(server.signals)).toEqual(new Set(clients.map(({ id }) => `+${id}`)));
    expect(server.signals).toHaveLength(50);
    for (const client of clients) {
      expect([client.status, client.signals]).toEqual([2, ['+1']]);
      expect(client.id).toBeGreaterThan(1);
      expect(server.peer.getPeer(client.id)?.getRemoteAddress()).toBe(client.ip);
    }
  });

  test('a 51st client gets no slot and falls back', () => {
    const late = arena.client();
    arena.run(45_000);
    expect([late.status, late.signals]).toEqual([0, []]);
    expect(server.signals).toHaveLength(50);
  });

  // Section 4.5, in all modes and on several channels: one, all, all but one.
  test.each(MODES.flatMap((mode) => CHANNELS.map((channel) => [mode, channel] as const)))(
    'mode %i, channel %i: one, everybody, everybody but one',
    (mode, channel) => {
      const [first, second] = [clients[3], clients[30]];
      if (!first || !second) throw new Error('no clients');
      for (const player of arena.members) player.forget();
      expect(server.put('one', first.id, mode, channel)).toBe(0);
      expect(server.put('all', 0, mode, channel)).toBe(0);
      expect(server.put('but', -second.id, mode, channel)).toBe(0);
      arena.run(60);
      for (const client of clients) {
        const expected = ['one', 'all', 'but'].filter((what) => {
          return what === 'one' ? client === first : what === 'all' || client !== second;
        });
        const sorted = client.got.map(([, what]) => what).toSorted();
        expect(sorted).toEqual(expected.toSorted());
        expect(client.got.every((got) => got[0] === 1 && got[2] === channel && got[3] === mode)).toBe(true);
      }
    },
  );

  test('every client reaches the server, whatever its target, under its own id, and no other client', () => {
    for (const player of arena.members) player.forget();
    for (const client of clients) {
      for (const target of [0, 1, -1]) client.put(`${client.id} to ${target}`, target);
    }
    arena.run(60);
    expect(server.got).toHaveLength(150);
    for (const [from, what] of server.got) expect(what.startsWith(`${from} to `)).toBe(true);
    expect(clients.every(({ got }) => got.length === 0)).toBe(true);
  });

  test('close tells everybody, without a signal here', () => {
    for (const player of arena.members) player.forget();
    server.put('last words');
    const host = server.peer.host;
    server.peer.close();
    expect([server.status, server.id, server.peer.refuseNewConnections]).toEqual([0, 0, false]);
    expect(host?.getLocalPort()).toBe(0);
    expect(server.peer.host).toBe(null);
    arena.run(30);
    expect(server.signals).toEqual([]);
    for (const client of clients) expect([client.status, client.id, client.signals]).toEqual([0, 0, ['-1']]);
    expect(server.peer.createServer(PORT)).toBe(0);
  });
});

describe('4.3 ids', () => {
  test.each([
    ['0', 0],
    ['1, the server', 1],
    ['2 ** 31', 2 ** 31],
    ['-5 as a signed number', -5],
    ['2 ** 32 - 1', 2 ** 32 - 1],
  ])('a hostile id, %s: disconnected at once, no signal', (_name, id) => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(1, 4);
    const { connection } = arena.stranger(id);
    const types: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      arena.run(10);
      for (let event = connection.service(); event[0] > 0; event = connection.service()) types.push(event[0]);
    }
    expect(types).toEqual([1, 2]);
    expect(server.signals).toEqual([]);
    expect(server.lines).toHaveLength(1);
    expect(server.lines[0]).toContain('a client was refused: its id ');
    expect(server.peer.host?.getPeers()).toHaveLength(1);
  });

  test.each([2, 2 ** 31 - 1])('the ids at the ends of the range are taken: %i', (id) => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(0, 4);
    const { connection } = arena.stranger(id);
    for (let turn = 0; turn < 10; turn++) {
      arena.run(10);
      connection.service();
    }
    expect(server.signals).toEqual([`+${id}`]);
  });

  test('a taken id: the newcomer is disconnected, and the packets of the first stay its own', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1, 4);
    const [client] = clients;
    if (!client) throw new Error('no client');
    const { connection } = arena.stranger(client.id);
    const types: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      arena.run(10);
      connection.getPeers()[0]?.send(0, Uint8Array.of(0x21), 1);
      for (let event = connection.service(); event[0] > 0; event = connection.service()) types.push(event[0]);
    }
    expect(types).toEqual([1, 2]);
    client.put('mine', 1);
    arena.run(30);
    expect([server.signals, server.got]).toEqual([[], [[client.id, 'mine', 0, 2]]]);
  });

  test('refuseNewConnections: the client learns it at once; it is off again after close', () => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(1, 4);
    server.peer.refuseNewConnections = true;
    const refused = arena.client();
    arena.run(100);
    expect([refused.status, refused.signals, server.signals]).toEqual([0, ['+1', '-1'], []]);
    server.peer.refuseNewConnections = false;
    const welcome = arena.client();
    arena.run(100);
    expect([welcome.status, server.signals]).toEqual([2, [`+${welcome.id}`]]);
  });

  test('reconnecting with the same id: again and again, and each time the old connection stays out of it', () => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(0, 4);
    const id = 1234;
    for (let round = 0; round < 5; round++) {
      server.forget();
      const { connection } = arena.stranger(id);
      const settle = (): void => {
        for (let turn = 0; turn < 10; turn++) {
          arena.run(10);
          connection.service();
        }
      };
      settle();
      expect(server.signals).toEqual([`+${id}`]);
      // After a forced end the next round begins while the old connection still waits for its confirmation.
      if (round % 2 === 0) {
        server.peer.disconnectPeer(id, true);
      } else {
        connection.getPeers()[0]?.peerDisconnect(0);
        settle();
      }
      expect(server.peer.getPeer(id)).toBe(null);
      expect(server.signals).toEqual(round % 2 === 0 ? [`+${id}`] : [`+${id}`, `-${id}`]);
    }
  });

  test('a late DISCONNECT of a forced peer does not remove the next one with its id', () => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(0, 4);
    const old = arena.stranger(77).connection;
    for (let turn = 0; turn < 6; turn++) {
      arena.run(10);
      old.service();
    }
    // The old one hears nothing any more, so its end is confirmed by nobody and comes as a timeout.
    arena.net.block(SERVER_IP, '10.0.0.2');
    server.peer.disconnectPeer(77, true);
    const next = arena.stranger(77).connection;
    for (let turn = 0; turn < 4000; turn++) {
      arena.run(10);
      next.service();
    }
    expect(server.signals).toEqual(['+77', '+77']);
    expect(server.peer.host?.getPeers()).toHaveLength(1);
    expect(server.put('still there', 77)).toBe(0);
  });
});

describe('4.8 disconnecting', () => {
  test('disconnect_peer without force: the entry stays until the peer has confirmed', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(2);
    const [client, other] = clients;
    if (!client || !other) throw new Error('no clients');
    const { id } = client;
    const present: unknown[] = [];
    server.peer.on('peerDisconnected', (gone) => {
      present.push(server.peer.getPeer(gone)?.isActive(), server.peer.getPeer(gone)?.getRemoteAddress());
    });
    server.peer.disconnectPeer(id);
    expect(server.peer.getPeer(id)).not.toBe(null);
    arena.run(50);
    expect(server.signals).toEqual([`-${id}`]);
    expect(present).toEqual([false, client.ip]);
    expect(server.peer.getPeer(id)).toBe(null);
    expect([client.status, client.signals, other.signals]).toEqual([0, ['-1'], []]);
  });

  // Godot clears them (section 8).
  test('last words: a client can fetch what came before the server ended the connection, until it closes or goes on', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(2);
    for (const client of clients) client.keepsPackets = true;
    server.put('you have lost');
    arena.net.advance(20);
    server.peer.close();
    arena.run(20);
    const [first, second] = clients.map(({ peer }) => peer);
    expect([first?.getConnectionStatus(), first?.getAvailablePacketCount()]).toEqual([0, 1]);
    expect([first?.getPacketPeer(), new TextDecoder().decode(first?.getPacket())]).toEqual([
      1,
      'you have lost',
    ]);
    second?.close();
    expect(second?.getAvailablePacketCount()).toBe(0);
  });

  test('disconnect_peer with force: gone at once, no signal here', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    const id = clients[0]?.id ?? 0;
    server.peer.disconnectPeer(id, true);
    expect(server.peer.getPeer(id)).toBe(null);
    arena.run(50);
    expect([server.signals, clients[0]?.signals]).toEqual([[], ['-1']]);
  });

  test('a client: without force the signal comes, with force it is closed at once', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(2);
    const [gentle, firm] = clients;
    if (!gentle || !firm) throw new Error('no clients');
    const ids = [gentle.id, firm.id];
    gentle.peer.disconnectPeer(1);
    expect(gentle.status).toBe(2);
    firm.peer.disconnectPeer(1, true);
    expect(firm.status).toBe(0);
    arena.run(50);
    expect([gentle.status, gentle.signals, firm.signals]).toEqual([0, ['-1'], []]);
    expect(server.signals.toSorted()).toEqual(ids.map((id) => `-${id}`).toSorted());
  });

  test('unknown ids: a trace line, nothing else', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    for (const id of [0, 1, 5, -1, Number.NaN]) server.peer.disconnectPeer(id, true);
    clients[0]?.peer.disconnectPeer(2);
    arena.run(50);
    expect(server.lines).toHaveLength(5);
    expect(clients[0]?.lines).toHaveLength(1);
    expect([server.signals, clients[0]?.status]).toEqual([[], 2]);
  });

  test('a client that closes: the server learns it with the next datagram', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    const id = clients[0]?.id;
    clients[0]?.peer.close();
    arena.run(20);
    expect(server.signals).toEqual([`-${id}`]);
  });

  test('a client that gives up while it connects: no signal at all', () => {
    const arena = new PlayerWorld();
    const { server } = arena.crowd(0, 4);
    const [first, second] = [arena.client(), arena.client()];
    first.peer.disconnectPeer(1);
    second.peer.getPeer(1)?.reset();
    arena.run(50);
    for (const { status, signals } of [first, second]) expect([status, signals]).toEqual([0, []]);
    expect(server.signals).toEqual([]);
  });

  test('4.7 drop inactive peers: reset() and peerDisconnectNow() on the connection are noticed', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(2);
    const ids = clients.map(({ id }) => id);
    server.peer.getPeer(ids[0] ?? 0)?.reset();
    server.peer.getPeer(ids[1] ?? 0)?.peerDisconnectNow();
    expect(server.signals).toEqual([]);
    server.tick();
    expect(server.signals).toEqual(ids.map((id) => `-${id}`));
    expect(ids.map((id) => server.peer.getPeer(id))).toEqual([null, null]);
  });

  test('silence: both sides notice by their timeouts', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    const id = clients[0]?.id;
    arena.net.partition(['*'], ['*']);
    arena.run(40_000);
    expect([server.signals, clients[0]?.signals, clients[0]?.status]).toEqual([[`-${id}`], ['-1'], 0]);
  });

  test('a destroyed host closes the peer, and does not throw', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(1);
    server.peer.host?.destroy();
    server.tick();
    // Its connections ended with it (step 2 of poll), and then the host failed.
    expect([server.status, server.signals]).toEqual([0, [`-${clients[0]?.id}`]]);
    expect(server.peer.createServer(PORT)).toBe(0);
    server.peer.host?.destroy();
    server.peer.close();
    expect(server.status).toBe(0);
  });
});

describe('listeners may do anything', () => {
  test('close in peerConnected and create a new server in it: nothing of the old life gets into the new one', () => {
    const arena = new PlayerWorld();
    const server = arena.player();
    server.peer.createServer(PORT);
    server.peer.on('peerConnected', () => {
      if (server.signals.length > 1) return;
      server.peer.close();
      server.peer.createServer(PORT + 1);
    });
    const clients = [arena.client(), arena.client(), arena.client()];
    arena.run(100);
    expect(server.signals).toHaveLength(1);
    expect([server.status, server.peer.host?.getPeers()]).toEqual([2, []]);
    // The one that was announced is told; the others had not been taken in, and wait for their timeouts.
    expect(clients.filter(({ status }) => status === 0)).toHaveLength(1);
  });

  test('close in peerDisconnected, on each side', () => {
    const arena = new PlayerWorld();
    const { server, clients } = arena.crowd(3);
    server.peer.on('peerDisconnected', () => server.peer.close());
    const [first] = clients;
    first?.peer.on('peerDisconnected', () => {
      first.peer.close();
      first.peer.createClient(SERVER_IP, PORT);
    });
    server.peer.disconnectPeer(first?.id ?? 0);
    arena.run(100);
    expect([server.status, server.signals.length]).toEqual([0, 1]);
    expect(first?.status).toBe(1);
    expect(clients.slice(1).map(({ status }) => status)).toEqual([0, 0]);
  });

  test('poll in a listener, and disconnectPeer of everybody', () => {
    const arena = new PlayerWorld();
    const server = arena.player();
    server.peer.createServer(PORT);
    server.peer.on('peerConnected', (id) => {
      server.peer.poll();
      server.peer.disconnectPeer(id, true);
    });
    const clients = [arena.client(), arena.client()];
    arena.run(200);
    expect(clients.map(({ status }) => status)).toEqual([0, 0]);
    expect(server.signals).toHaveLength(2);
  });

  test('a listener that throws harms nobody else', () => {
    const arena = new PlayerWorld();
    const errors: string[] = [];
    const server = arena.player({ onError: (error, where) => errors.push(`${where}: ${error}`) });
    server.peer.createServer(PORT);
    server.peer.once('peerConnected', () => {
      throw new Error('mine');
    });
    arena.client();
    arena.client();
    arena.run(100);
    expect(server.signals).toHaveLength(2);
    expect(errors).toEqual(['signal peerConnected: Error: mine']);
    expect(server.peer.listenerCount('peerConnected')).toBe(1);
    expect(() => server.peer.on('peerConnected', 5 as never)).toThrow(TypeError);
  });
});

describe('a relay above the peer, as SceneMultiplayer has one', () => {
  const arena = new PlayerWorld();
  const { server, clients } = arena.crowd(4);
  server.keepsPackets = true;

  /** scene-multiplayer 3.3: the text is `target|message`; it leaves as it came, for the target, less its sender. */
  function relay(): void {
    const { peer } = server;
    while (peer.getAvailablePacketCount() > 0) {
      const from = peer.getPacketPeer();
      const [mode, channel] = [peer.getPacketMode(), peer.getPacketChannel()];
      const [target = '', message = ''] = new TextDecoder().decode(peer.getPacket()).split('|');
      const wanted = Number(target);
      for (const { id } of clients) {
        const isMeant = wanted > 0 ? id === wanted : id !== from && id !== -wanted;
        if (isMeant) expect(server.put(`${from}|${message}`, id, mode, channel)).toBe(0);
      }
    }
  }

  test.each(MODES.flatMap((mode) => CHANNELS.map((channel) => [mode, channel] as const)))(
    'mode %i, channel %i: a packet leaves in the mode and on the channel it came with',
    (mode, channel) => {
      for (const player of arena.members) player.forget();
      const [first, second, third] = clients;
      if (!first || !second || !third) throw new Error('no clients');
      first.put(`${second.id}|one`, 1, mode, channel);
      second.put('0|all', 0, mode, channel);
      third.put(`${-first.id}|but`, -1, mode, channel);
      arena.run(30);
      relay();
      arena.run(30);
      for (const client of clients) {
        const expected = [
          client === second && `${first.id}|one`,
          client !== second && `${second.id}|all`,
          client !== third && client !== first && `${third.id}|but`,
        ].filter((message) => message !== false);
        expect(client.got.map(([, message]) => message).toSorted()).toEqual(expected.toSorted());
        expect(client.got.every((got) => got[2] === channel && got[3] === mode)).toBe(true);
      }
    },
  );
});

describe('a mesh of 6', () => {
  const arena = new PlayerWorld();
  const players = arena.mesh(6);
  const others = (own: Player): Player[] => players.filter((player) => player !== own);

  test('everybody was announced to everybody, synchronously', () => {
    for (const [index, { signals, status }] of players.entries()) {
      expect(signals.map(Number).toSorted()).toEqual([1, 2, 3, 4, 5, 6].filter((id) => id !== index + 1));
      expect(status).toBe(2);
    }
  });

  test.each(MODES.flatMap((mode) => CHANNELS.map((channel) => [mode, channel] as const)))(
    'mode %i, channel %i: one, everybody, everybody but one, from each of them',
    (mode, channel) => {
      for (const player of players) player.forget();
      for (const { id, put } of players.map((player) => ({ id: player.id, put: player.put.bind(player) }))) {
        expect(put(`one ${id}`, (id % 6) + 1, mode, channel)).toBe(0);
        expect(put(`all ${id}`, 0, mode, channel)).toBe(0);
        expect(put(`but ${id}`, -((id % 6) + 1), mode, channel)).toBe(0);
        expect(put('myself', id, mode, channel)).toBe(31);
      }
      arena.run(60);
      for (const player of players) {
        const expected = others(player).flatMap(({ id }) => {
          const isNext = (id % 6) + 1 === player.id;
          return [`all ${id}`, isNext ? `one ${id}` : `but ${id}`];
        });
        expect(player.got.map(([, what]) => what).toSorted()).toEqual(expected.toSorted());
        for (const [from, what, seenChannel, seenMode] of player.got) {
          expect([what.slice(4), seenChannel, seenMode]).toEqual([String(from), channel, mode]);
        }
      }
    },
  );

  test('one leaves, one is thrown out, one comes back under its id', () => {
    for (const player of players) player.forget();
    const [first, second, third] = players;
    if (!first || !second || !third) throw new Error('no players');
    first.peer.close();
    second.peer.disconnectPeer(3);
    arena.run(50);
    expect(first.signals).toEqual([]);
    expect(second.signals.toSorted()).toEqual(['-1', '-3']);
    expect(third.signals.toSorted()).toEqual(['-1', '-2']);
    for (const player of players.slice(3)) expect(player.signals).toEqual(['-1']);
    const [one, two] = arena.link(second, third);
    expect([second.peer.addMeshPeer(3, one), third.peer.addMeshPeer(2, two)]).toEqual([0, 0]);
    second.put('again', 3);
    arena.run(30);
    expect(third.got).toEqual([[2, 'again', 0, 2]]);
    third.peer.disconnectPeer(2, true);
    expect([third.peer.getPeer(2), two.getLocalPort()]).toEqual([null, 0]);
    arena.run(50);
    expect(second.signals.at(-1)).toBe('-3');
    expect(third.signals.at(-1)).toBe('+2');
  });

  test('a stranger at the host of a mesh peer is refused and changes nothing', () => {
    const [, , , fourth, fifth] = players;
    if (!fourth || !fifth) throw new Error('no players');
    const [one, two] = arena.link(fourth, fifth);
    fourth.peer.addMeshPeer(9, one);
    fifth.peer.addMeshPeer(8, two);
    for (const player of players) player.forget();
    const { connection } = arena.stranger(1);
    connection.destroy();
    connection.createHost(1);
    connection.connectToHost(fourth.ip, one.getLocalPort());
    const types: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      arena.run(10);
      connection.getPeers()[0]?.send(0, Uint8Array.of(1), 1);
      for (let event = connection.service(); event[0] > 0; event = connection.service()) types.push(event[0]);
    }
    expect(types).toEqual([1, 2]);
    expect([fourth.signals, fourth.got]).toEqual([[], []]);
    expect(fourth.put('still', 9)).toBe(0);
    arena.run(30);
    expect(fifth.got).toEqual([[8, 'still', 0, 2]]);
  });
});
