/** A server that speaks the protocol of the console with made-up data: for the page alone. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type {
  Action,
  DatagramDetails,
  DatagramRow,
  PeerRow,
  SceneNodeRow,
  StreamMessage,
  View,
} from '../../src/inspector/protocol.ts';
import { built } from '../support/built.ts';

const PAGE = built('src/inspector/page/');
const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; form-action 'self'";

export interface FakeOptions {
  readonly token?: string;
  readonly peers?: number;
  /** Datagrams per second. */
  readonly rate?: number;
}

/** Listens on a free port of 127.0.0.1. */
export class FakeConsole {
  readonly actions: Action[] = [];
  /** Whether it ends each connection without an answer. */
  isAway = false;
  readonly #options: FakeOptions;
  readonly #http: Server;
  readonly #viewers = new Map<string, { response: ServerResponse; view: View; timers: NodeJS.Timeout[] }>();
  #isLoggedIn = false;
  #viewer = 0;
  readonly #start = Date.now();

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.#http = createServer((request, response) => this.#answer(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    const address = this.#http.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/console/`;
  }

  async close(): Promise<void> {
    for (const { timers } of this.#viewers.values()) for (const timer of timers) clearInterval(timer);
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  /** Ends all streams and connections. */
  cut(): void {
    for (const { response } of this.#viewers.values()) response.destroy();
    this.#http.closeAllConnections();
  }

  /** The streams that there are stay open, and say nothing more. */
  hush(): void {
    for (const { timers } of this.#viewers.values())
      for (const timer of timers.splice(0)) clearInterval(timer);
  }

  /** All have to log in again. */
  endSessions(): void {
    this.#isLoggedIn = false;
  }

  #session(): object {
    const hasToken = this.#options.token !== undefined;
    const isLoggedIn = !hasToken || this.#isLoggedIn;
    return {
      title: 'Arena',
      hasToken,
      isLoggedIn,
      canAct: isLoggedIn,
      canCall: hasToken && isLoggedIn,
    };
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.isAway) {
      response.destroy();
      return;
    }
    response.setHeader('content-security-policy', CSP);
    const url = new URL(request.url ?? '/', 'http://x');
    const path = url.pathname.replace(/^\/console\//, '');
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const file = path === '' ? 'index.html' : path;
    if (TYPES[file] !== undefined) {
      response.writeHead(200, { 'content-type': TYPES[file] });
      response.end(readFileSync(PAGE + file));
    } else if (path === 'session') json(200, this.#session());
    else if (path === 'events')
      this.#stream(JSON.parse(url.searchParams.get('view') ?? '') as View, response);
    else if (path.startsWith('traffic/')) {
      const details = this.#details(Number(path.slice(8)));
      if (details === undefined) json(404, { error: 'This datagram is not kept any more.' });
      else json(200, details);
    } else if (path.startsWith('export')) {
      response.writeHead(200, { 'content-disposition': 'attachment; filename="traffic.pcapng"' });
      response.end('bytes');
    } else if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => {
        const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
        if (path === 'login') {
          if (body['token'] !== this.#options.token) return json(401, { error: 'This is not the token.' });
          this.#isLoggedIn = true;
          return json(200, this.#session());
        }
        if (path === 'logout') {
          this.#isLoggedIn = false;
          return json(200, this.#session());
        }
        if (path === 'view') {
          const viewer = this.#viewers.get(String(body['viewer']));
          if (viewer === undefined) return json(404, { error: 'no stream' });
          viewer.view = body['view'] as View;
          response.writeHead(204).end();
          this.#send(viewer.response, viewer.view, true);
          return;
        }
        if (this.#options.token !== undefined && !this.#isLoggedIn)
          return json(401, { error: 'Log in first.' });
        this.actions.push(body as unknown as Action);
        if (body['action'] === 'move') return json(409, { error: 'The room is full.' });
        return json(200, {
          text: `Done: ${String(body['action'])} <b>of</b> ${String(body['peer'] ?? body['room'] ?? '')}.`,
        });
      });
    } else json(404, { error: 'There is no such page.' });
  }

  #stream(view: View, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const id = String(++this.#viewer);
    const own = { response, view, timers: [] as NodeJS.Timeout[] };
    this.#viewers.set(id, own);
    const limits = {
      trafficBytes: 2 ** 26,
      trafficMs: 600_000,
      filterBytes: 2 ** 24,
      filters: 8,
      chartSeconds: 900,
    };
    this.#write(response, { type: 'hello', viewer: id, limits });
    this.#status(response);
    this.#send(response, view, true);
    let tick = 0;
    own.timers.push(
      setInterval(() => {
        if (++tick % 4 === 0) this.#status(response);
        const isQuick = own.view.section === 'traffic' || own.view.section === 'calls';
        if (isQuick || tick % 4 === 0) this.#send(response, own.view, false);
      }, 250),
    );
    response.on('close', () => {
      for (const timer of own.timers) clearInterval(timer);
      this.#viewers.delete(id);
    });
  }

  #write(response: ServerResponse, message: StreamMessage): void {
    response.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  #status(response: ServerResponse): void {
    const total = this.#end();
    const peers = this.#options.peers ?? 12;
    this.#write(response, {
      type: 'status',
      nowMs: Date.now(),
      process: {
        pid: 1,
        uptimeSeconds: 4000,
        cpuPercent: 23,
        loopDelayMs: 3.2,
        memoryBytes: 99e6,
        node: 'v22',
      },
      traffic: {
        hasTrace: true,
        datagramsIn: total,
        bytesIn: total * 60,
        datagramsOut: total,
        bytesOut: total * 90,
        dropped: 3,
      },
      servers: [
        {
          id: 1,
          name: 'arena',
          kind: 'rooms',
          class: 'RoomServer',
          isActive: true,
          acceptsPeers: true,
          port: 7777,
          peers,
          authenticated: peers,
          rooms: 3,
          sections: ['overview', 'peers', 'rooms', 'cluster', 'calls', 'charts', 'scene'],
          actions: ['kick', 'ban', 'unban', 'message', 'move', 'closeRoom', 'lockRoom', 'door', 'call'],
        },
        {
          id: 2,
          name: 'plain',
          kind: 'server',
          class: 'ENetServer',
          isActive: false,
          peers: 0,
          sections: ['overview', 'peers', 'charts'],
          actions: ['kick'],
        },
      ],
    });
  }

  #end(): number {
    return Math.floor(((Date.now() - this.#start) / 1000 + 30) * (this.#options.rate ?? 20));
  }

  #row(number: number): DatagramRow {
    const drop = number % 17 === 0;
    return {
      number,
      index: number - 1,
      timeMs: this.#start - 30_000 + (number * 1000) / (this.#options.rate ?? 20),
      direction: drop ? 'drop' : number % 2 === 0 ? 'in' : 'out',
      address: `192.0.2.${number % 12}:4${String(number % 12).padStart(4, '0')}`,
      size: 40 + (number % 90),
      peer: `p${number % 12}`,
      parts: drop
        ? ['CHECKSUM', 'not readable']
        : ['ACKNOWLEDGE 7', `SEND_RELIABLE channel 0, seq ${number}: {"_event": "move<b>", "x": ${number}}`],
    };
  }

  #details(number: number): DatagramDetails | undefined {
    if (!(number >= 1 && number <= this.#end())) return undefined;
    const { index: _index, ...row } = this.#row(number);
    const hex = Array.from({ length: row.size }, (_, i) =>
      ((i * 37 + number) & 255).toString(16).padStart(2, '0'),
    ).join('');
    return {
      row,
      hex,
      header: { peerId: 3, session: 1, sentTime: 4711 },
      commands: [
        {
          name: 'ACKNOWLEDGE',
          offset: 4,
          length: 8,
          fields: [
            { name: 'channel', value: '0' },
            { name: 'receivedSeq', value: '7' },
          ],
        },
        {
          name: 'SEND_RELIABLE',
          offset: 12,
          length: row.size - 12,
          fields: [
            { name: 'channel', value: '0' },
            { name: 'seq', value: String(number) },
          ],
          packet: {
            length: row.size - 18,
            hex: hex.slice(36),
            kind: 'value',
            text: '{"_event": "move<b>", "x": 1}',
            datagrams: [number, number + 1].slice(0, number % 3 === 0 ? 2 : 1),
            value: {
              type: 'Dictionary',
              items: [
                { name: '"_event"', type: 'String', text: '"move<b>"' },
                { name: '"position"', type: 'Vector2', text: 'Vector2(1, 2)' },
                { name: '"list"', type: 'Array', items: [{ name: '0', type: 'int', text: '3' }], left: 4 },
              ],
            },
          },
        },
      ],
      previous: number > 12 ? number - 12 : undefined,
      next: number + 12,
    } as DatagramDetails;
  }

  #peer(i: number): PeerRow {
    return {
      key: `p${i}`,
      peerId: 1000 + i,
      name: `Player ${i}`,
      data: '{"team": "<img src=x>"}',
      address: `192.0.2.${i % 250}`,
      port: 40_000 + i,
      transport: 'ENet with DTLS',
      class: 'ENetServerPeer',
      godot: '4.6',
      state: i % 9 === 0 ? 'authenticating' : 'connected',
      roundTripMs: 20 + (i % 40),
      roundTripVarianceMs: 4,
      loss: i % 7 === 0 ? 0.08 : 0.01,
      throttle: 1,
      queuedBytes: i * 3,
      bytesIn: 1e5 * i + (Date.now() % 1e5),
      bytesOut: 2e6,
      seconds: 70 * i,
      room: `arena ${i % 3}`,
      roomKind: 'arena',
    };
  }

  #send(response: ServerResponse, view: View, isNew: boolean): void {
    const message = this.#message(view, isNew);
    if (message !== undefined) this.#write(response, message);
  }

  #message(view: View, isNew: boolean): StreamMessage | undefined {
    const server = view.section === 'traffic' ? 1 : (view.server ?? 1);
    const now = Date.now();
    const count = this.#options.peers ?? 12;
    const number = (name: string, value: number, unit: '' | 'bytes' | 'ms' = '') =>
      ({
        name,
        label: name.replaceAll(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`),
        value,
        unit,
        isCounter: true,
      }) as const;
    switch (view.section) {
      case 'overview':
        return {
          type: 'overview',
          server,
          numbers: [
            number('callsReceived', 12_345),
            number('callsRefused', 3),
            number('bytesReceived', 4.5e7, 'bytes'),
            number('tickTime', 1.25, 'ms'),
          ],
          counts: [
            {
              reason: 'CHECKSUM',
              times: 3,
              text: 'The checksum is not that of the bytes.',
              of: 'drop',
              latestMs: now - 4000,
            },
          ],
          diagnoses: [
            {
              timeMs: now - 60_000,
              code: 'NO_SUCH_NODE',
              text: 'there is no node at "Boss <img src=x>"',
              help: 'Add it.',
              peer: 'p3',
              address: '192.0.2.3',
            },
          ],
          events: [{ timeMs: now - 5000, kind: 'connected', text: 'Player 3 has come', peer: 'p3' }],
          dtls: {
            certificate: { validToMs: now + 1e9 },
            suites: [{ suite: 'ECDHE-ECDSA-AES128-GCM-SHA256', sessions: 12 }],
            isSinceStart: false,
            numbers: [number('handshakes', 14)],
          },
        };
      case 'peers': {
        const all = Array.from({ length: count }, (_, i) => this.#peer(i)).filter(
          (peer) =>
            view.search === undefined ||
            JSON.stringify(peer).toLowerCase().includes(view.search.toLowerCase()),
        );
        if (view.sort !== undefined)
          all.sort((a, b) => {
            const [x, y] = [a, b].map((peer) => peer[view.sort as keyof PeerRow] ?? 0) as [number, number];
            return (x < y ? -1 : 1) * (view.descending ? -1 : 1);
          });
        const offset = view.offset ?? 0;
        const chosen = view.selected === undefined ? undefined : all.find(({ key }) => key === view.selected);
        return {
          type: 'peers',
          server,
          count,
          found: all.length,
          offset,
          rows: all.slice(offset, offset + (view.limit ?? 50)),
          columns: [
            'peerId',
            'state',
            'address',
            'transport',
            'godot',
            'room',
            'data',
            'roundTripMs',
            'loss',
            'throttle',
            'queuedBytes',
            'bytesIn',
            'bytesOut',
            'seconds',
          ],
          banned: [{ address: '198.51.100.7', untilMs: now + 600_000 }],
          ...(chosen === undefined
            ? {}
            : {
                selected: {
                  peer: chosen,
                  data: '{\n  "team": "<img src=x>"\n}',
                  numbers: [number('reliableInFlight', 4)],
                  diagnoses: [],
                  events: [],
                  rooms: [{ id: 'arena 1', kind: 'arena' }],
                },
              }),
        };
      }
      case 'rooms':
        return {
          type: 'rooms',
          server,
          count: 3,
          found: 3,
          offset: 0,
          rows: [0, 1, 2].map((i) => ({
            id: `arena ${i}`,
            kind: 'arena',
            players: 4,
            maxPlayers: 8,
            spectators: 1,
            away: 0,
            isLocked: i === 1,
            isPrivate: i === 2,
            nodes: 40,
            tickHz: 20,
            tickMs: 1.2,
            lateMs: 0.3,
            skippedTicks: 0,
            seconds: 400,
            data: '{"map": "desert"}',
          })),
        };
      case 'cluster':
        return {
          type: 'cluster',
          server,
          id: 'ulm',
          engine: 'redis',
          numbers: [number('leases', 3), number('roundTripMs', 1.4, 'ms'), number('outages', 1)],
          nodeCount: 2,
          nodes: [
            {
              id: 'ulm',
              isOwn: true,
              region: 'eu',
              version: '1',
              players: 12,
              maxPlayers: 100,
              rooms: 3,
              maxRooms: 10,
              isDraining: false,
            },
            {
              id: 'bonn',
              isOwn: false,
              region: 'eu',
              version: '1',
              players: 2,
              maxPlayers: 100,
              rooms: 1,
              maxRooms: 10,
              isDraining: true,
            },
          ],
          isLooking: false,
          count: 1,
          found: 1,
          offset: 0,
          rows: [
            {
              id: 'arena 0',
              kind: 'arena',
              node: 'ulm',
              players: 4,
              maxPlayers: 8,
              isLocked: false,
              isPrivate: false,
            },
          ],
          matchmakings: [{ name: 'ranked', leader: 'ulm', isLeading: true, numbers: [number('tickets', 5)] }],
        };
      case 'traffic': {
        const end = this.#end();
        const limit = view.limit ?? 50;
        const isFollowing = view.position === 'end' || view.position === undefined;
        const begin = isFollowing ? Math.max(0, end - limit) : (view.position as number);
        const isWrong = view.filter?.includes('size>x') ?? false;
        const rows = Array.from({ length: Math.min(limit, end - begin) }, (_, i) => this.#row(begin + i + 1));
        return {
          type: 'traffic',
          ...(view.filter === undefined || isWrong
            ? {}
            : { filter: { id: 4, text: view.filter, behind: 0, pinnedBytes: 4000 } }),
          ...(isWrong ? { filterProblem: '"size>x": a number is needed behind size>' } : {}),
          first: 0,
          end,
          firstMs: this.#start - 30_000,
          isFollowing,
          ...(isFollowing || isNew ? { rows: isWrong ? [] : rows } : {}),
          ringBytes: end * 60,
          recordingSinceMs: this.#start,
          missed: 0,
        };
      }
      case 'calls': {
        const end = this.#end();
        const isFollowing = view.position === 'end' || view.position === undefined;
        const begin = isFollowing ? Math.max(0, end - 50) : (view.position as number);
        return {
          type: 'calls',
          server,
          first: 0,
          end,
          isFollowing,
          rows: Array.from({ length: Math.min(50, end - begin) }, (_, i) => ({
            index: begin + i,
            timeMs: this.#start + (begin + i) * 50,
            direction: i % 2 === 0 ? ('in' as const) : ('out' as const),
            peer: `p${i % 12}`,
            peerId: 1000 + (i % 12),
            room: 'arena 0',
            node: '/root/Main/Players/17',
            method: 'move',
            args: `Vector2(${i}, 3), "<img src=x onerror=alert(1)>"`,
          })),
          methods: [
            { method: 'move', received: 1200, sent: 0 },
            { method: 'attack', received: 20, sent: 400 },
          ],
        };
      }
      case 'charts': {
        const names = [
          'datagramsIn',
          'datagramsOut',
          'bytesIn',
          'bytesOut',
          'peers',
          'roundTrip50',
          'roundTrip99',
          'loss',
          'cpu',
          'loop',
          'tick',
          ...Array.from({ length: 10 }, (_, i) => `call:m${i}`),
        ];
        const groups = [
          'datagrams',
          'datagrams',
          'bytes',
          'bytes',
          'peers',
          'roundTrip',
          'roundTrip',
          'loss',
          'cpu',
          'loop',
          'tick',
        ] as const;
        const units = {
          datagrams: '/s',
          bytes: 'bytes/s',
          peers: '',
          roundTrip: 'ms',
          loss: 'percent',
          cpu: 'percent',
          loop: 'ms',
          tick: 'ms',
          calls: '/s',
        } as const;
        const series = names.map(
          (name, i) =>
            ({ name, label: name, group: groups[i] ?? 'calls', unit: units[groups[i] ?? 'calls'] }) as const,
        );
        const value = (line: number, second: number): number =>
          (line + 1) * 20 * (2 + Math.sin(second / (20 + line)) + Math.sin(second * 7.3 + line) * 0.3);
        const second = Math.floor(now / 1000);
        if (!isNew)
          return {
            type: 'chartsRow',
            server,
            timeMs: second * 1000,
            values: names.map((_, i) => value(i, second)),
          };
        const times = Array.from({ length: 900 }, (_, i) => second - 899 + i);
        return {
          type: 'charts',
          server,
          series,
          timesMs: times.map((s) => s * 1000),
          values: names.map((_, i) => times.map((s) => (i === 4 && s % 50 === 0 ? null : value(i, s)))),
        };
      }
      case 'scene': {
        if (!isNew) return undefined;
        const expanded = new Set(['/root', ...(view.expanded ?? [])]);
        const rows: SceneNodeRow[] = [];
        const add = (path: string, depth: number): void => {
          const children = depth < 3 ? 3 : 0;
          const isExpanded = expanded.has(path);
          const name = path.split('/').at(-1) ?? '';
          rows.push({
            path,
            name,
            class: 'Node2D',
            authority: depth === 3 ? 1003 : 1,
            children,
            depth,
            isExpanded,
            ...(depth === 1 ? { script: 'res://main.gd' } : {}),
          });
          if (isExpanded)
            for (let i = 0; i < children; i++) add(`${path}/${['Alpha', 'Beta', 'Gamma'][i]}`, depth + 1);
        };
        add('/root', 0);
        const node = rows.find(({ path }) => path === view.selected);
        return {
          type: 'scene',
          server,
          rooms: [
            { id: 'arena 0', kind: 'arena' },
            { id: 'arena 1', kind: 'arena' },
          ],
          room: view.room ?? 'arena 0',
          nodeCount: 40,
          rows,
          left: 0,
          ...(node === undefined
            ? {}
            : {
                selected: {
                  node,
                  properties: [{ name: 'position', type: 'Vector2', text: 'Vector2(1, 2)' }],
                  groups: ['players'],
                  methods: [
                    {
                      name: 'attack',
                      mode: 'any_peer' as const,
                      transfer: 'reliable',
                      channel: 0,
                      callLocal: false,
                      args: ['int', 'String'],
                    },
                  ],
                  seenBy: ['p1', 'p2'],
                  replication: ['MultiplayerSynchronizer at /root/Alpha/Sync'],
                },
              }),
        };
      }
    }
  }
}
