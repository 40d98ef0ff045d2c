/** `onDiagnosis` of an ENetServer with DTLS: what is no DTLS is told, inline and from the thread. */
import { beforeAll, describe, expect, test } from 'vitest';
import { CompressionMode } from '../../src/godot/constants.ts';
import { createSelfSignedCertificate } from '../../src/ops/selfSignedCertificate.ts';
import { type ENetServerOptions, TLSOptions } from '../../src/server.ts';
import { expectDiagnoses } from '../support/diagnoses.ts';
import { createWorld, eachMode, PORT, SERVER_IP, type ServerWorld } from './world.ts';

expectDiagnoses('plain datagrams reach a server with DTLS');

let tls: TLSOptions;
let certificate: string;
beforeAll(async () => {
  const made = await createSelfSignedCertificate({ names: [SERVER_IP] });
  certificate = made.certificate;
  tls = TLSOptions.server(made.key, made.certificate);
});

function knock({ net }: ServerWorld, bytes: Uint8Array, times = 1): void {
  const socket = net.bind('10.0.9.9', { port: 4000 }, () => undefined);
  if ('code' in socket) throw new Error(socket.message);
  for (let i = 0; i < times; i++) net.carry(socket, bytes, { ip: SERVER_IP, port: PORT });
  net.advance(50);
  socket.close();
}

eachMode(
  () => {
    describe('a server with DTLS', () => {
      const open = (options: ENetServerOptions = {}): { world: ServerWorld; found: [string, string][] } => {
        const found: [string, string][] = [];
        const onDiagnosis: ENetServerOptions['onDiagnosis'] = ({ code, address }) =>
          found.push([code, `${address.ip}:${address.port}`]);
        return { world: createWorld({ server: { tls, onDiagnosis, ...options } }), found };
      };

      test.each([
        ['without compression', CompressionMode.COMPRESS_NONE],
        ['with the range coder', CompressionMode.COMPRESS_RANGE_CODER],
        ['with zlib', CompressionMode.COMPRESS_ZLIB],
      ])('a client in the clear, %s, is told once, and comes to nothing', (_name, compression) => {
        const { world, found } = open();
        const { client } = world.createClient();
        client.setCompressionMode(compression);
        client.connectToServer(SERVER_IP, PORT);
        world.net.advance(5_000);
        expect(found.map(([code]) => code)).toEqual(['PLAIN_ON_DTLS_HOST']);
        expect(client.isConnectedToServer()).toBe(false);
        expect(world.server.getPeerCount()).toBe(0);
      });

      test.each([
        ['HTTP_REQUEST', 'GET / HTTP/1.1\r\n\r\n'],
        ['NOT_ENET', 'hello, is anybody there?'],
      ])('%s', (code, text) => {
        const { world, found } = open();
        knock(world, new TextEncoder().encode(text), 5);
        expect(found).toEqual([[code, '10.0.9.9:4000']]);
      });

      test('what is DTLS is not told: damaged hellos, stray records', () => {
        const { world, found } = open();
        const hello = Uint8Array.from([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0]);
        const stray = Uint8Array.from([23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 1, 0, 2, 7, 7]);
        knock(world, hello);
        knock(world, stray);
        const { client } = world.connect({ tls: TLSOptions.client(certificate) });
        expect(client.isConnectedToServer()).toBe(true);
        expect(found).toEqual([]);
      });

      test('a flood of plain datagrams is told in a few lines', () => {
        const { world, found } = open();
        for (let host = 1; host <= 100; host++) {
          const socket = world.net.bind(`10.0.7.${host}`, { port: 4000 }, () => undefined);
          if ('code' in socket) throw new Error(socket.message);
          world.net.carry(socket, new TextEncoder().encode('noise'), { ip: SERVER_IP, port: PORT });
        }
        world.net.advance(100);
        expect(found).toHaveLength(16);
      });
    });
  },
  { compressions: 'none' },
);
