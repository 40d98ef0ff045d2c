import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * `npm run test:quick`: of each room the files that prove most in the least time, without live peers.
 * test/scripts/quick.test.ts looks that no folder is forgotten.
 */
export const QUICK: string[] = [
  'codec/errorCodes',
  'codec/json/stringify',
  'codec/multiplayer/*',
  'codec/packet/golden',
  'codec/text/{componentText.golden,valueText}',
  'codec/values/values',
  'codec/variant/{decoding,golden}',
  'schema/{mirror,tileCells}',
  'schema/replication/secondSpeaker',
  'schema/tscn/sceneMirror',
  'enet/{checklist,handshake,receiving,sessionEnded}',
  'enet/compress/sessions',
  'doctor/*',
  'dtls/{clientHandshake,vectors}',
  'io/{attachedHost,sockaddr}',
  'thread/{admissions,ring}',
  'godot/{createHost,multiplayerPeer,service,wakes}',
  'multiplayer/{diagnoses,gates,overENet}',
  'netcode/{clock,inputs}',
  'rooms/{closing,failing,lists,logins,moving,returning,seats}',
  'cluster/{memory,natsRaces,natsSubjects}',
  'cluster/node/{fencing,placement,rooms}',
  'matchmaking/{explain,matching,refusals}',
  'websocket/session',
  'identity/{PlayerDirectory,tokens}',
  'project/{binaryScript,declarations,exported,loadProject,resources}',
  'server/{idle,memoryLink,signals,startAndEnd}',
  'ops/{everyKind,ops}',
  'telemetry/diagnostics',
  'dissect/writePcapng',
  'cli/{commandLine,packets}',
  'inspector/{http,traffic}',
  'load/{answers,report,target}',
  'fleet/{AgonesFleet,AgonesSdk,fleetHandler}',
  'testing/{RoomTest,session}',
  'options/{undefinedOptions,unknownNames}',
  'scripts/{build,lockFile,quick}',
  'docs/errors',
  'examples/dockerfile',
].map((files) => `test/${files}.test.ts`);

export default defineConfig(({ mode }) => ({
  resolve: {
    // Examples import the package by its name; tests run them on the sources.
    alias: [
      { find: /^godot-enet$/, replacement: source('./src/index.ts') },
      { find: /^godot-enet\/(codec|schema)$/, replacement: source('./$1/index.ts') },
      {
        find: /^godot-enet\/(enet|godot|multiplayer|websocket|project|rooms|cluster|server|ops|testing|inspector|load|fleet)$/,
        replacement: source('./src/$1.ts'),
      },
    ],
  },
  test: {
    include: mode === 'quick' ? QUICK : ['test/**/*.test.ts'],
    exclude: ['test/**/*.types.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/skippedReporter.ts'],
    setupFiles: ['test/support/watchDoctors.ts', 'test/support/watchBuild.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
  },
}));
