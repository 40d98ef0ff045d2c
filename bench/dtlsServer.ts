/**
 * The server process of `bench/dtls.ts --only=openssl`: DTLS over a UDP socket, with a host of ENet above that nobody joins.
 * Arguments: the files of the key and of the certificate. It prints its port, and ends with its input.
 */
import { readFileSync } from 'node:fs';
import { ENetConnection, TLSOptions } from '../src/godot.ts';

const [, , keyFile = '', certificateFile = ''] = process.argv;
const most = { handshakesPerSec: 1_000_000, handshakeBurst: 1_000_000 };
const ofOne = { handshakesPerSecPerIp: 1_000_000, handshakeBurstPerIp: 1_000_000 };
const connection = new ENetConnection({ dtls: { ...most, ...ofOne } });
connection.createHostBound('127.0.0.1', 0);
connection.dtlsServerSetup(
  TLSOptions.server(readFileSync(keyFile, 'utf8'), readFileSync(certificateFile, 'utf8')),
);
console.log(connection.getLocalPort());
process.stdin.resume().on('end', () => connection.destroy());
for await (const _ of connection.events());
