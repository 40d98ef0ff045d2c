/**
 * The dependency directions of the project (docs/architecture.md). Checked by `npm run layers`, and test/scripts/layers.test.ts
 * shows that each rule finds what it forbids.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const NODE =
  '^(node:)?(dgram|dns|crypto|zlib|os|net|tls|events|fs|url|module|worker_threads|timers|perf_hooks|http|https|path|util|child_process|process|readline|stream|buffer|async_hooks|diagnostics_channel|v8)(/|$)';

/** What lies below all inner rooms of the codec. */
const CODEC_FILES = '^codec/(errors|byteBuffer)[.]ts$';

/**
 * What each room, and each folder of a room that has floors, may import besides itself and `options`: other rooms through
 * their doors. Nothing else, no package either.
 */
const ROOMS = {
  options: [],
  codec: [],
  'codec/values': [],
  'codec/lexical': ['^codec/values/', CODEC_FILES],
  'codec/variant': ['^codec/(values|lexical)/', CODEC_FILES],
  'codec/shape': ['^codec/(values|variant)/', CODEC_FILES],
  'codec/json': ['^codec/(values|lexical|variant)/', CODEC_FILES],
  'codec/text': ['^codec/(values|lexical|variant)/', CODEC_FILES],
  'codec/packet': ['^codec/(values|lexical|variant|json)/', CODEC_FILES],
  'codec/multiplayer': ['^codec/(values|lexical|variant)/', CODEC_FILES],
  schema: ['^codec/'],
  'schema/values': ['^codec/'],
  'schema/classes': ['^schema/values/', '^codec/'],
  'schema/mirror': ['^schema/(classes|values)/', '^codec/'],
  'schema/document': ['^schema/(mirror|classes|values|validators)/', '^codec/'],
  'schema/tscn': ['^schema/(document|mirror|classes|values)/', '^codec/'],
  'schema/project': ['^schema/(tscn|document|mirror|classes|values)/', '^codec/'],
  'schema/replication': ['^schema/(mirror|classes|values)/', '^codec/'],
  'src/enet': [],
  // What the files beside the folders do to a host: its face, the ends of connections, the bandwidth.
  'src/enet/state': ['^src/enet/(?!host[.]|peerActions|connection|throttle)[^/]+[.]ts$'],
  'src/enet/send': ['^src/enet/state/', '^src/enet/(?!host[.]|peerActions|throttle)[^/]+[.]ts$'],
  'src/enet/receive': ['^src/enet/(state|send)/', '^src/enet/(?!host[.]|peerActions)[^/]+[.]ts$'],
  'src/enet/compress': ['^src/enet/compressor[.]ts$'],
  'src/doctor': ['^src/enet/'],
  'src/runtime': ['^src/(enet|doctor)/'],
  'src/dtls': ['^src/(enet|runtime)/', NODE],
  'src/dtls/record': ['^src/dtls/(protocol|counters)[.]ts$', '^src/(enet|runtime)/', NODE],
  'src/dtls/identity': ['^src/(enet|runtime)/', NODE],
  'src/dtls/handshake': [
    '^src/dtls/(record|identity)/',
    '^src/dtls/(protocol|endpoint)[.]ts$',
    '^src/(enet|runtime)/',
    NODE,
  ],
  'src/io': ['^src/(enet|runtime|dtls)/', NODE, '^node_modules/(koffi|zstd-napi)/'],
  'src/thread': ['^src/(enet|doctor|runtime|dtls|io)/', NODE],
  'src/node': ['^src/(enet|runtime|io|thread)/', NODE],
  'src/godot': ['^src/(enet|doctor|runtime)/', '^codec/'],
  'src/multiplayer': ['^src/(doctor|godot|runtime)/', '^(codec|schema)/', '^(node:)?crypto$'],
  'src/netcode': ['^src/(multiplayer|godot|runtime)/', '^(codec|schema)/'],
  'src/matchmaking': [],
  'src/rooms': ['^src/(identity|multiplayer|server|godot|enet|runtime)/', '^(codec|schema)/'],
  'src/cluster': [
    '^src/(rooms|identity|matchmaking|multiplayer|server|godot|enet|runtime|io)/',
    '^(codec|schema)/',
    NODE,
    '^node_modules/(redis|@redis|@nats-io)/',
  ],
  // An engine knows what a bus is, and nothing of nodes and rooms.
  'src/cluster/memory': ['^src/cluster/[^/]+[.]ts$', '^src/runtime/'],
  'src/cluster/redis': [
    '^src/cluster/[^/]+[.]ts$',
    '^src/(runtime|io)/',
    NODE,
    '^node_modules/(redis|@redis)/',
  ],
  'src/cluster/nats': ['^src/cluster/[^/]+[.]ts$', '^src/(runtime|io)/', NODE, '^node_modules/@nats-io/'],
  'src/websocket': ['^src/(godot|enet|runtime|io)/', NODE],
  'src/identity': ['^src/io/', '^(node:)?crypto$', '^node_modules/jose/'],
  'src/identity/directory': [],
  'src/project': ['^src/(multiplayer|node)/', '^(codec|schema)/', NODE],
  // What reads texts reads no files.
  'src/project/gdscript': ['^src/project/issue[.]ts$', '^(codec|schema)/'],
  'src/project/scripts': ['^src/project/(issue[.]ts$|gdscript/)', '^src/multiplayer/', '^(codec|schema)/'],
  'src/server': ['^src/(godot|enet|doctor|runtime)/', '^(codec|schema)/'],
  'src/ops': [
    '^src/(cluster|server|multiplayer|rooms|websocket|godot|enet|doctor|runtime|io)/',
    '^(codec|schema)/',
    NODE,
    '^node_modules/(prom-client|@peculiar/x509)/',
  ],
  'src/telemetry': [
    '^src/(ops|cluster|matchmaking|rooms|godot|enet|runtime|io)/',
    NODE,
    '^node_modules/(@opentelemetry)/',
  ],
  'src/fleet': ['^src/(ops|runtime)/', NODE],
  'src/dissect': ['^src/(dtls|multiplayer|io|enet)/', '^codec/', '^(node:)?zlib$'],
  'src/inspector': [
    '^src/(dissect|ops|cluster|rooms|multiplayer|server|websocket|godot|runtime|enet|io)/',
    '^(codec|schema)/',
    NODE,
  ],
  'src/testing': ['^src/(rooms|multiplayer|project|godot|enet|runtime|io)/', '^(codec|schema)/'],
  'src/load': [
    '^src/(server|multiplayer|project|websocket|godot|enet|runtime|io|testing)/',
    '^(codec|schema)/',
    NODE,
  ],
  'src/cli': [
    '^src/(dissect|load|websocket|godot|ops|multiplayer|project|dtls|node|io|doctor|runtime|enet)/',
    '^(codec|schema)/',
    NODE,
  ],
};
const ROOM = '^(options|codec|schema|src/[^/]+)/';
const DOOR = '^(options|codec|schema|src/[^/]+)/(index|internal)[.]ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'circles of types alone are bounded in size by test/scripts/circles.test.ts',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-orphan-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'through-the-door',
      comment: 'another room is entered by its index.ts (public) or its internal.ts, never deeper',
      severity: 'error',
      from: { path: ROOM },
      to: { path: ROOM, pathNot: ['^$1/', DOOR] },
    },
    {
      name: 'entries-through-the-door',
      comment: 'the entries enter the rooms as rooms enter each other',
      severity: 'error',
      from: { path: '^src/[^/]+[.]ts$' },
      to: { path: ROOM, pathNot: DOOR },
    },
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `${room.replace('src/', '')}-knows`,
      comment: `${room} knows only the rooms and packages that its line in ROOMS names`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { pathNot: [`^${room}/`, '^options/', ...allowed] },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/inspector/page/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
