/**
 * The socket calls of Linux through the optional package `koffi`, for {@link openMmsgSocket}. Everything here is
 * specific to little-endian 64-bit Linux, where the layouts of the C structures are known.
 */
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type { Uv } from './loopWatch.ts';
import { moduleUrl } from './moduleUrl.ts';

/** Memory as koffi takes it: an array, or an address. */
type Memory = Uint8Array | Uint32Array | Int32Array | bigint;

/** The calls that the socket needs. Each returns -1 on failure; {@link Libc.errorCode} tells why. */
export interface Libc {
  /** Makes a socket; gives its descriptor. */
  socket(domain: number, type: number, protocol: number): number;
  /** Binds a socket to an address. */
  bind(fd: number, address: Memory, length: number): number;
  /** Writes the bound address; `length` is read and written. */
  getsockname(fd: number, address: Memory, length: Memory): number;
  /** Sets an option. */
  setsockopt(fd: number, level: number, name: number, value: Memory, length: number): number;
  /** Sends one datagram. */
  sendto(fd: number, bytes: Memory, length: number, flags: number, to: Memory, toLength: number): number;
  /** Sends a batch; gives how many were sent. */
  sendmmsg(fd: number, messages: Memory, count: number, flags: number): number;
  /** Receives a batch; gives how many arrived. */
  recvmmsg(fd: number, messages: Memory, count: number, flags: number, timeout: null): number;
  /** Closes a descriptor. */
  close(fd: number): number;
  /** The index of a network interface, 0 when there is none. */
  if_nametoindex(name: string): number;
  /** Writes the name of a network interface with its end mark; `null` when there is none. */
  if_indextoname(index: number, name: Memory): unknown;
  /** The name of the last error of this thread, e.g. `"EAGAIN"`. */
  errorCode(): string;
  /** The address of memory that does not move: an array with an ArrayBuffer of its own. */
  addressOf(memory: Uint8Array | Uint32Array): bigint;
  /** What watches descriptors at little cost; `undefined` where it cannot be had. */
  readonly uv: Uv | undefined;
}

/** Why the calls cannot be had, or the calls. */
export type LibcResult = { readonly libc: Libc } | { readonly problem: string };

let loaded: LibcResult | undefined;

/** Loads the calls on first use. */
export function loadLibc(): LibcResult {
  loaded ??= load();
  return loaded;
}

/**
 * The part of koffi that is used here: calls that return before anything else happens. Its handles of the event loop and its
 * callbacks are not closed when a worker or the process ends; the process then dies of them.
 */
interface Koffi {
  load(path: null): { func(definition: string): (...parameters: unknown[]) => unknown };
  address(memory: Uint8Array | Uint32Array): bigint;
  errno(): number;
}

function load(): LibcResult {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    return { problem: `sendmmsg needs Linux on x64 or arm64, this is ${platform} on ${arch}` };
  }
  let koffi: Koffi;
  try {
    koffi = createRequire(moduleUrl(import.meta.url))('koffi') as Koffi;
  } catch (error) {
    return { problem: `the optional package "koffi" cannot be loaded: ${String(error)}` };
  }
  try {
    return { libc: bindCalls(koffi) };
  } catch (error) {
    return { problem: `the C library lacks a socket call: ${String(error)}` };
  }
}

function bindCalls(koffi: Koffi): Libc {
  const library = koffi.load(null);
  const call = <T>(definition: string): T => library.func(definition) as T;
  const names = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));
  return {
    socket: call('int socket(int, int, int)'),
    bind: call('int bind(int, void *, uint32_t)'),
    getsockname: call('int getsockname(int, void *, void *)'),
    setsockopt: call('int setsockopt(int, int, int, void *, uint32_t)'),
    sendto: call('int64_t sendto(int, void *, size_t, int, void *, uint32_t)'),
    sendmmsg: call('int sendmmsg(int, void *, uint32_t, int)'),
    recvmmsg: call('int recvmmsg(int, void *, uint32_t, int, void *)'),
    close: call('int close(int)'),
    if_nametoindex: call('uint32_t if_nametoindex(const char *)'),
    if_indextoname: call('void *if_indextoname(uint32_t, void *)'),
    errorCode: () => names.get(koffi.errno()) ?? `E${koffi.errno()}`,
    addressOf: (memory) => koffi.address(memory),
    uv: bindUv(koffi),
  };
}

/** The libuv of this process, if it is Node's own: others have the names, but not what is behind them. */
function bindUv(koffi: Koffi): Uv | undefined {
  const { versions } = process;
  if (['bun', 'deno', 'electron'].some((name) => name in versions)) return undefined;
  try {
    const library = koffi.load(null);
    const call = <T>(definition: string): T => library.func(definition) as T;
    const typeName = call<(type: number) => string | null>('const char *uv_handle_type_name(int)');
    const address = call<(library: null, name: string) => unknown>('void *dlsym(void *, const char *)');
    const clear = address(null, 'memset');
    const loop = call<() => unknown>('void *uv_default_loop()')();
    if (typeName(UV_POLL) !== 'poll' || clear === null || loop === null) return undefined;
    const init = call<(loop: unknown, handle: bigint, fd: number) => number>(
      'int uv_poll_init(void *, void *, int)',
    );
    const start = call<(handle: bigint, events: number, callback: unknown) => number>(
      'int uv_poll_start(void *, int, void *)',
    );
    const close = call<(handle: bigint, callback: null) => void>('void uv_close(void *, void *)');
    return {
      pollBytes: Number(call<(type: number) => number>('size_t uv_handle_size(int)')(UV_POLL)),
      pollInit: (handle, fd) => init(loop, handle, fd),
      pollStart: (handle) => start(handle, UV_READABLE, clear),
      pollStop: call('int uv_poll_stop(void *)'),
      close: (handle) => close(handle, null),
      addressOf: (memory) => koffi.address(memory),
    };
  } catch {
    // A Node without these names in it: node:dgram watches.
    return undefined;
  }
}

// Numbers of libuv 1.
const UV_POLL = 8;
const UV_READABLE = 1;
