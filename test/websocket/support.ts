/** Servers and clients on 127.0.0.1, each test with a port of its own, and raw sockets of the package `ws`. */
import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import { afterEach, expect } from 'vitest';
import type { MultiplayerPeer } from '../../src/godot/multiplayer/MultiplayerPeer.ts';
import type { WebSocketMultiplayerPeerOptions } from '../../src/websocket/options.ts';
import type { WebSocketRefusal } from '../../src/websocket/refusals.ts';
import type { WsModule, WsSocket } from '../../src/websocket/wsModule.ts';
import { WebSocketMultiplayerPeer } from '../../src/websocket.ts';

/** The package itself. */
export const ws = createRequire(import.meta.url)('ws') as WsModule;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** Closed after the test, whatever happens. */
export function tidy<T extends { close(): void }>(one: T): T {
  open.push(one);
  return one;
}

/** A peer with what it said. */
export interface Side {
  readonly peer: WebSocketMultiplayerPeer;
  readonly signals: string[];
  readonly lines: string[];
}

/** A peer that nothing was created with yet. */
export function side(options: WebSocketMultiplayerPeerOptions = {}): Side {
  const lines: string[] = [];
  const peer = tidy(new WebSocketMultiplayerPeer({ onTrace: (line) => lines.push(line), ...options }));
  const signals: string[] = [];
  peer.on('peerConnected', (id) => signals.push(`+${id}`));
  peer.on('peerDisconnected', (id) => signals.push(`-${id}`));
  return { peer, signals, lines };
}

/** A server that listens. */
export async function server(options: WebSocketMultiplayerPeerOptions = {}): Promise<Side & { url: string }> {
  const made = side(options);
  expect(made.peer.createServer(0, '127.0.0.1')).toBe(0);
  expect(await made.peer.whenListening()).toBe(0);
  return { ...made, url: `ws://127.0.0.1:${made.peer.localPort}/` };
}

/** A client that is connected. */
export async function client(
  to: Side & { url: string },
  options: WebSocketMultiplayerPeerOptions = {},
): Promise<Side> {
  const made = side(options);
  expect(made.peer.createClient(to.url)).toBe(0);
  await until(
    [to.peer, made.peer],
    () => made.peer.getUniqueId() > 1 && to.signals.includes(`+${made.peer.getUniqueId()}`),
  );
  return made;
}

/** Polls until something is true; real sockets take a moment. */
export async function until(
  peers: readonly Pick<MultiplayerPeer, 'poll'>[],
  isTrue: () => boolean,
): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    for (const peer of peers) peer.poll();
    if (isTrue()) return;
    if (Date.now() > end) throw new Error('it did not happen within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What a raw socket of `ws` saw. */
export interface Raw {
  readonly socket: WsSocket;
  readonly messages: Uint8Array[];
  readonly closed: Promise<number>;
}

/** A raw client; `refused` is the HTTP status of a handshake that was refused. */
export function raw(
  url: string,
  options: Record<string, unknown> = {},
  protocols: readonly string[] = [],
): Raw & { readonly opened: Promise<number | 'refused' | 'open'> } {
  const socket = new ws.WebSocket(url, protocols, { perMessageDeflate: false, ...options });
  const messages: Uint8Array[] = [];
  socket.on('message', (data) => messages.push(data));
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  const opened = new Promise<number | 'refused' | 'open'>((resolve) => {
    const on = socket.on as (event: string, listener: (...args: never[]) => void) => unknown;
    on.call(socket, 'open', () => resolve('open'));
    socket.on('error', (error) =>
      resolve(Number(/response: (\d+)/.exec(error.message)?.[1] ?? 0) || 'refused'),
    );
  });
  tidy({ close: () => socket.terminate() });
  return { socket, messages, closed, opened };
}

/** Sends a text message. */
export function sendText(socket: WsSocket, text: string): void {
  (socket as unknown as { send(data: string): void }).send(text);
}

/** A bare TCP connection. */
export function tcp(port: number): { socket: Socket; closed: Promise<void>; text: () => string } {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  tidy({ close: () => socket.destroy() });
  return { socket, closed, text: () => text };
}

/** The refusals that occurred. */
export function refused({ peer }: Side): Partial<Record<WebSocketRefusal, number>> {
  return Object.fromEntries([...peer.refusals()].filter(([, count]) => count > 0));
}

/** Everything that can be fetched, as `from: bytes`. */
export function fetched(peer: MultiplayerPeer): [from: number, ...bytes: number[]][] {
  const all: [number, ...number[]][] = [];
  while (peer.getAvailablePacketCount() > 0) all.push([peer.getPacketPeer(), ...peer.getPacket()]);
  return all;
}

/** Sends to a target. */
export function put(peer: MultiplayerPeer, target: number, ...bytes: number[]): number {
  peer.setTargetPeer(target);
  return peer.putPacket(Uint8Array.from(bytes));
}
