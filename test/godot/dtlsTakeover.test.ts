/** Somebody who comes under the address of a client: the other classes that serve with DTLS. As test/server/attacksDtls.test.ts. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../src/enet/address.ts';
import { ENetConnection } from '../../src/godot/ENetConnection.ts';
import { ENetMultiplayerPeer } from '../../src/godot/multiplayer/ENetMultiplayerPeer.ts';
import { GodotThreeMultiplayerPeer } from '../../src/godot/multiplayer/GodotThreeMultiplayerPeer.ts';
import type { ENetMultiplayerPeerOptions } from '../../src/godot/multiplayer/multiplayerOptions.ts';
import { TLSOptions } from '../../src/godot/tlsOptions.ts';
import { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { connectDatagram } from '../server/datagrams.ts';
import { commandsOf, packetsAsAnybody, shakeHands, takeOver } from '../server/takeover.ts';
import { type Issued, issue } from '../support/certificates.ts';
import { bytes, RELIABLE, text } from './support.ts';

const SERVER: Address = { ip: '10.0.0.1', port: 4433 };
const VICTIM_IP = '10.0.1.1';
const ID = 7;

let own: Issued;
beforeAll(async () => {
  own = await issue({ name: 'game.example' });
});

/** A server of one of the classes, which is polled whenever it has something to do. */
interface Served {
  /** What it tells, in order: `+` and `-` for peers, else the packets. */
  readonly log: string[];
  /** Sends a reliable packet to the client, if there is one. */
  send(message: string): void;
}

const CLASSES: Readonly<Record<string, (net: SimNetwork, tls: TLSOptions) => Served>> = {
  ENetConnection(net, tls) {
    const log: string[] = [];
    const enet: ENetConnection = connectionOf(net, SERVER.ip, ([type, peer]) => {
      if (type === ENetConnection.EVENT_CONNECT) log.push('+');
      if (type === ENetConnection.EVENT_DISCONNECT) log.push('-');
      if (type === ENetConnection.EVENT_RECEIVE) log.push(text(peer?.getPacket() ?? new Uint8Array()));
    });
    expect(enet.createHostBound('*', SERVER.port, 4)).toBe(0);
    expect(enet.dtlsServerSetup(tls)).toBe(0);
    return { log, send: (message) => enet.getPeers()[0]?.send(0, bytes(message), RELIABLE) };
  },
  ENetMultiplayerPeer: (net, tls) => multiplayer(net, tls, (options) => new ENetMultiplayerPeer(options)),
  GodotThreeMultiplayerPeer: (net, tls) =>
    multiplayer(net, tls, (options) => new GodotThreeMultiplayerPeer(options)),
};

function multiplayer(
  net: SimNetwork,
  tls: TLSOptions,
  make: (options: ENetMultiplayerPeerOptions) => ENetMultiplayerPeer | GodotThreeMultiplayerPeer,
): Served {
  const log: string[] = [];
  const onWake = (): void => {
    if (peer.getConnectionStatus() !== 0) peer.poll();
    while (peer.getAvailablePacketCount() > 0) log.push(text(peer.getPacket()));
  };
  const peer = make({ runtime: net.createRuntime(SERVER.ip), tls, onWake });
  const connected = (id: number): unknown => log.push(id === ID ? '+' : `+${id}`);
  const disconnected = (id: number): unknown => log.push(id === ID ? '-' : `-${id}`);
  // Together they have no listener in common, each by itself has.
  if (peer instanceof ENetMultiplayerPeer) {
    peer.on('peerConnected', connected).on('peerDisconnected', disconnected);
  } else {
    peer.on('peerConnected', connected).on('peerDisconnected', disconnected);
  }
  expect(peer.createServer(SERVER.port, 4)).toBe(0);
  return {
    log,
    send(message) {
      peer.setTargetPeer(0);
      peer.putPacket(bytes(message));
    },
  };
}

