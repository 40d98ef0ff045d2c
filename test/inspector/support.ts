/** A console with traffic, and what its page asks for. */
import { type IncomingMessage, request } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { Host, Packet, PacketFlag } from '../../src/enet.ts';
import type { StreamMessage, View } from '../../src/inspector/protocol.ts';
import { Inspector, type InspectorOptions } from '../../src/inspector.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Closed after the test. */
export function closing<One extends { close(): unknown }>(one: One): One {
  open.unshift(one);
  return one;
}

/** An inspector, which is closed after the test. */
export function makeInspector(options: InspectorOptions = {}): Inspector {
  return closing(new Inspector({ title: 'test page', updateMs: 50, ...options }));
}

/** An empty tab, and what goes wrong in it: errors that its scripts throw or print. */
export async function newTab(
  chrome: Pick<BrowserContext, 'newPage'>,
): Promise<{ tab: Page; problems: string[] }> {
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
  readonly bytes: Buffer;
}

/** Asks for something. */
export function ask(
  url: string | URL,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes.toString('utf8'),
          bytes,
        });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Asks for something. */
export function fetchPage(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(url, headers);
}

/** What the page's own POSTs have. */
export const OWN: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'x-console': '1',
};

/** A POST as the page makes it. */
export function post(
  url: string | URL,
  value: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(url, { ...OWN, ...headers }, 'POST', JSON.stringify(value));
}

/** The status of an answer that may never end. */
export function statusOf(url: URL, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0);
      response.on('error', () => undefined);
      asked.destroy();
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** A stream of the console. */
export interface Stream {
  readonly messages: StreamMessage[];
  /** The first message, from now or before, of a type that is as wanted. */
  next<Type extends StreamMessage['type']>(
    type: Type,
    isWanted?: (message: Extract<StreamMessage, { type: Type }>) => boolean,
  ): Promise<Extract<StreamMessage, { type: Type }>>;
  /** Looks at something else; what came before is forgotten. */
  look(view: View): Promise<void>;
  close(): void;
}

/** Opens a stream, which is closed after the test. */
export async function openStream(
  url: string,
  view: View,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const messages: StreamMessage[] = [];
  const waiting = new Set<() => void>();
  const address = new URL(`events?view=${encodeURIComponent(JSON.stringify(view))}`, url);
  const asked = request(address, { headers, agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('error', () => undefined);
    response.on('data', (more: string) => {
      text += more;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        messages.push(JSON.parse(text.slice('data: '.length, end)) as StreamMessage);
        text = text.slice(end + 2);
      }
      for (const look of waiting) look();
    });
  });
  asked.on('error', () => undefined);
  asked.end();
  const stream: Stream = {
    messages,
    next: (type, isWanted = () => true) =>
      new Promise((resolve, reject) => {
        const look = (): boolean => {
          for (const message of messages)
            if (message.type === type && isWanted(message as never)) {
              waiting.delete(look);
              clearTimeout(timer);
              resolve(message as never);
              return true;
            }
          return false;
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no ${type} as wanted; the last: ${JSON.stringify(messages.at(-1))}`));
        }, 10_000);
        if (!look()) waiting.add(look);
      }),
    look: async (next) => {
      const { viewer } = await stream.next('hello');
      const hello = messages.filter(({ type }) => type === 'hello');
      messages.splice(0, messages.length, ...hello);
      const { status, body } = await post(new URL('view', url), { viewer, view: next }, headers);
      if (status !== 204) throw new Error(`view: ${status} ${body}`);
    },
    close: () => asked.destroy(),
  };
  closing(stream);
  await stream.next('hello');
  return stream;
}

/** The first message of a type that a new viewer gets. */
export async function lookAt<Type extends StreamMessage['type']>(
  url: string,
  view: View,
  type: Type,
  isWanted?: (message: Extract<StreamMessage, { type: Type }>) => boolean,
): Promise<Extract<StreamMessage, { type: Type }>> {
  const stream = await openStream(url, view);
  return stream.next(type, isWanted);
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
