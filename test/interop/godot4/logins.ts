/** Logins in all combinations of auth callbacks: what is done, and what both sides note of it (scene-multiplayer 3.1; 11.2, 14 and 16). */
import type { VariantValue } from '../../../codec/index.ts';
import type { Arena } from './Arena.ts';
import { type Player, until } from './player.ts';

/** A login. Ids of clients are `ID` in what is noted. */
export interface Login {
  readonly serverAsks: boolean;
  readonly clientAsks: boolean;
  /** Seconds; 5 unless given. */
  readonly serverTimeout?: number;
  readonly clientTimeout?: number;
  /** What is done once the server knows the client's id; what it returns is compared with `answers`. */
  readonly play: (one: Player, server: Arena, id: number) => Promise<VariantValue[]>;
  readonly answers: readonly VariantValue[];
  readonly client: readonly string[];
  readonly server: readonly string[];
  readonly refusals?: Readonly<Record<string, number>>;
  /** What the server counts: peers that were admitted, and that were not. */
  readonly counts: readonly [admitted: number, failed: number];
  /** What the engine prints. */
  readonly errors?: readonly string[];
}

/** One byte of authentication data. */
const byte = (value: number): Uint8Array => Uint8Array.of(value);

/** Does something that sends the server a packet which it takes without a signal, and waits until it has it. */
async function taken(server: Arena, action: () => Promise<VariantValue>): Promise<VariantValue> {
  const before = server.multiplayer.metrics().packetsReceived;
  const answer = await action();
  await until(
    () => server.multiplayer.metrics().packetsReceived > before,
    () => 'a packet',
  );
  return answer;
}

const BOTH = { serverAsks: true, clientAsks: true } as const;
const NOT_PENDING = (name: string): string =>
  `Condition "!pending_peers.has(${name})" is true. Returning: ERR_INVALID_PARAMETER`;

const NOT_AUTH =
  'Condition "len < 2 || (packet[0] & CMD_MASK) != NETWORK_COMMAND_SYS || packet[1] != SYS_COMMAND_AUTH" is true. Continuing.';

