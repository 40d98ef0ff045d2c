#!/usr/bin/env node
/**
 * The program `godot-enet`. Exit codes: 0 done, 1 wrong usage, 2 the input cannot be read or the output not written,
 * 3 `doctor` found no server.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CaptureError } from './capture/capturedDatagram.ts';
import { MAX_CAPTURE_BYTES } from './capture/openCapture.ts';
import { parseHex } from './capture/textCapture.ts';
import { addDoctor } from './doctor/command.ts';
import { FileExistsError, makeCertificateFiles } from './makeCert.ts';
import { PAYLOAD_MODES, type PayloadMode } from './packetValue.ts';
import { printable } from './printable.ts';
import { type DissectRequest, dissectLines } from './runDissect.ts';
import { addSceneCommands } from './sceneCommands.ts';
import { COMPRESSION_NAMES, type CompressionChoice } from './unpack.ts';

/** What commander makes of the options of `dissect`. */
interface DissectFlags {
  readonly hex?: readonly Uint8Array[];
  readonly compression?: CompressionChoice;
  readonly checksum?: true;
  readonly payload: PayloadMode;
  readonly json?: true;
  readonly full?: true;
  readonly filter?: string;
  readonly port?: number;
}

/** What commander makes of the options of `cert`. */
interface CertFlags {
  readonly name?: readonly string[];
  readonly days?: number;
  readonly rsa?: '2048' | '3072' | '4096' | true;
  readonly curve?: 'P-256' | 'P-384' | 'P-521';
  readonly out: string;
  readonly force?: true;
}

/** Lines are written in blocks of this many characters. */
const BLOCK_LENGTH = 65_536;

const RSA_BITS = { 2048: 2048, 3072: 3072, 4096: 4096 } as const;

const EXAMPLES = `
Examples:
  godot-enet dissect --hex 8000004a85ff0003
  tcpdump -i any -w game.pcap udp port 7777
  godot-enet dissect game.pcap --port 7777
  godot-enet dissect session.json --filter player_jump
  godot-enet dissect game.pcap --json | jq 'select(.problem)'

FILE is a pcap or pcapng capture, a recorded session in JSON ({ compression, datagrams: [[ms, sender, hex], ...] }),
or text with one datagram in hexadecimal per line. Files of up to 1 GiB (256 MiB of text) can be read.
Exit codes: 0 done, 1 wrong usage, 2 the input is damaged or cannot be read.`;

const program = new Command('godot-enet')
  .description('Tools for the traffic and the scenes of Godot games over ENet, and for certificates.')
  .version(packageVersion(), '-V, --version', 'print the version')
  .showHelpAfterError('(see --help)')
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });

program
  .command('dissect')
  .summary('take captured datagrams apart')
  .description('Takes captured datagrams apart: headers, commands, and the decoded values of packets.')
  .argument('[FILE]', 'the capture; "-" is the standard input')
  .option('--hex <HEX>', 'a datagram in hexadecimal instead of a file; may be repeated', collectHex)
  .addOption(
    new Option(
      '--compression <MODE>',
      'how datagrams are compressed (default: what a session names, else auto)',
    ).choices([...COMPRESSION_NAMES, 'auto']),
  )
  .option('--checksum', 'four bytes of checksum follow each header: show and verify them')
  .addOption(
    new Option(
      '--payload <KIND>',
      'what packets are: of ENetPacketUtils, a bare Variant (put_var), or raw bytes',
    )
      .choices(PAYLOAD_MODES)
      .default('packet'),
  )
  .option('--json', 'one JSON object per datagram and line, values in the notation of JSON.from_native')
  .option('--full', 'show values and bytes whole')
  .option('--filter <TEXT>', 'show only datagrams whose text contains TEXT, in any case')
  .option('--port <N>', 'only datagrams from or to this port; pcap and pcapng only', port)
  .addHelpText('after', EXAMPLES)
  .action(async (file: string | undefined, flags: DissectFlags, command: Command) => {
    if ((file === undefined) === (flags.hex === undefined)) {
      command.error('error: expected either FILE or --hex HEX', { exitCode: 1 });
    }
    if (flags.hex !== undefined && flags.port !== undefined) {
      command.error('error: --port needs a pcap or pcapng file', { exitCode: 1 });
    }
    await dissect(file ?? '', flags);
  });

