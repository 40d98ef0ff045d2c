/** The command `cert`: a certificate for development. */
import { isPackageUnavailable } from '../ops/internal.ts';
import {
  asText,
  type Command,
  choice,
  command,
  flag,
  InvalidValueError,
  optionalChoice,
  UsageError,
  value,
  valueOr,
  values,
} from './commandLine/index.ts';
import { fail, jsonLine, out, type Rule } from './look/index.ts';
import { certificateText, FileExistsError, makeCertificateFiles } from './makeCert.ts';
import { writeOut } from './standardOutput.ts';

/** What the options of the command give. */
interface CertFlags {
  readonly name: readonly string[] | undefined;
  readonly days: number | undefined;
  readonly rsa: keyof typeof RSA_BITS | undefined;
  readonly curve: 'P-256' | 'P-384' | 'P-521' | undefined;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
}

const RSA_BITS = { '2048': 2048, '3072': 3072, '4096': 4096 } as const;

const NOTES = `
Without --name the names are localhost, 127.0.0.1 and ::1. Whoever shall trust the certificate has to be given the
file PREFIX.crt.
Exit codes: 0 done, 1 wrong usage, 2 a file exists already or cannot be written, or @peculiar/x509 is not installed.`;

/** The command. */
export const certCommand: Command = command({
  name: 'cert',
  summary: 'make a certificate for development',
  description: 'Makes a private key and a certificate that signs itself, for DTLS in development and tests.',
  arguments: [],
  options: {
    name: values(
      { placeholder: '<NAME>', help: 'a host name or IP address that clients connect to; may be repeated' },
      asText,
    ),
    days: value({ placeholder: '<N>', help: 'how many days it is valid (default: 365)' }, wholeDays),
    rsa: optionalChoice(
      {
        placeholder: '[BITS]',
        help: 'an RSA key, of 2048 bits by default (default: ECDSA over P-256)',
      },
      ['2048', '3072', '4096'],
      '2048',
    ),
    curve: choice({ placeholder: '<CURVE>', help: 'the curve of an ECDSA key', conflicts: 'rsa' }, [
      'P-256',
      'P-384',
      'P-521',
    ]),
    out: valueOr({ placeholder: '<PREFIX>', help: 'writes PREFIX.key and PREFIX.crt' }, 'server', asText),
    force: flag('replaces files that exist'),
    json: flag('one JSON object: keyFile, certificateFile, names, notAfter, fingerprint256'),
  },
  notes: NOTES,
  run: (_arguments, flags) => makeCertificate(flags),
});

async function makeCertificate(flags: CertFlags): Promise<void> {
  const { name, days, rsa, curve } = flags;
  try {
    const files = await makeCertificateFiles({
      prefix: flags.out,
      replaces: flags.force,
      ...(name === undefined ? {} : { names: name }),
      ...(days === undefined ? {} : { days }),
      ...(curve === undefined ? {} : { curve }),
      ...(rsa === undefined ? {} : { keyType: 'rsa', rsaBits: RSA_BITS[rsa] }),
    });
    await writeOut(flags.json ? jsonLine(files) : out.highlight(certificateText(files), MADE));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    if (!isExpected(error)) throw error;
    fail(error.message);
  }
}

/** A file that is there already, what the file system says, and a package that is not there. */
function isExpected(error: unknown): error is Error {
  if (error instanceof FileExistsError || isPackageUnavailable(error)) return true;
  return error instanceof Error && 'syscall' in error;
}

const MADE: readonly Rule[] = [
  [/^\S+\.(?:key|crt)(?= )/, 'name'],
  [/^(?:The|A) .*:$/, 'title'],
  [/\/\/ .*$|# .*$/, 'dim'],
];

function wholeDays(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidValueError('expected a whole number of days.');
  return Number(text);
}