function connectionOf(
  net: SimNetwork,
  ip: string,
  onEvent: (event: ReturnType<ENetConnection['service']>) => void = () => undefined,
): ENetConnection {
  const enet: ENetConnection = new ENetConnection({
    runtime: net.createRuntime(ip),
    onWake: () => {
      for (let event = enet.service(); event[0] > 0; event = enet.service()) onEvent(event);
    },
  });
  return enet;
}

/** A client that begins to connect. */
function clientOf(net: SimNetwork, ip: string, port: number, outside?: Address): ENetConnection {
  const client = connectionOf(net, ip);
  expect(client.createHostBound('*', port, 1)).toBe(0);
  if (outside !== undefined) net.rebind({ ip, port }, outside);
  expect(client.dtlsClientSetup('', TLSOptions.clientUnsafe())).toBe(0);
  client.connectToHost(SERVER.ip, SERVER.port, 3, ID);
  return client;
}

describe.each(Object.entries(CLASSES))('%s as a server with DTLS', (name, serve) => {
  const address: Address = { ip: VICTIM_IP, port: 5000 };

  /** A packet as a client of the class sends it on channel 1. Godot 3's begins with its sender and its receiver. */
  function packetOf(content: string): Uint8Array {
    const head = name === 'GodotThreeMultiplayerPeer' ? [ID, 0, 0, 0, 1, 0, 0, 0] : [];
    return Uint8Array.of(...head, ...bytes(content));
  }

  function play() {
    const net = new SimNetwork({ latencyMs: 5 });
    const served = serve(net, TLSOptions.server(own.key, own.certificate));
    const victim = clientOf(net, VICTIM_IP, address.port);
    net.runUntil(() => served.log.includes('+'), 1000, 'the victim');
    net.advance(100);
    return { net, served, victim };
  }

  test("a handshake from the client's address takes nothing over", () => {
    const { net, served } = play();
    const thief = takeOver(net, address);
    // The client cannot acknowledge this any more: ENet repeats it.
    served.send('secret');
    net.advance(100);
    shakeHands(net, thief, SERVER);
    for (const one of packetsAsAnybody(packetOf('as the victim'), 1)) thief.endpoint.send(one, SERVER);
    thief.endpoint.send(connectDatagram(9), SERVER);
    served.send('to the victim');
    net.runUntil(() => served.log.includes('-'), 1000, 'the end of the client');
    net.advance(10_000);
    expect(served.log).toEqual(['+', '-']);
    expect(new Set(thief.contents.map(commandsOf))).toEqual(new Set(['VERIFY_CONNECT']));
  });

  test("one after the client's goodbye inherits nothing, and the client has left at once", () => {
    const { net, served, victim } = play();
    // Only DTLS says goodbye: what ENet says first does not arrive.
    net.lossNext(1, VICTIM_IP, SERVER.ip);
    victim.getPeers()[0]?.peerDisconnectNow();
    victim.destroy();
    net.advance(20);
    expect(served.log).toEqual(['+', '-']);
    served.send('to the victim');
    const thief = takeOver(net, address);
    shakeHands(net, thief, SERVER);
    for (const one of packetsAsAnybody(packetOf('as the victim'), 1)) thief.endpoint.send(one, SERVER);
    net.advance(10_000);
    expect(served.log).toEqual(['+', '-']);
    expect(thief.contents).toEqual([]);
  });

  test('a client that begins anew from the same port is a new one: the old one has left before its first packet', () => {
    const { net, served } = play();
    net.rebind(address);
    const again = clientOf(net, '10.0.9.9', address.port, address);
    const [toServer] = again.getPeers();
    net.runUntil(() => served.log.filter((one) => one === '+').length === 2, 2000, 'the return');
    toServer?.send(1, packetOf('hello'), RELIABLE);
    net.advance(200);
    expect(served.log).toEqual(['+', '-', '+', 'hello']);
  });
});
