/**
 * Live peers: real programs of others that some tests talk to.
 *
 * A test that needs one asks `peer(name)` and skips itself when it is not installed. With REQUIRE_PEERS=1 (as CI
 * sets it) a missing peer fails the run instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Peer {
  readonly what: string;
  readonly install: string;
  readonly isInstalled: () => boolean;
}

const onPath = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** Where the official web build of Godot 4.6 is when it is installed. */
export const GODOT4_FOLDER: string = fileURLToPath(new URL('../../.peers/godot4/godot', import.meta.url));

/** Every live peer that some test can use. */
export const PEERS = {
  libenet: {
    what: 'the C library libenet and a C compiler',
    install: 'apt-get install libenet-dev gcc libc6-dev',
    isInstalled: () => existsSync('/usr/include/enet/enet.h') && onPath('cc'),
  },
  godot3: {
    what: 'the headless server of Godot 3',
    install: 'apt-get install godot3-server',
    isInstalled: () => onPath('godot3-server'),
  },
  openssl: {
    what: "OpenSSL's command line",
    install: 'apt-get install openssl',
    isInstalled: () => onPath('openssl'),
  },
  mbedtls: {
    what: 'the C library mbedTLS and a C compiler',
    install: 'apt-get install libmbedtls-dev gcc libc6-dev',
    isInstalled: () => existsSync('/usr/include/mbedtls/ssl.h') && onPath('cc'),
  },
  chromium: {
    what: 'Chromium, for the tests of the page',
    install: 'apt-get install chromium',
    isInstalled: () => existsSync('/usr/bin/chromium'),
  },
  godot4: {
    what: 'the official web build of Godot 4.6 and Chromium',
    install: 'node scripts/installGodot4.mjs && apt-get install chromium',
    isInstalled: () =>
      ['index.wasm', '../integrity'].every((name) => existsSync(`${GODOT4_FOLDER}/${name}`)) &&
      existsSync('/usr/bin/chromium'),
  },
  redis: {
    what: 'the Redis server',
    install: 'apt-get install redis-server',
    isInstalled: () => onPath('redis-server'),
  },
  nats: {
    what: 'the NATS server',
    install: 'apt-get install nats-server',
    isInstalled: () => onPath('nats-server'),
  },
  systemd: {
    what: 'systemd-analyze, for the unit of examples/deploy',
    install: 'apt-get install systemd',
    isInstalled: () => onPath('systemd-analyze'),
  },
  curl: {
    what: 'curl, for commands of the guides',
    install: 'apt-get install curl',
    isInstalled: () => onPath('curl'),
  },
  jq: {
    what: 'jq, for commands of the guides',
    install: 'apt-get install jq',
    isInstalled: () => onPath('jq'),
  },
  xxd: {
    what: 'xxd, for the commands of guides that dump with it',
    install: 'apt-get install xxd',
    isInstalled: () => onPath('xxd'),
  },
} as const satisfies Record<string, Peer>;

/** The name of a live peer. */
export type PeerName = keyof typeof PEERS;

const isRequired = process.env['REQUIRE_PEERS'] === '1';

/**
 * Says whether a live peer can be used.
 *
 * @returns what Vitest's `skipIf` needs and a title suffix that tells why a test was skipped.
 * @throws Error when the peer is missing and REQUIRE_PEERS is set.
 */
export function peer(name: PeerName): { isMissing: boolean; note: string } {
  const entry: Peer = PEERS[name];
  const isMissing = !entry.isInstalled();
  if (isMissing && isRequired) {
    throw new Error(`REQUIRE_PEERS is set, but ${entry.what} is missing. Install it: ${entry.install}`);
  }
  return { isMissing, note: isMissing ? ` [skipped: needs ${entry.what}; ${entry.install}]` : '' };
}

/** Prints the missing peers with their install commands. */
export function reportPeers(): void {
  for (const [name, entry] of Object.entries(PEERS)) {
    if (!entry.isInstalled()) {
      console.log(
        `live peer "${name}" is not installed: its tests are skipped. To run them: ${entry.install}`,
      );
    }
  }
}
