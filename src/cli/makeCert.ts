/** `godot-enet cert`: writes a key and a certificate for development, and tells how they are used. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createSelfSignedCertificate, type SelfSignedOptions } from '../ops/internal.ts';
import { table } from './look/index.ts';

/** What {@link makeCertificateFiles} is told. */
export interface CertificateRequest extends SelfSignedOptions {
  /** What the two files are called, without `.key` and `.crt`. */
  readonly prefix: string;
  /** Whether files that exist are replaced. */
  readonly replaces: boolean;
}

/** What was made. */
export interface CertificateFiles {
  readonly keyFile: string;
  readonly certificateFile: string;
  /** Whom clients connect to. */
  readonly names: readonly string[];
  /** When it stops being valid. */
  readonly notAfter: Date;
  readonly fingerprint256: string;
}

/** A file is there already. */
export class FileExistsError extends Error {
  override readonly name: string = 'FileExistsError';
}

/**
 * Writes `PREFIX.key`, readable by its owner alone, and `PREFIX.crt`.
 *
 * @throws FileExistsError when there is such a file already; RangeError for a bad name or number; Error of the file system.
 */
export async function makeCertificateFiles(request: CertificateRequest): Promise<CertificateFiles> {
  const { prefix, replaces, ...options } = request;
  const keyFile = `${prefix}.key`;
  const certificateFile = `${prefix}.crt`;
  for (const file of [keyFile, certificateFile]) {
    if (!replaces && existsSync(file)) {
      throw new FileExistsError(`${file} exists already; --force replaces it`);
    }
  }
  const made = await createSelfSignedCertificate(options);
  write(keyFile, made.key, 0o600, replaces);
  write(certificateFile, made.certificate, 0o644, replaces);
  const { notAfter, fingerprint256 } = made;
  const names = options.names ?? ['localhost', '127.0.0.1', '::1'];
  return { keyFile, certificateFile, names, notAfter, fingerprint256 };
}

/** The text for the user: what was made, and how it is used. */
export function certificateText({
  keyFile,
  certificateFile,
  names,
  notAfter,
  fingerprint256,
}: CertificateFiles): string {
  const [name = 'localhost'] = names;
  const files = [
    [keyFile, 'the private key: keep it secret, and out of the game'],
    [certificateFile, `the certificate, valid until ${notAfter.toISOString()}`],
  ];
  return `${table(files).join('\n')}
SHA-256 ${fingerprint256}

The server, in Node:
  const key = readFileSync(${JSON.stringify(keyFile)}, 'utf8');
  const certificate = readFileSync(${JSON.stringify(certificateFile)}, 'utf8');
  const tls = TLSOptions.server(key, certificate);
  const server = new ENetServer({ tls });        // for ENetConnection and ENetClient
  const peer = new ENetMultiplayerPeer({ tls }); // for ENetMultiplayerPeer

A client, in Godot, with the certificate in its project:
  var certificate := X509Certificate.new()
  certificate.load(${gdscript(`res://${basename(certificateFile)}`)})

  # Of ENetServer:
  var connection := ENetConnection.new()
  connection.create_host(1)
  connection.dtls_client_setup(${gdscript(name)}, TLSOptions.client(certificate))
  connection.connect_to_host(${gdscript(name)}, 7777)

  # Of ENetMultiplayerPeer:
  var peer := ENetMultiplayerPeer.new()
  peer.create_client(${gdscript(name)}, 7777)
  peer.host.dtls_client_setup(${gdscript(name)}, TLSOptions.client(certificate))

A server, in Godot:
  var key := CryptoKey.new()
  key.load(${gdscript(keyFile)})
  var certificate := X509Certificate.new()
  certificate.load(${gdscript(certificateFile)})
  peer.create_server(7777)
  peer.host.dtls_server_setup(TLSOptions.server(key, certificate))
`;
}

/** A new file always: an old one could be readable by others, or be a link to elsewhere. */
function write(file: string, text: string, mode: number, replaces: boolean): void {
  if (replaces) rmSync(file, { force: true });
  writeFileSync(file, text, { mode, flag: 'wx' });
}

/** A string of GDScript. */
function gdscript(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
}
