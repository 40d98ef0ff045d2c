/** An inspector with traffic, and what its page asks for. */
import { get, type IncomingMessage } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { Host, Packet, PacketFlag } from '../../src/enet.ts';
import { Inspector } from '../../src/inspector.ts';
import { built } from '../support/built.ts';

// Its page is built, also when the sources serve it.
built('src/inspector/page');

const open: Inspector[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((inspector) => inspector.close()));
});

/** An inspector, which is closed after the test. */
export function makeInspector(): Inspector {
  const inspector = new Inspector({ title: 'test page', updateMs: 50 });
  open.push(inspector);
  return inspector;
}

/** An empty tab, and what goes wrong in it: errors that its scripts throw or print. */
export async function newTab(chrome: Browser): Promise<{ tab: Page; problems: string[] }> {
  const tab = await chrome.newPage();
  const problems: string[] = [];
  tab.on('pageerror', (error) => problems.push(error.message));
  tab.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  return { tab, problems };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export function fetchPage(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    }).on('error', reject);
  });
}

/** The status of an answer that may never end. */
export function statusOf(url: URL, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0);
      response.on('error', () => undefined);
      request.destroy();
    });
    request.on('error', reject);
  });
}

/** The first message of the stream that satisfies `isWanted`. */
export function nextSnapshot(url: string, isWanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const request = get(new URL('/events', url), { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (more: string) => {
        text += more;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const snapshot = JSON.parse(text.slice('data: '.length, end)) as Snapshot;
          text = text.slice(end + 2);
          if (!isWanted(snapshot)) continue;
          request.destroy();
          resolve(snapshot);
          return;
        }
      });
    });
    request.on('error', reject);
  });
}

export interface MultiplayerSnapshot {
  readonly numbers: { readonly callsReceived: number; readonly callsRefused: number };
  readonly peers: readonly Record<string, unknown>[];
  readonly refusals: readonly { readonly reason: string; readonly times: number; readonly text: string }[];
  readonly diagnoses: readonly { readonly code: string; readonly detail: string; readonly agoMs: number }[];
  readonly methods: readonly { readonly method: string; readonly received: number; readonly sent: number }[];
  readonly calls: readonly { readonly direction: string; readonly peer: number; readonly text: string }[];
  readonly skipped: number;
}

export interface Snapshot {
  readonly title: string;
  readonly totals: { readonly datagramsIn: number; readonly datagramsOut: number; readonly dropped: number };
  readonly drops: readonly { readonly reason: string; readonly times: number; readonly text: string }[];
  readonly peerCount: number;
  readonly port: number;
  readonly multiplayer?: MultiplayerSnapshot;
  readonly rows: readonly { readonly direction: string; readonly parts: readonly string[] }[];
}

/** A host that talks to itself through the inspector's trace. */
export function talk(inspector: Inspector): () => void {
  let now = 1000;
  let seed = 1;
  const random32 = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  const server = new Host({ peerCount: 4, random32, trace: inspector.trace });
  const client = new Host({ peerCount: 1, random32 });
  const serverAddress = { ip: '192.0.2.1', port: 7777 };
  const clientAddress = { ip: '192.0.2.2', port: 40_000 };
  const remote = client.connect(serverAddress, 2, 0);
  return () => {
    now += 10;
    remote?.send(0, new Packet(Uint8Array.of(4, 5, 0, 0, 0, 104, 101, 108, 108, 111), PacketFlag.RELIABLE));
    while (client.service(now) !== undefined);
    for (const { bytes } of client.drainOutbox()) server.receive(bytes, clientAddress);
    server.receive(Uint8Array.of(0x0f, 0xff, 99), { ip: '198.51.100.9', port: 1 });
    while (server.service(now) !== undefined);
    for (const { bytes } of server.drainOutbox()) client.receive(bytes, serverAddress);
  };
}