addDoctor(program);
addSceneCommands(program);

program
  .command('cert')
  .summary('make a certificate for development')
  .description('Makes a private key and a certificate that signs itself, for DTLS in development and tests.')
  .option('--name <NAME>', 'a host name or IP address that clients connect to; may be repeated', collectText)
  .option('--days <N>', 'how many days it is valid (default: 365)', days)
  .addOption(
    new Option('--rsa [BITS]', 'an RSA key, of 2048 bits by default (default: ECDSA over P-256)').choices([
      '2048',
      '3072',
      '4096',
    ]),
  )
  .addOption(
    new Option('--curve <CURVE>', 'the curve of an ECDSA key')
      .choices(['P-256', 'P-384', 'P-521'])
      .conflicts('rsa'),
  )
  .option('--out <PREFIX>', 'writes PREFIX.key and PREFIX.crt', 'server')
  .option('--force', 'replaces files that exist')
  .addHelpText(
    'after',
    `
Without --name the names are localhost, 127.0.0.1 and ::1. Whoever shall trust the certificate has to be given the
file PREFIX.crt.
Exit codes: 0 done, 1 wrong usage, 2 a file exists already or cannot be written.`,
  )
  .action(async (flags: CertFlags, command: Command) => {
    await makeCertificate(flags, command);
  });

let hasReader = true;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe went away, as `head` does: nobody wants the rest.
  if (error.code !== 'EPIPE') throw error;
  hasReader = false;
});
await program.parseAsync();

async function makeCertificate(flags: CertFlags, command: Command): Promise<void> {
  const { name, days, rsa, curve } = flags;
  try {
    const text = await makeCertificateFiles({
      prefix: flags.out,
      replaces: flags.force === true,
      ...(name === undefined ? {} : { names: name }),
      ...(days === undefined ? {} : { days }),
      ...(curve === undefined ? {} : { curve }),
      ...(rsa === undefined ? {} : { keyType: 'rsa', rsaBits: RSA_BITS[rsa === true ? '2048' : rsa] }),
    });
    await write(text);
  } catch (error) {
    if (error instanceof RangeError) command.error(`error: ${error.message}`, { exitCode: 1 });
    if (!(error instanceof FileExistsError || (error instanceof Error && 'syscall' in error))) throw error;
    process.stderr.write(`${printable(`godot-enet: ${error.message}`)}\n`);
    process.exitCode = 2;
  }
}

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
    };
    await print(dissectLines(request));
  } catch (error) {
    if (!isExpected(error)) throw error;
    const name = flags.hex === undefined ? `${file === '-' ? 'standard input' : file}: ` : '';
    process.stderr.write(`${printable(`godot-enet: ${name}${error.message}`)}\n`);
    process.exitCode = 2;
  }
}

/** Lines go out in blocks, and no faster than the reader takes them. */
async function print(lines: AsyncIterable<string>): Promise<void> {
  let block = '';
  try {
    for await (const line of lines) {
      block += `${line}\n`;
      if (block.length < BLOCK_LENGTH) continue;
      await write(block);
      block = '';
      if (!hasReader) return;
    }
  } finally {
    // What came before damage is shown too.
    if (hasReader) await write(block);
  }
}

async function write(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  const events = ['drain', 'close', 'error'];
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (const event of events) process.stdout.off(event, go);
      resolve();
    };
    for (const event of events) process.stdout.on(event, go);
  });
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

function tooLarge(): CaptureError {
  return new CaptureError(`more than ${MAX_CAPTURE_BYTES} bytes, which is the most that can be read`);
}

/** Damaged captures, a missing zstd, and what the file system says (`ENOENT` and the like). */
function isExpected(error: unknown): error is Error {
  if (error instanceof CaptureError) return true;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return error.code === 'ERR_ZSTD_UNAVAILABLE' || 'syscall' in error;
}

function collectHex(text: string, previous: readonly Uint8Array[] = []): readonly Uint8Array[] {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new InvalidArgumentError('expected an even number of hexadecimal digits.');
  return [...previous, bytes];
}

function collectText(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text];
}

function days(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('expected a whole number of days.');
  return Number(text);
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 65_535)
    throw new InvalidArgumentError('expected 1..65535.');
  return number;
}

function packageVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('godot-enet/package.json');
  return version;
}
