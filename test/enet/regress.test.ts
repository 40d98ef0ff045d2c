/**
 * golden/regress: every datagram that once harmed a host, or harms other implementations, one file for each case.
 *
 * `start` says who is fed: `connected` a server, from its client's address; `listening` a server without peers, from a
 * stranger's; `connecting` a client, from the address that it calls. `feed` are datagrams in hex, each followed by a
 * service. `expect`: the events (`log`, RECEIVE with channel, flags and length), the counted drops, what waits, how many
 * peers are left (`isGone`: the fed connection is not among them), and the most bytes that may be sent in return.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Address, EventType, type HostOptions, Packet, PacketFlag } from '../../src/enet.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { bytes, connected, HostWorld, hex, type Node, type Pair } from './harness.ts';

expectDiagnoses('hostile datagrams are what it is about');

interface Case {
  readonly what: string;
  readonly start: 'connected' | 'listening' | 'connecting';
  readonly options?: Partial<HostOptions>;
  readonly feed: readonly string[];
  readonly expect: {
    readonly log: readonly string[];
    readonly drops?: Readonly<Record<string, number>>;
    readonly waitingBytes?: number;
    readonly peers?: number;
    readonly isGone?: boolean;
    /** The peer has reached its limit of waiting data, as a sender of that may. */
    readonly maxSentBytes?: number;
  };
}

const folder = fileURLToPath(new URL('../../golden/regress/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const stranger: Address = { ip: '10.9.9.9', port: 9 };

/** Who is fed and from where; with the pair when there is a connection whose traffic must go on. */
function start({ start: kind, options = {} }: Case): { node: Node; from: Address; pair: Pair | undefined } {
  if (kind === 'connected') {
    const pair = connected({ server: options });
    return { node: pair.server, from: pair.client.address, pair };
  }
  const node = new HostWorld().add(options);
  if (kind === 'connecting') {
    node.host.connect(stranger, 2, 0);
    node.service();
    node.clear();
  }
  return { node, from: stranger, pair: undefined };
}

describe('golden/regress', () => {
  test('the cases are there', () => {
    expect(names.length).toBeGreaterThanOrEqual(19);
  });

  test.each(names)('%s', (name) => {
    const entry = JSON.parse(readFileSync(folder + name, 'utf8')) as Case;
    expect(entry.what.length).toBeGreaterThan(20);
    const { node, from, pair } = start(entry);
    for (const datagram of entry.feed) {
      node.feed(hex(datagram), from);
      node.service();
    }
    const { log, drops, waitingBytes, peers, isGone = false, maxSentBytes } = entry.expect;
    expect(
      node.events.map((event) =>
        event.type === EventType.RECEIVE
          ? `RECEIVE ${event.channel} ${event.flags} ${event.bytes.length}`
          : `${event.type === EventType.CONNECT ? 'CONNECT' : 'DISCONNECT'} ${event.data}`,
      ),
    ).toEqual(log);
    if (drops !== undefined) expect(Object.fromEntries(node.host.dropCounts())).toEqual(drops);
    if (waitingBytes !== undefined) expect(pair?.toClient.waitingBytes).toBe(waitingBytes);
    if (peers !== undefined) expect([...node.host.peers()].length).toBe(peers);
    const sent = node.sent.reduce((sum, { bytes: { length } }) => sum + length, 0);
    expect(sent).toBeLessThanOrEqual(maxSentBytes ?? Number.POSITIVE_INFINITY);
    if (pair !== undefined) {
      expect([...node.host.peers()].length).toBe(isGone ? 0 : 1);
      if (!isGone) expectTraffic(pair);
    }
    expect(node.host.nextWakeup(node.world.now)).not.toBe(0);
  });
});

/** The connection still carries packets both ways, on a channel that the cases leave alone. */
function expectTraffic({ world, server, client, toServer, toClient }: Pair): void {
  server.events.length = 0;
  client.events.length = 0;
  toServer.send(1, new Packet(bytes('up'), PacketFlag.RELIABLE));
  toClient.send(1, new Packet(bytes('down'), PacketFlag.RELIABLE));
  world.run(3000, 20);
  expect(client.texts).toEqual(['down']);
  expect(server.texts.filter((word) => word === 'up')).toEqual(['up']);
}
