import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { openDgramSocket } from '../../src/io/dgramSocket.ts';
import { isAttachError } from '../../src/runtime/datagramSocket.ts';

// Systems that this machine is not: sockets of node:dgram that behave like theirs.
const behaviour = vi.hoisted(() => ({
  ipv6Error: undefined as string | undefined,
  isLate: false,
  queueBytes: 0,
  last: undefined as EventEmitter | undefined,
}));

vi.mock('node:dgram', async (original) => {
  const dgram = await original<typeof import('node:dgram')>();
  return {
    ...dgram,
    createSocket: (options: { type: 'udp4' | 'udp6' }) => {
      if (behaviour.isLate || (options.type === 'udp6' && behaviour.ipv6Error !== undefined)) {
        const socket = new EventEmitter();
        return Object.assign(socket, {
          bind: () => {
            if (!behaviour.isLate) {
              socket.emit('error', Object.assign(new Error('bind failed'), { code: behaviour.ipv6Error }));
            }
          },
          close: () => {
            throw new Error('not running');
          },
        });
      }
      const socket = dgram.createSocket(options);
      socket.getSendQueueSize = () => behaviour.queueBytes;
      behaviour.last = socket;
      return socket;
    },
  };
});

const OPTIONS = { receiveBufferBytes: 0 };

test('a system without IPv6 gets an IPv4 socket for all interfaces', () => {
  behaviour.ipv6Error = 'EAFNOSUPPORT';
  const socket = openDgramSocket({}, OPTIONS, () => {});
  const literal = openDgramSocket({ ip: '::1' }, OPTIONS, () => {});
  behaviour.ipv6Error = 'EADDRINUSE';
  const taken = openDgramSocket({}, OPTIONS, () => {});
  behaviour.ipv6Error = undefined;
  expect(socket).toMatchObject({ localAddress: { ip: '0.0.0.0' } });
  expect(literal).toEqual({ code: 'EAFNOSUPPORT', message: 'bind failed' });
  expect(taken).toEqual({ code: 'EADDRINUSE', message: 'bind failed' });
  if (!isAttachError(socket)) {
    socket.close();
  }
});

test('a bind that does not complete at once is an error', () => {
  behaviour.isLate = true;
  const result = openDgramSocket({ ip: '127.0.0.1', port: 4242 }, OPTIONS, () => {});
  behaviour.isLate = false;
  expect(result).toEqual({ code: 'EIO', message: 'binding 127.0.0.1 port 4242 did not complete at once' });
});

test('what the system cannot take any more is lost and counted', () => {
  const socket = openDgramSocket({ ip: '127.0.0.1' }, OPTIONS, () => {});
  if (isAttachError(socket)) {
    throw new Error(socket.message);
  }
  const to = { ip: '127.0.0.1', port: 9 };
  behaviour.queueBytes = 64 * 1024 * 1024;
  socket.send([
    { bytes: Uint8Array.of(1), to },
    { bytes: Uint8Array.of(2), to },
  ]);
  behaviour.queueBytes = 0;
  expect(socket.failedSends).toBe(2);
  socket.send([{ bytes: Uint8Array.of(3), to }]);
  expect(socket.failedSends).toBe(2);
  socket.close();
});

test('an error of receiving, as Windows reports an unreachable port, is no exception', () => {
  const socket = openDgramSocket({ ip: '127.0.0.1' }, OPTIONS, () => {});
  if (isAttachError(socket)) {
    throw new Error(socket.message);
  }
  const error = Object.assign(new Error('recvmsg ECONNRESET'), { code: 'ECONNRESET' });
  expect(behaviour.last?.emit('error', error)).toBe(true);
  expect(socket.receive(1, { receive: () => {} })).toBe(0);
  socket.close();
  socket.send([{ bytes: Uint8Array.of(1), to: { ip: '127.0.0.1', port: 9 } }]);
  expect(socket.failedSends).toBe(0);
});
