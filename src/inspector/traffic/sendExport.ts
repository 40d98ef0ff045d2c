/** Sends recorded datagrams as a file, as fast as it is taken. */
import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { Refused } from '../access/requests.ts';
import type { Console } from '../Console.ts';
import { type ExportRequest, pcapngParts, sessionParts } from './exports.ts';

/** @throws Refused (as rejection) 400 for a bad question, 404 for a filter or datagrams that there are not. */
export async function sendExport(
  query: URLSearchParams,
  console: Console,
  response: ServerResponse,
): Promise<void> {
  const format = query.get('format');
  if (format !== 'pcapng' && format !== 'session') throw new Refused(400, '"format" is pcapng or session.');
  const list = console.traffic.listOf(numberOf(query, 'filter'));
  if (list === undefined) throw new Refused(404, 'There is no such filter.');
  if (list.first === list.end) throw new Refused(404, 'No datagram is kept.');
  const request: ExportRequest = {
    list,
    from: numberOf(query, 'from') ?? 0,
    to: numberOf(query, 'to') ?? Number.POSITIVE_INFINITY,
    address: query.get('address') ?? undefined,
  };
  const parts =
    format === 'session'
      ? sessionParts(request, console.traffic.reader)
      : pcapngParts(request, ({ ip, port }) => console.parties.portTowards(ip, port));
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const name = `godot-enet-${stamp}.${format === 'session' ? 'json' : 'pcapng'}`;
  response.writeHead(200, {
    'content-type': format === 'session' ? 'application/json' : 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}"`,
  });
  await sendParts(parts, response);
}

async function sendParts(parts: Iterable<Uint8Array>, response: ServerResponse): Promise<void> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const isTaken = response.write(Buffer.concat(waiting));
    waiting = [];
    size = 0;
    if (isTaken) await turn();
    else await drained(response);
  };
  for (const part of parts) {
    if (part.length === 0) {
      await turn();
      if (response.destroyed) return;
      continue;
    }
    waiting.push(part);
    size += part.length;
    if (size < SLICE_BYTES) continue;
    await flush();
    if (response.destroyed) return;
  }
  if (size > 0) await flush();
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Refused(400, `"${name}" is a number.`);
  return Number(text);
}

/** What is written before the game has its turn. */
const SLICE_BYTES = 65_536;
