/** The command `dissect`: captured datagrams taken apart. */

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import {
  CaptureError,
  COMPRESSION_NAMES,
  type CompressionChoice,
  MAX_CAPTURE_BYTES,
  PAYLOAD_MODES,
  type PayloadMode,
  parseHex,
} from '../dissect/internal.ts';
import {
  asText,
  type Command,
  choice,
  choiceOr,
  command,
  flag,
  InvalidValueError,
  optionalArgument,
  UsageError,
  value,
  values,
} from './commandLine/index.ts';
import { fail, out, ProgressLine, type Rule, standardError } from './look/index.ts';
import { type DissectRequest, dissectLines } from './runDissect.ts';
import { hasReader, writeOut } from './standardOutput.ts';

/** What the options of the command give. */
interface DissectFlags {
  readonly hex: readonly Uint8Array[] | undefined;
  readonly compression: CompressionChoice | undefined;
  readonly checksum: boolean;
  readonly payload: PayloadMode;
  readonly json: boolean;
  readonly full: boolean;
  readonly filter: string | undefined;
  readonly port: number | undefined;
  readonly keyLog: string | undefined;
}

const SHOWN: readonly Rule[] = [
  [/NOT READ:.*$/, 'bad'],
  [/^ {8}note:.*$/, 'warning'],
  [/^\[\d+\]/, 'title'],
  [/(?<=^\[\d+\].*), out of DTLS/, 'good'],
  [/(?<=^ {4})[A-Z][A-Z_]+(?= |$)/, 'name'],
  [/^\d+ datagrams?, .*$/, 'dim'],
];
/** A progress line is told this often. */
const TOLD_MS = 200;
/** Lines are written in blocks of this many characters. */
const BLOCK_LENGTH = 65_536;

/** Some 300,000 sessions. */
const MAX_KEY_LOG_BYTES = 67_108_864;

const EXAMPLES = `
Examples:
  godot-enet dissect --hex 8000004a85ff0003
  tcpdump -i any -w game.pcap udp port 7777
  godot-enet dissect game.pcap.gz --port 7777
  godot-enet dissect game.pcap --key-log keys.log
  godot-enet dissect session.json --filter player_jump
  godot-enet dissect game.pcap --payload multiplayer
  godot-enet dissect game.pcap --json | jq 'select(.problem)'

FILE is a pcap or pcapng capture, a recorded session in JSON ({ compression, datagrams: [[ms, sender, hex], ...] }), a
dump of frames or datagrams (xxd, hexdump, od, tcpdump -x, Wireshark, tshark -x), or text with one datagram in
hexadecimal per line; each of them also in gzip. Files of up to 1 GiB (256 MiB of text) can be read.
Exit codes: 0 done, 1 wrong usage, 2 the input is damaged or cannot be read.`;

/** The command. */
export const dissectCommand: Command = command({
  name: 'dissect',
  summary: 'take captured datagrams apart',
  description: 'Takes captured datagrams apart: headers, commands, and the decoded values of packets.',
  arguments: [optionalArgument('FILE', 'the capture; "-" is the standard input', asText)],
  options: {
    hex: values(
      { placeholder: '<HEX>', help: 'a datagram in hexadecimal instead of a file; may be repeated' },
      hexBytes,
    ),
    compression: choice(
      {
        placeholder: '<MODE>',
        help: 'how datagrams are compressed (default: what a session names, else auto)',
      },
      [...COMPRESSION_NAMES, 'auto'],
    ),
    checksum: flag('four bytes of checksum follow each header: show and verify them'),
    payload: choiceOr(
      {
        placeholder: '<KIND>',
        help: 'what packets are: of ENetPacketUtils, a bare Variant (put_var), of SceneMultiplayer, or raw bytes',
      },
      PAYLOAD_MODES,
      'packet',
    ),
    json: flag('one JSON object per datagram and line, values in the notation of JSON.from_native'),
    full: flag('show values and bytes whole'),
    filter: value(
      { placeholder: '<TEXT>', help: 'show only datagrams whose text contains TEXT, in any case' },
      asText,
    ),
    port: value(
      {
        placeholder: '<N>',
        help: 'only datagrams from or to this port; of pcap and pcapng files, and of dumps of frames',
      },
      portNumber,
    ),
    keyLog: value(
      { placeholder: '<FILE>', help: 'a key log (SSLKEYLOGFILE): opens DTLS in the capture' },
      asText,
    ),
  },
  notes: EXAMPLES,
  async run([file], flags) {
    if ((file === undefined) === (flags.hex === undefined))
      throw new UsageError('expected either FILE or --hex HEX');
    if (flags.hex !== undefined && flags.port !== undefined) {
      throw new UsageError('--port needs a pcap or pcapng file, or a dump of frames');
    }
    await dissect(file ?? '', flags);
  },
});

