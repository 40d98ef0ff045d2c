/**
 * Server processes that are stopped by SIGSTOP for longer than they wait for an acknowledgement, over real sockets: inline and
 * in the thread, over every transport. Whoever has answered meanwhile is still there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { ENetClient } from '../../src/server.ts';
import { until } from '../io/support.ts';
import { onBuilt } from '../support/built.ts';
import { TRANSPORTS } from './live.ts';

const PROGRAM = onBuilt(new URL('suspended/server.mjs', import.meta.url));
const CLIENTS = 10;
/** The servers give up after 2.5 s, and Godot's clients not before 5 s. */
const PAUSE_MS = 3500;
/** While this process stands still, its clients answer nothing. */
const SILENCE_MS = 400;

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  port: number;
  peers: number;
  answers: number;
  readonly lost: string[];
}

function start(transport: string, mode: string): Server {
  const child = spawn(process.execPath, [PROGRAM, transport, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  const name = `${mode}, ${transport}`;
  const server: Server = { name, child, port: 0, peers: 0, answers: 0, lost: [] };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { port, peers, lost, answer } = JSON.parse(line);
    server.port = port ?? server.port;
    server.peers = peers ?? server.peers;
    if (answer === true) server.answers++;
    if (lost !== undefined) server.lost.push(lost);
  });
  return server;
}

test.skipIf(process.platform === 'win32')(
  'a stopped server loses nobody who answers',
  { timeout: 60_000 },
  async () => {
    const servers = ['inline', 'thread'].flatMap((mode) =>
      TRANSPORTS.map((transport) => start(transport, mode)),
    );
    const clients: ENetClient[] = [];
    try {
      await until(() => servers.every(({ port }) => port > 0), 'the ports', 20_000);
      for (const { port } of servers) {
        for (let index = 0; index < CLIENTS; index++) {
          const client = new ENetClient();
          client.on('packetReceived', () => void client.sendPacket('yes'));
          client.connectToServer('127.0.0.1', port);
          clients.push(client);
        }
      }
      await until(() => servers.every(({ peers }) => peers === CLIENTS), 'the connections', 20_000);

      // Everybody is asked, and answers when nobody can hear it.
      for (const { child } of servers) child.stdin?.write('ask\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SILENCE_MS);
      for (const { child } of servers) child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      for (const { child } of servers) child.kill('SIGCONT');

      const done = ({ answers, lost }: Server): boolean => answers + lost.length >= CLIENTS;
      await until(() => servers.every(done), 'the answers', 20_000);
      const everybody = servers.map(({ name }) => [name, CLIENTS, []]);
      expect(servers.map(({ name, answers, lost }) => [name, answers, lost])).toEqual(everybody);
    } finally {
      for (const { child } of servers) {
        child.kill('SIGCONT');
        child.stdin?.end();
      }
      for (const client of clients) await client[Symbol.asyncDispose]();
    }
  },
);
