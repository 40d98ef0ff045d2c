/** `onDiagnosis` of ENetServer and ENetClient: the doctor's words reach the application, inline and from the thread. */
import { describe, expect, test } from 'vitest';
import { loggingOptions } from '../../src/ops/logging.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { createWorld, eachMode, PORT, SERVER_IP, type ServerWorld } from './world.ts';

expectDiagnoses('diagnoses are what it is about');

/** A browser that has the wrong address. */
function knock({ net }: ServerWorld): void {
  const socket = net.bind('10.0.9.9', { port: 4000 }, () => undefined);
  if ('code' in socket) throw new Error(socket.message);
  net.carry(socket, HTTP, { ip: SERVER_IP, port: PORT });
  socket.close();
}

const HTTP = new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n');

eachMode(
  () => {
    describe('onDiagnosis', () => {
      test('tells what a stranger sends, once', () => {
        const found: string[] = [];
        const world = createWorld({ server: { onDiagnosis: ({ message }) => found.push(message) } });
        for (let i = 0; i < 5; i++) {
          knock(world);
          world.net.advance(50);
        }
        expect(found).toHaveLength(1);
        expect(found[0]).toContain('sends an HTTP request');
      });

      test('what it throws goes to onError, and the server goes on', () => {
        const world = createWorld({
          server: {
            onDiagnosis: () => {
              throw new Error('of the application');
            },
          },
        });
        knock(world);
        world.net.advance(50);
        expect(world.errors.map(({ where }) => where)).toEqual(['onDiagnosis']);
        expect(world.connect().client.isConnectedToServer()).toBe(true);
      });

      test('knows that an ENetServer stands here', () => {
        const found: string[] = [];
        const world = createWorld({ server: { onDiagnosis: ({ code }) => found.push(code) } });
        const { client } = world.createClient();
        client.connectToServer(SERVER_IP, PORT, 9);
        world.net.advance(100);
        expect(found).toEqual(['TOO_FEW_CHANNELS']);
      });

      test('goes to a logger as a warning', () => {
        const lines: [object, string][] = [];
        const ignore = (): void => undefined;
        const logger = {
          debug: ignore,
          info: ignore,
          error: ignore,
          warn: (fields: object, text: string) => lines.push([fields, text]),
        };
        const world = createWorld({ server: loggingOptions(logger) });
        knock(world);
        world.net.advance(50);
        expect(lines).toHaveLength(1);
        expect(lines[0]?.[0]).toMatchObject({ code: 'HTTP_REQUEST' });
      });
    });
  },
  { compressions: 'none' },
);
