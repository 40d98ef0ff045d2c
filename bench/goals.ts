/** What the figures of the benches shall be. `docs/benchmarks.md` has what they are. */

/** A bound of a row. */
export interface Goal {
  /** What is bounded: the figure itself, its ratio to the peer's, or by how much it is above the peer's. */
  readonly of: 'figure' | 'ratio' | 'difference';
  /** The bound, met when equal: in the row's unit, or a ratio. */
  readonly atMost: number;
}

const ratio = (atMost: number): Goal => ({ of: 'ratio', atMost });
const figure = (atMost: number): Goal => ({ of: 'figure', atMost });
const difference = (atMost: number): Goal => ({ of: 'difference', atMost });

/** The goal of a row. @returns undefined when there is none: the row informs. */
export function goalOf(name: string): Goal | undefined {
  return GOALS[name];
}

/** By the names of rows. */
export const GOALS: Readonly<Record<string, Goal>> = {
  // Echo and broadcast: CPU of the server per packet, to libenet's.
  'echo, 64 peers, 4 under way, mmsg': ratio(0.8),
  'echo, 64 peers, 30 each/s, mmsg': ratio(1.5),
  'echo, 64 peers, 30 each/s, mmsg, p50': difference(0.3),
  'echo, 64 peers, 30 each/s, mmsg, p99': difference(0.3),
  'echo, 1 peer, 1 under way, dgram': ratio(1.6),
  'echo, 1 peer, 16 under way, dgram': ratio(1.6),
  'echo, 64 peers, 1 under way, dgram': ratio(1.6),
  'echo, 64 peers, 4 under way, dgram': ratio(1.6),
  'echo, 64 peers, 30 each/s, dgram': ratio(2),
  'broadcast, 500 peers, unsequenced, mmsg': ratio(0.9),
  'broadcast, 500 peers, reliable, mmsg': ratio(0.9),
  'broadcast, 4000 peers, unsequenced, mmsg': ratio(0.75),
  'broadcast, 4000 peers, reliable, mmsg': ratio(0.75),
  'broadcast, 500 peers, unsequenced, dgram': ratio(1.6),
  'broadcast, 500 peers, reliable, dgram': ratio(1.6),
  'broadcast, 4000 peers, unsequenced, dgram': ratio(1.6),
  'broadcast, 4000 peers, reliable, dgram': ratio(1.6),
  'fragments to one address, mmsg': ratio(0.6),

  // DTLS: microseconds per record; a handshake to openssl's s_server.
  'dtls, record of 100 bytes, AES-128-GCM, protect': figure(3),
  'dtls, record of 100 bytes, AES-128-GCM, open': figure(3),
  'dtls, handshake, ECDSA P-256': ratio(1.25),

  // Codec: borrowed packed arrays to the engine (`--engine`), copies to allocating a typed array; shapes to the general way.
  'codec, packed array, decode, borrowed': ratio(0.5),
  'codec, packed array, decode, copied': ratio(1.2),
  'codec, packed array, encode': ratio(1.2),
  'codec, shape, encode': ratio(0.5),
  'codec, shape, decode': ratio(0.5),

  // The network thread: microseconds of the application's thread per packet; all threads to a server without one.
  'thread, 64 peers, 4 under way, main thread': figure(0.5),
  'thread, 64 peers, 4 under way, whole process': ratio(1.5),

  // Memory in KB, idle in ms of CPU per second.
  'memory, an idle peer': figure(6),
  'memory, an idle peer with DTLS': figure(12),
  'idle, no peer, mmsg, inline': figure(0.5),
  'idle, no peer, dgram, inline': figure(0.5),
  'idle, 100 peers, mmsg, inline': ratio(1.5),
  'idle, 100 peers, dgram, inline': ratio(1.5),

  // Start times in ms, above an empty Node.
  'start, import godot-enet/server': figure(60),
  'start, import godot-enet/codec': figure(25),
  'start, npm start to the first player': figure(1500),

  // What the console costs a server with 500 players and 5,000 datagrams per second, in % of a core beside one without.
  'console server, 500 players, nobody looks': difference(1),
  'console server, 500 players, overview': difference(5),
  'console server, 500 players, peers': difference(5),
  'console server, 500 players, charts': difference(5),
  'console server, 500 players, traffic': difference(5),
  'console server, 500 players, traffic filtered': difference(5),

  // The console with 500 players and 5,000 datagrams per second, in % of a core: its page, and what it costs the server that somebody looks.
  'console, 500 players, overview, page': figure(10),
  'console, 500 players, peers, page': figure(10),
  'console, 500 players, charts, page': figure(10),
  'console, 500 players, traffic, page': figure(10),
  'console, 500 players, traffic filtered, page': figure(10),
  'console, 500 players, overview, server': difference(5),
  'console, 500 players, peers, server': difference(5),
  'console, 500 players, charts, server': difference(5),
  'console, 500 players, traffic, server': difference(5),
  'console, 500 players, traffic filtered, server': difference(5),

  // A step of synchronizers, to the engine's: half of what it was (0.35).
  'sync step, all move': ratio(0.17),
};
