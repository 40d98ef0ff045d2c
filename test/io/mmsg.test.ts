import { afterEach, describe, expect, test } from 'vitest';
import type { Address, Datagram } from '../../src/enet/address.ts';
import { BatchReceiver } from '../../src/io/batchReceiver.ts';
import { type Libc, loadLibc } from '../../src/io/libc.ts';
import { openMmsgSocket } from '../../src/io/mmsg.ts';
import { SockaddrTable } from '../../src/io/sockaddr.ts';
import { type DatagramSocket, isAttachError } from '../../src/runtime/datagramSocket.ts';
import type { AttachError, BindOptions } from '../../src/runtime/index.ts';
import { sequence, until } from './support.ts';

// The real calls of the system, some of which fail when told to.
const real = loadLibc();

const watchers = ['libuv', 'node:dgram'] as const;

describe.skipIf('problem' in real).each(watchers)('recvmmsg and sendmmsg, watched by %s', (watcher) => {
  const open: DatagramSocket[] = [];
  let failure: string | undefined;
  const failWith = (code: string): number => {
    failure = code;
    return -1;
  };

  function openWith(
    changes: Partial<Libc>,
    bind: BindOptions = { ip: '127.0.0.1' },
    onReadable = (): void => {},
  ): DatagramSocket | AttachError {
    if ('problem' in real) {
      throw new Error(real.problem);
    }
    const { libc } = real;
    const errorCode = (): string => {
      const code = failure ?? libc.errorCode();
      failure = undefined;
      return code;
    };
    const uv = watcher === 'libuv' ? libc.uv : undefined;
    return openMmsgSocket(bind, { receiveBufferBytes: 0 }, onReadable, {
      libc: { ...libc, uv, errorCode, ...changes },
    });
  }

  function socketWith(changes: Partial<Libc>, bind?: BindOptions, onReadable?: () => void): DatagramSocket {
    const socket = openWith(changes, bind, onReadable);
    if (isAttachError(socket)) {
      throw new Error(socket.message);
    }
    open.push(socket);
    return socket;
  }

  /** Fails the first calls with these codes, then goes through. */
  function failing<Name extends 'sendmmsg' | 'recvmmsg' | 'sendto'>(
    name: Name,
    codes: string[],
  ): Partial<Libc> {
    if ('problem' in real) {
      throw new Error(real.problem);
    }
    const call = real.libc[name] as (...parameters: unknown[]) => number;
    return {
      [name]: (...parameters: unknown[]): number => {
        const code = codes.shift();
        return code === undefined ? call(...parameters) : failWith(code);
      },
    };
  }

  async function receiveAll(socket: DatagramSocket, count: number): Promise<Uint8Array[]> {
    const received: Uint8Array[] = [];
    const sink = { receive: (bytes: Uint8Array): number => received.push(bytes.slice()) };
    await until(() => {
      socket.receive(256, sink);
      return received.length >= count;
    }, `${count} datagrams`);
    return received;
  }

  const batch = (to: Address, count: number): Datagram[] =>
    Array.from({ length: count }, (_, index) => ({ bytes: sequence(2, index), to }));

  afterEach(() => {
    for (const socket of open.splice(0)) {
      socket.close();
    }
  });

  test('a full queue of the system loses the rest of a batch', async () => {
    const receiver = socketWith({});
    const sender = socketWith(failing('sendmmsg', ['ENOBUFS']));
    sender.send(batch(receiver.localAddress, 70));
    expect(sender.failedSends).toBe(64);
    expect(await receiveAll(receiver, 6)).toEqual(
      Array.from({ length: 6 }, (_, index) => sequence(2, 64 + index)),
    );
  });

  test('an interrupted call is repeated, another error costs one datagram', async () => {
    const receiver = socketWith({});
    const sender = socketWith(failing('sendmmsg', ['EINTR', 'EPERM', 'EINTR']));
    // Each longer than the one before, so that none share a message.
    const to = receiver.localAddress;
    sender.send([2, 3, 4, 5, 6].map((length) => ({ bytes: sequence(length), to })));
    expect(sender.failedSends).toBe(1);
    expect(await receiveAll(receiver, 4)).toEqual([3, 4, 5, 6].map((length) => sequence(length)));
  });

  test('a batch that the system takes in parts arrives whole', async () => {
    if ('problem' in real) {
      throw new Error(real.problem);
    }
    const { sendmmsg } = real.libc;
    const receiver = socketWith({});
    const sender = socketWith({
      sendmmsg: (fd, messages, count, flags) => sendmmsg(fd, messages, Math.min(count, 3), flags),
    });
    sender.send(batch(receiver.localAddress, 10));
    expect(await receiveAll(receiver, 10)).toEqual(
      Array.from({ length: 10 }, (_, index) => sequence(2, index)),
    );
    expect(sender.failedSends).toBe(0);
  });

  test('long datagrams keep their place in a batch, and their failures count', async () => {
    const receiver = socketWith({});
    const sender = socketWith(failing('sendto', ['EMSGSIZE']));
    const to = receiver.localAddress;
    const long = { bytes: sequence(5000), to };
    sender.send([...batch(to, 1), long, ...batch(to, 2), long]);
    expect(await receiveAll(receiver, 3)).toEqual([sequence(2, 0), sequence(2, 0), sequence(2, 1)]);
    await until(
      () => receiver.receive(1, { receive: () => {} }) === 0 && receiver.droppedDatagrams === 1,
      'the drop',
    );
    expect(sender.failedSends).toBe(1);
  });

  test('an error in front of waiting datagrams does not hide them', async () => {
    const receiver = socketWith(failing('recvmmsg', ['ECONNREFUSED']));
    const sender = socketWith({});
    sender.send(batch(receiver.localAddress, 1));
    const received: Uint8Array[] = [];
    expect(receiver.receive(256, { receive: (bytes) => received.push(bytes.slice()) })).toBe(1);
    expect(received).toEqual([sequence(2)]);
  });

  test('no wake-ups repeat while datagrams wait, and one comes after they were taken', async () => {
    let wakes = 0;
    const opened = socketWith({}, undefined, () => {
      wakes += 1;
    });
    const sender = socketWith({});
    sender.send(batch(opened.localAddress, 3));
    await until(() => wakes > 0, 'the first wake');
    for (let turn = 0; turn < 20; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(wakes).toBe(1);
    expect(opened.receive(2, { receive: () => {} })).toBe(2);
    expect(opened.receive(256, { receive: () => {} })).toBe(1);
    sender.send(batch(opened.localAddress, 1));
    await until(() => wakes === 2, 'the second wake');
  });

  /** Datagrams of many lengths, in runs to one address and by turns to two, and what each address gets of them. */
  function mixedBatch(to: readonly [Address, Address]): {
    all: Datagram[];
    wanted: [Uint8Array[], Uint8Array[]];
  } {
    const lengths = [1390, 1390, 1390, 200, 1390, 1390, 7, 7, 7, 8, 1390, 0, 4096, 4096, 2000, 5, 5];
    const all: Datagram[] = [];
    const wanted: [Uint8Array[], Uint8Array[]] = [[], []];
    const add = (index: 0 | 1, bytes: Uint8Array): void => {
      all.push({ bytes, to: to[index] });
      if (bytes.length > 0) wanted[index].push(bytes);
    };
    for (const [index, length] of lengths.entries()) add(0, sequence(length, index));
    for (let index = 0; index < 20; index += 1) add(index % 3 === 0 ? 1 : 0, sequence(900, index));
    // As many as do not fit into one message, and fit into the buffer of a socket.
    for (let index = 0; index < 48; index += 1) add(1, sequence(1392, index));
    return { all, wanted };
  }

  test.each([[[]], [['EINVAL']], [['EIO', 'EINTR', 'EIO']]])(
    'several in one message arrive as they were, also when the system fails with %j',
    async (codes: string[]) => {
      const [one, two] = [socketWith({}), socketWith({})];
      const sender = socketWith(failing('sendmmsg', [...codes]));
      const { all, wanted } = mixedBatch([one.localAddress, two.localAddress]);
      // What fails alone is lost; a run is repeated one by one.
      sender.send(all);
      expect(await receiveAll(one, wanted[0].length)).toEqual(wanted[0]);
      expect(await receiveAll(two, wanted[1].length)).toEqual(wanted[1]);
      expect(sender.failedSends).toBe(0);
    },
  );

  test('equal datagrams to one address are one message, of at most 65,487 bytes', () => {
    const counts: number[] = [];
    const receiver = socketWith({});
    const sender = socketWith({
      sendmmsg: (fd, messages, count, flags) => {
        counts.push(count);
        return 'problem' in real ? -1 : real.libc.sendmmsg(fd, messages, count, flags);
      },
    });
    const to = receiver.localAddress;
    sender.send(Array.from({ length: 47 }, () => ({ bytes: sequence(1392), to })));
    sender.send(Array.from({ length: 48 }, () => ({ bytes: sequence(1392), to })));
    sender.send(batch(to, 128));
    expect(counts).toEqual([1, 2, 1, 1]);
  });

  test('long datagrams to several addresses by turns are one message for each address', () => {
    const counts: number[] = [];
    const receivers = [socketWith({}), socketWith({}), socketWith({})];
    const sender = socketWith({
      sendmmsg: (fd, messages, count, flags) => {
        counts.push(count);
        return 'problem' in real ? -1 : real.libc.sendmmsg(fd, messages, count, flags);
      },
    });
    sender.send(
      Array.from({ length: 60 }, (_, index) => ({
        bytes: sequence(1392, index),
        to: receivers[index % 3]?.localAddress ?? sender.localAddress,
      })),
    );
    expect(counts).toEqual([3]);
  });

  test('a system that does not know such messages gets each datagram alone', () => {
    const counts: number[] = [];
    const sender = socketWith({
      // Linux before 4.18 skips what it does not know of a message, and sends one long datagram.
      setsockopt: (fd, level, name, value, length) => {
        if (level === 17 && name === 103) return failWith('ENOPROTOOPT');
        return 'problem' in real ? -1 : real.libc.setsockopt(fd, level, name, value, length);
      },
      sendmmsg: (_fd, _messages, count) => {
        counts.push(count);
        return count;
      },
    });
    sender.send(batch(sender.localAddress, 3));
    expect(counts).toEqual([3]);
  });

  test('a refusal is told also where several datagrams are one message', async () => {
    const receiver = socketWith({});
    let refused = 0;
    const sender = socketWith(failing('sendmmsg', ['ECONNREFUSED']));
    sender.connect?.(receiver.localAddress, () => {
      refused += 1;
    });
    sender.send(batch(receiver.localAddress, 3));
    expect(refused).toBe(1);
    expect(await receiveAll(receiver, 3)).toHaveLength(3);
  });

  test('what nobody takes is read and kept, in order', async () => {
    let reads = 0;
    const counting: Partial<Libc> = {
      recvmmsg: (...parameters) => {
        reads += 1;
        return 'problem' in real ? -1 : real.libc.recvmmsg(...parameters);
      },
    };
    const receiver = socketWith(counting);
    const sender = socketWith({});
    for (let round = 0; round < 4; round += 1) {
      const before = reads;
      sender.send(
        Array.from({ length: 64 }, (_, index) => ({
          bytes: sequence(2, round * 64 + index),
          to: receiver.localAddress,
        })),
      );
      // Of node:dgram, which reads the others one by one, once is enough.
      if (watcher === 'libuv' || round === 0) await until(() => reads > before, `read ${round}`);
    }
    expect(await receiveAll(receiver, 256)).toEqual(
      Array.from({ length: 256 }, (_, index) => sequence(2, index)),
    );
    expect(receiver.droppedDatagrams).toBe(0);
  });

  test('a hundred sockets hear of their datagrams, some of which close others', async () => {
    const heard = new Set<number>();
    const sockets: DatagramSocket[] = Array.from({ length: 100 }, (_, index) =>
      socketWith({}, undefined, () => {
        heard.add(index);
        sockets[index]?.receive(256, { receive: () => {} });
        if (index % 2 === 1) sockets[index]?.close();
      }),
    );
    const sender = socketWith({});
    for (let round = 0; round < 2; round += 1) {
      heard.clear();
      const told = sockets.filter((_, index) => round === 0 || index % 2 === 0);
      for (const { localAddress } of told) sender.send(batch(localAddress, 1));
      await until(() => heard.size === told.length, `round ${round}`);
    }
  });

  test('a connected socket hears that nobody listens, and still receives', async () => {
    const other = socketWith({});
    const gone = socketWith({});
    const to = gone.localAddress;
    gone.close();
    let refused = 0;
    const socket = socketWith({});
    socket.connect?.(to, () => {
      refused += 1;
    });
    await until(() => {
      socket.send(batch(to, 1));
      return refused > 0;
    }, 'the refusal');
    const second = socketWith({});
    second.connect?.(other.localAddress, () => {});
    other.send(batch(second.localAddress, 1));
    expect(await receiveAll(second, 1)).toEqual([sequence(2)]);
  });

  test('a system without IPv6 gets an IPv4 socket for all interfaces', () => {
    if ('problem' in real) {
      throw new Error(real.problem);
    }
    const { socket } = real.libc;
    const noIpv6: Partial<Libc> = {
      socket: (domain, type, protocol) =>
        domain === 10 ? failWith('EAFNOSUPPORT') : socket(domain, type, protocol),
    };
    expect(socketWith(noIpv6, {}).localAddress.ip).toBe('0.0.0.0');
    expect(openWith(noIpv6, { ip: '::1' })).toEqual({ code: 'EAFNOSUPPORT', message: 'socket EAFNOSUPPORT' });
  });

  test('a failed bind leaves no descriptor behind', () => {
    if ('problem' in real) {
      throw new Error(real.problem);
    }
    const { libc } = real;
    const opened: number[] = [];
    const closed: number[] = [];
    const counting: Partial<Libc> = {
      socket: (domain, type, protocol) => {
        const fd = libc.socket(domain, type, protocol);
        opened.push(fd);
        return fd;
      },
      close: (fd) => {
        closed.push(fd);
        return libc.close(fd);
      },
    };
    expect(openWith(counting, { ip: '192.0.2.1' })).toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(opened).toHaveLength(1);
    expect(closed).toEqual(opened);
  });

  test('a zone that does not exist cannot be bound', () => {
    expect(openWith({}, { ip: 'fe80::1%nowhere' })).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});

test.skipIf('problem' in real)('who sends faster than it is read does not hold the process up', () => {
  if ('problem' in real) throw new Error(real.problem);
  let reads = 0;
  const recvmmsg: Libc['recvmmsg'] = (_fd, _messages, count) => {
    reads += 1;
    return reads < 1000 ? count : 0;
  };
  const zones = { indexOf: () => 0, nameOf: () => '' };
  const receiver = new BatchReceiver({ ...real.libc, recvmmsg }, 0, new SockaddrTable(false, zones));
  receiver.store();
  expect(receiver.hasWaiting).toBe(true);
  receiver.store();
  expect(reads).toBe(17);
});

test('without the calls of the system there is an error that says why', () => {
  const result = openMmsgSocket({}, { receiveBufferBytes: 0 }, () => {}, { problem: 'no such thing here' });
  expect(result).toEqual({ code: 'ENOTSUP', message: 'no such thing here' });
});