/** All logins by name. */
export const LOGINS: Readonly<Record<string, Login>> = {
  'nobody asks': {
    serverAsks: false,
    clientAsks: false,
    play: async (one, server, id) => [
      await one.api('send_auth', 1, byte(1)),
      await one.api('complete_auth', 1),
      await server.api('send_auth', id, byte(1)),
      await server.api('complete_auth', id),
    ],
    answers: [31, 31, 31, 31],
    client: ['connected ID', '+1'],
    server: ['+ID'],
    counts: [1, 0],
    errors: [NOT_PENDING('p_to'), NOT_PENDING('p_peer')],
  },
  'both ask; data both ways in rounds; the client is done first': {
    ...BOTH,
    play: async (one, server, id) => {
      const answers: VariantValue[] = [];
      for (let round = 1; round <= 3; round++) {
        answers.push(await one.api('send_auth', 1, byte(round)));
        await server.until(`auth ${id} 0${round}`);
        answers.push(await server.api('send_auth', id, byte(16 + round)));
        await one.until(`auth 1 1${round}`);
      }
      answers.push(await taken(server, () => one.api('complete_auth', 1)));
      answers.push(await one.api('complete_auth', 1), await one.api('send_auth', 1, byte(9)));
      answers.push(await server.api('send_auth', id, byte(9)), await server.api('complete_auth', id));
      answers.push(await server.api('complete_auth', id));
      return answers;
    },
    answers: [...[0, 0, 0, 0, 0, 0], 0, 13, 13, 13, 0, 31],
    client: ['?1', 'auth 1 11', 'auth 1 12', 'auth 1 13', 'connected ID', '+1'],
    server: ['?ID', 'auth ID 01', 'auth ID 02', 'auth ID 03', '+ID'],
    counts: [1, 0],
    errors: [
      'The authentication session was already marked as completed.',
      'The authentication session was previously marked as completed, no more authentication data can be sent.',
    ],
  },
  'both ask; the server is done first, at once': {
    ...BOTH,
    play: async (one, server, id) => {
      // Both leave together: nothing tells of the second but that no more data may be sent.
      const answers = [await server.api('send_auth', id, byte(5)), await server.api('complete_auth', id)];
      await one.until('auth 1 05');
      answers.push(await one.api('send_auth', 1, byte(9)), await one.api('complete_auth', 1));
      return answers;
    },
    answers: [0, 0, 13, 0],
    client: ['?1', 'auth 1 05', 'connected ID', '+1'],
    server: ['?ID', '+ID'],
    counts: [1, 0],
    errors: [
      'The remote peer notified that the authentication session was completed, no more authentication data can be sent.',
    ],
  },
  'both ask; what is sent before': {
    ...BOTH,
    play: async (one, server, id) => [
      await one.rpc('Game', 1, 'say', 1),
      await one.rpc('Game', 0, 'both', 2),
      await one.api('send_bytes', byte(1), 1),
      await one.api('send_bytes', byte(1), -1),
      await taken(server, () => one.api('send_bytes', byte(1), 0)),
      await server.rpc('Game', id, 'say', 3),
      await server.rpc('Game', 0, 'both', 4),
      await server.api('send_bytes', byte(1), id),
      await server.api('send_bytes', byte(1), 0),
      await taken(server, () => one.api('complete_auth', 1)),
      await server.api('complete_auth', id),
    ],
    answers: [0, 0, 47, 0, 0, 0, 0, 47, 0, 0, 0],
    client: ['?1', 'Game.both ID [2]', 'connected ID', '+1'],
    server: ['?ID', 'Game.both 1 [4]', '+ID'],
    refusals: { 'not-authenticated': 2 },
    counts: [1, 0],
    errors: [
      'Attempt to call RPC with unknown peer ID: 1.',
      'Condition "!connected_peers.has(p_to)" is true. Returning: ERR_BUG',
    ],
  },
  'both ask; the server refuses': {
    ...BOTH,
    play: async (one, server, id) => {
      await one.api('send_auth', 1, byte(1));
      await server.until(`auth ${id} 01`);
      server.multiplayer.disconnectPeer(id);
      return [];
    },
    answers: [],
    client: ['?1', '!1', 'lost'],
    server: ['?ID', 'auth ID 01'],
    counts: [0, 0],
  },
  'both ask; the client refuses': {
    ...BOTH,
    play: async (one, server, id) => {
      await server.api('send_auth', id, byte(2));
      await one.until('auth 1 02');
      await one.api('disconnect_peer', 1);
      return [];
    },
    answers: [],
    client: ['?1', 'auth 1 02', 'lost'],
    server: ['?ID', '!ID'],
    counts: [0, 1],
  },
  'both ask; the client closes': {
    ...BOTH,
    play: async (one) => {
      await one.leave();
      return [];
    },
    answers: [],
    client: ['?1', 'lost'],
    server: ['?ID', '!ID'],
    counts: [0, 1],
  },
  "both ask; the server's time is up": {
    ...BOTH,
    serverTimeout: 0.5,
    play: async (one, server) => [await taken(server, () => one.api('complete_auth', 1))],
    answers: [0],
    client: ['?1', '!1', 'lost'],
    server: ['?ID', '!ID'],
    counts: [0, 1],
  },
  "both ask; the client's time is up": {
    ...BOTH,
    clientTimeout: 0.5,
    play: async (_, server, id) => [await server.api('complete_auth', id)],
    answers: [0],
    client: ['?1', '!1', 'lost'],
    server: ['?ID', '!ID'],
    counts: [0, 1],
  },
  'the server asks, the client does not: calls come to nothing, then the time is up': {
    serverAsks: true,
    clientAsks: false,
    serverTimeout: 0.8,
    play: async (one, server, id) => [
      await one.api('send_auth', 1, byte(1)),
      await one.api('complete_auth', 1),
      await taken(server, () => one.rpc('Game', 1, 'say', 1)),
      await server.api('send_auth', id, byte(1)),
    ],
    answers: [31, 31, 0, 0],
    client: ['connected ID', '+1', '-1', 'lost'],
    server: ['?ID', '!ID'],
    refusals: { 'not-authenticated': 2 },
    counts: [0, 1],
    errors: [NOT_PENDING('p_to'), NOT_PENDING('p_peer'), 'Condition "len != 2" is true. Continuing.'],
  },
  'the client asks, the server does not: data come to nothing, then the time is up': {
    serverAsks: false,
    clientAsks: true,
    clientTimeout: 0.8,
    play: async (one, server, id) => [
      await taken(server, () => one.api('send_auth', 1, byte(1))),
      await one.rpc('Game', 1, 'say', 1),
      await server.rpc('Game', id, 'say', 1),
    ],
    answers: [0, 0, 0],
    client: ['?1', '!1', 'lost'],
    server: ['+ID', '-ID'],
    refusals: { 'auth-unexpected': 1 },
    counts: [1, 0],
    // The question for its version, the announcement, the call.
    errors: [NOT_AUTH, 'Attempt to call RPC with unknown peer ID: 1.', NOT_AUTH, NOT_AUTH],
  },
  'the client asks, the server does not: done for itself is not done': {
    serverAsks: false,
    clientAsks: true,
    clientTimeout: 0.8,
    play: async (one, server) => [await taken(server, () => one.api('complete_auth', 1))],
    answers: [0],
    client: ['?1', '!1', 'lost'],
    server: ['+ID', '-ID'],
    counts: [1, 0],
    errors: [NOT_AUTH],
  },
};
