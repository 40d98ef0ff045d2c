/** Half a minute of mixed traffic with Godot 3, both roles at once, every packet checked at both ends. */
import { afterAll, describe, expect, test } from 'vitest';
import { hex } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { type Game, Stage, trafficBytes } from './game.ts';

const { isMissing, note } = peer('godot3');
const DURATION_MS = 30_000;
const RAW = 4;

describe.skipIf(isMissing)(`30 s of mixed traffic${note}`, () => {
  const stage = new Stage();

  afterAll(() => stage.clear());

  test('a real client with our server, and our client with a real server', async () => {
    const server = stage.server(1);
    const real = await stage.realClient(server.port, { COMPRESSION: '1' });
    const { engine, port } = await stage.realServer();
    const client = stage.client(port);
    await Promise.all([server.event(`peerConnected ${real.id}`), client.event('connectionSucceeded')]);
    const counts = [answer(server, 11), answer(client, 22)];
    server.call(real.id, 'start_traffic', 1, DURATION_MS, 11);
    client.call(1, 'start_traffic', client.peer.getUniqueId(), DURATION_MS, 22);
    const summaries = await Promise.all(
      [real.engine, engine].map((one) => one.line('traffic ', DURATION_MS + 30_000)),
    );
    for (const [index, summary] of summaries.entries()) {
      const [sent = [], back = [], bad] = (summary.match(/\[[^\]]*\]|\d+/g) ?? []).map(
        (part) => JSON.parse(part) as number[] & number,
      );
      const count = counts[index];
      // Sent, came here, and came back there. Of the unreliable ones ENet drops many where it sees delay.
      expect(bad).toBe(0);
      expect(count?.bad).toEqual([]);
      expect(sent[2]).toBeGreaterThan(300);
      expect(count?.received[2]).toBe(sent[2]);
      expect(back[2]).toBe(sent[2]);
      for (const mode of [0, 1]) {
        expect(count?.received[mode]).toBeGreaterThan(20);
        expect(back[mode]).toBeGreaterThan(20);
      }
    }
  }, 90_000);
});

interface Count {
  readonly received: number[];
  readonly bad: string[];
}

/** Checks every packet and sends it back in its own mode. */
function answer(game: Game, seed: number): Count {
  const count: Count = { received: [0, 0, 0], bad: [] };
  const last = [-1, -1, -1];
  game.onRaw = ({ from, mode, bytes }) => {
    const first = bytes[0] ?? 255;
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
    const isInOrder = first === 0 || (first === 1 ? number > (last[1] ?? 0) : number === (last[2] ?? 0) + 1);
    // Godot 3.2.3 sends what is too long for one datagram reliably, whatever its mode.
    const isOfMode = mode === first || (mode === 2 && bytes.length > 1000);
    if (!isInOrder || !isOfMode || hex(bytes) !== hex(trafficBytes(seed, first, number, first))) {
      count.bad.push(`${first} ${number} as ${mode} after ${last[first]}`);
    }
    last[first] = number;
    count.received[first] = (count.received[first] ?? 0) + 1;
    const payload = trafficBytes(seed, first, number, first + 128);
    game.put(from, Uint8Array.from([RAW, ...payload]), first as 0 | 1 | 2);
  };
  return count;
}