async function dissect(file: string, flags: DissectFlags): Promise<void> {
  try {
    const request: DissectRequest = {
      input: flags.hex === undefined ? { file: await readInput(file) } : { datagrams: flags.hex },
      compression: flags.compression,
      hasChecksum: flags.checksum,
      payload: flags.payload,
      isJson: flags.json,
      isFull: flags.full,
      filter: flags.filter,
      port: flags.port,
      keyLog: flags.keyLog === undefined ? undefined : await readText(flags.keyLog),
    };
    await print(dissectLines(request), flags.json);
  } catch (error) {
    if (!isExpected(error)) throw error;
    const name = flags.hex === undefined ? `${file === '-' ? 'standard input' : file}: ` : '';
    fail(`${name}${error.message}`);
  }
}

/** Lines go out in blocks, and no faster than the reader takes them. */
async function print(lines: AsyncIterable<string>, isJson: boolean): Promise<void> {
  let block = '';
  const progress = progressOf();
  let count = 0;
  let toldAtMs = 0;
  try {
    for await (const line of lines) {
      block += `${isJson ? line : out.highlight(line, SHOWN)}\n`;
      count++;
      if (progress !== undefined && (count & 1023) === 0 && Date.now() - toldAtMs > TOLD_MS) {
        toldAtMs = Date.now();
        progress.show(`${count.toLocaleString('en')} lines`, toldAtMs);
      }
      if (block.length < BLOCK_LENGTH) continue;
      await writeOut(block);
      block = '';
      if (!hasReader()) return;
    }
  } finally {
    progress?.end();
    // What came before damage is shown too.
    if (hasReader()) await writeOut(block);
  }
}

/** On a terminal, while the lines go elsewhere. */
function progressOf(): ProgressLine | undefined {
  return process.stdout.isTTY ? undefined : new ProgressLine(standardError(), Number.POSITIVE_INFINITY);
}

async function readInput(file: string): Promise<Uint8Array> {
  if (file !== '-' && (await stat(file)).size > MAX_CAPTURE_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_CAPTURE_BYTES) throw tooLarge();
  }
  return Buffer.concat(chunks);
}

async function readText(file: string): Promise<string> {
  if ((await stat(file)).size > MAX_KEY_LOG_BYTES) {
    throw new CaptureError(`${file}: more than ${MAX_KEY_LOG_BYTES} bytes, which is the most of a key log`);
  }
  return readFile(file, 'utf8');
}

function tooLarge(): CaptureError {
  return new CaptureError(`more than ${MAX_CAPTURE_BYTES} bytes, which is the most that can be read`);
}

/** Damaged captures, a missing zstd, and what the file system says (`ENOENT` and the like). */
function isExpected(error: unknown): error is Error {
  if (error instanceof CaptureError) return true;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return error.code === 'ERR_ZSTD_UNAVAILABLE' || 'syscall' in error;
}

function hexBytes(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new InvalidValueError('expected an even number of hexadecimal digits.');
  return bytes;
}

function portNumber(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 65_535)
    throw new InvalidValueError('expected 1..65535.');
  return number;
}
