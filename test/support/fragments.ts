/**
 * Blocks of TypeScript in README and the guides that compile (`test/docs/snippets.test.ts`) but are not run, with the reason: by their page, and
 * the heading of their section or, when the block is a whole file, its path. `test/docs/everySnippet.test.ts` keeps the list exact.
 */
export const FRAGMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': {
    'A server': 'listens on port 7777 for good; test/server has each of its calls',
  },
  'docs/guide/cluster.md': {
    Redis: 'wants a Redis at its own port; test/cluster/redisOnly.test.ts starts one',
    NATS: 'wants a NATS at its own port; test/cluster/natsOnly.test.ts starts one',
  },
  'docs/guide/deployment.md': {
    'Health, status, drain': 'listens on a port for good; test/fleet/fleetHandler.test.ts asks such a server',
    'A fleet: Kubernetes and Agones': 'wants the sidecar of Agones; test/fleet has one of its own',
  },
  'docs/guide/godot-client.md': {
    'A game and its server':
      'listens on port 7777; test/interop/godot4/addon.test.ts plays with such a server',
  },
  'docs/guide/production.md': {
    Stopping: 'takes the signals of its process; test/ops/ops.test.ts drains',
    'A thread for the network': 'listens on port 7777 of all addresses; test/thread runs the thread',
    'Every kind of server': 'takes the signals of its process; test/ops/everyKind.test.ts has the calls',
    'Logs, metrics, health': 'listens on port 9100 for good; test/ops/ops.test.ts has the calls',
    Bundlers: 'is a part of a bundle; test/package makes one',
  },
  'docs/guide/rooms.md': {
    'server.ts':
      'listens on port 7777 for good; the other files of the page are played on the virtual network',
  },
  'docs/guide/spawning.md': {
    '': 'wants the project ./game; test/interop/godot4/replication plays one with these calls',
    Synchronizers: 'wants the nodes of a game; test/multiplayer/replication has them, with `validate`',
  },
  'docs/guide/testing.md': {
    'Record a live server':
      'listens on a real port and writes a file; test/testing/recordHost.test.ts does both',
    'Replay it': 'reads what the block before it has recorded; test/testing/session.test.ts replays',
    'A trace of everything':
      'is the beginning of a host of the reader; test/enet/commandTrace.test.ts traces',
  },
  'docs/guide/websocket.md': {
    'A server and a client (no-check)':
      'is one line, with the key and the certificate of the reader; test/websocket has TLS',
  },
};

/** The fragments of a page. */
export function fragmentsOf(page: string): Readonly<Record<string, string>> {
  return FRAGMENTS[page] ?? {};
}
