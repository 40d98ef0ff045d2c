/** W7 and W8: an address that never reads cannot complete a handshake, and is sent at most three times what it sent. */
import { describe, expect, test } from 'vitest';
import { type Address, buildDatagram, type ParsedCommand, PeerState, parseDatagram } from '../../src/enet.ts';
import { connectDatagram } from '../server/datagrams.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { HostWorld } from './harness.ts';

expectDiagnoses('forged handshakes are what it is about');

const forged: Address = { ip: '10.66.0.1', port: 4711 };

/** Random numbers that no datagram shows, the same in every run. */
function secrets(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
}

function datagram(slot: number, session: number, ...commands: ParsedCommand[]): Uint8Array {
  return buildDatagram({
    peerId: slot,
    session,
    isCompressed: false,
    sentTime: 1,
    commands,
    rest: new Uint8Array(0),
  });
}

function acknowledge(sentTime: number, channel = 255, seq = 1): ParsedCommand {
  return {
    name: 'ACKNOWLEDGE',
    wantsAcknowledge: false,
    isUnsequenced: false,
    channel,
    reliableSeq: seq,
    receivedSeq: seq,
    receivedSentTime: sentTime,
  };
}

const ping: ParsedCommand = {
  name: 'PING',
  wantsAcknowledge: true,
  isUnsequenced: false,
  channel: 255,
  reliableSeq: 2,
};

const reliable: ParsedCommand = {
  name: 'SEND_RELIABLE',
  wantsAcknowledge: true,
  isUnsequenced: false,
  channel: 0,
  reliableSeq: 1,
  unreliableSeq: 0,
  payload: Uint8Array.of(1, 2, 3),
};

function server(random32: () => number) {
  const world = new HostWorld();
  return { world, node: world.add({ peerCount: 8, random32, verifyTime: undefined }) };
}

describe('the proof of a handshake', () => {
  test('the sentTime of VERIFY_CONNECT has nothing to do with the clock, and another one goes with each repetition', () => {
    const { world, node } = server(secrets());
    node.feed(connectDatagram(1), forged);
    node.service();
    node.feed(connectDatagram(1), forged);
    world.run(600, 10);
    const times = node.sent.map(({ bytes }) => parseDatagram(bytes)?.sentTime);
    expect(times).toHaveLength(2);
    expect(new Set(times).size).toBe(2);
    for (const [index, { at }] of node.sent.entries()) {
      expect(Math.abs((times[index] ?? 0) - (at & 0xffff))).toBeGreaterThan(50);
    }
  });

  test('whoever read it connects, with either copy, and the round trip is that of the clock', () => {
    const { world, node } = server(secrets());
    node.feed(connectDatagram(1), forged);
    node.service();
    world.run(600, 10);
    const { at = 0, bytes = new Uint8Array(0) } = node.sent.at(-1) ?? {};
    const { sentTime = 0, commands } = parseDatagram(bytes) ?? { commands: [] };
    const [verify] = commands;
    if (verify?.name !== 'VERIFY_CONNECT') throw new Error('no VERIFY_CONNECT');
    expect(verify.reliableSeq).toBe(1);
    world.run(70, 10);
    node.feed(datagram(verify.peerId, verify.outSession, acknowledge(sentTime)), forged);
    node.service();
    expect(node.log).toEqual(['CONNECT 0']);
    expect(node.host.peer(verify.peerId)?.rttMs).toBe(world.now - at);
  });

  test('blind, 3,000 handshakes: clock, session, slot and numbers known, data and pings beside it: nobody connects', () => {
    const { world, node } = server(secrets(7));
    let inBytes = 0;
    const feed = (bytes: Uint8Array): void => {
      inBytes += bytes.length;
      node.feed(bytes, forged);
      node.service();
    };
    for (let attempt = 0; attempt < 3000; attempt++) {
      feed(connectDatagram(attempt));
      const clock = world.now & 0xffff;
      for (let guess = 0; guess < 6; guess++) {
        const session = (attempt + guess) & 3;
        feed(datagram(0, session, acknowledge((clock - guess) & 0xffff), ping));
        feed(datagram(0, session, reliable, acknowledge(attempt & 0xffff, 0)));
        feed(datagram(0, session, acknowledge((attempt * 6 + guess) & 0xffff, 255, attempt & 1), reliable));
      }
      if (attempt % 100 === 0) world.run(10, 10);
    }
    expect(node.log).toEqual([]);
    expect([...node.host.peers()].every(({ state }) => state === PeerState.ACKNOWLEDGING_CONNECT)).toBe(true);
    const outBytes = node.sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(outBytes).toBeLessThanOrEqual(3 * inBytes);
  });

  test('five wrong echoes end the handshake; the slot is free for the next one', () => {
    const { node } = server(() => 0x1111_1111);
    node.feed(connectDatagram(1), forged);
    node.service();
    for (let guess = 0; guess < 5; guess++) {
      expect([...node.host.peers()]).toHaveLength(1);
      node.feed(datagram(0, 0, acknowledge(guess)), forged);
      node.service();
    }
    expect([...node.host.peers()]).toHaveLength(0);
    expect(node.host.dropCount('BAD_ACKNOWLEDGE')).toBe(5);
  });

  test('while somebody guesses, the number of VERIFY_CONNECT is random too, and everybody else still connects', () => {
    const { world, node } = server(secrets(3));
    for (let attempt = 0; attempt < 5; attempt++) {
      node.feed(connectDatagram(attempt), forged);
      node.service();
      for (let guess = 0; guess < 5; guess++) {
        for (let session = 0; session < 4; session++) {
          node.feed(datagram(0, session, acknowledge(world.now + guess)), forged);
          node.service();
        }
      }
    }
    node.clear();
    const client = world.add({ peerCount: 1 });
    client.host.connect(node.address, 2, 5);
    world.run(100, 10);
    expect(node.log).toEqual(['CONNECT 5']);
    expect(client.log).toEqual(['CONNECT 0']);
    const [verify] = node.sent.map(({ bytes }) => parseDatagram(bytes)?.commands[0]);
    expect(verify).toMatchObject({ name: 'VERIFY_CONNECT' });
    expect(verify?.reliableSeq).not.toBe(1);
  });
});
