/** The bus over a real NATS server: the suite that all engines pass. What is of NATS alone: natsOnly.test.ts. */
import { setTimeout } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { describe } from 'vitest';
import { NatsBus } from '../../src/cluster.ts';
import { peer } from '../support/peers.ts';
import type { Engine } from './conformance/engine.ts';
import { conformance } from './conformance.ts';
import { NatsServer } from './natsServer.ts';

const { isMissing, note } = peer('nats');

async function openNatsEngine(): Promise<Engine> {
  const server = await NatsServer.start();
  const reported: unknown[] = [];
  const leaseMs = 800;
  return {
    leaseMs,
    reported,
    connect: () =>
      NatsBus.connect({
        servers: server.address,
        leaseMs,
        onError: (error) => void reported.push(error),
      }),
    later: (ms) => setTimeout(ms),
    pause: () => server.pause(),
    resume: async () => server.resume(),
    save: () => server.save('saved'),
    restart: async (data) => {
      await server.kill();
      if (data !== 'kept') server.load(data === 'saved' ? 'saved' : undefined);
      await server.start();
    },
    spoil: async (key, text) => {
      const other = await connect({ servers: server.address, reconnect: false });
      const info = await other.request('$JS.API.STREAM.INFO.KV_godot-enet');
      const [subject = ''] = info.json<{ config: { subjects: string[] } }>().config.subjects;
      await other.request(subject.replace('>', key.replace('/', '.')), text);
      await other.close();
    },
    close: () => server.close(),
  };
}

describe.skipIf(isMissing)(`a bus over NATS${note}`, () => conformance('nats', openNatsEngine));
