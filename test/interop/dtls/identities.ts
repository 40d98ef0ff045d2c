/** Certificates of the live tests, in files, because the programs of others read files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Issued, type IssueOptions, issue } from '../../support/certificates.ts';

export const NAME = 'game.example';

/** A certificate and where its files are. */
export interface Identity {
  readonly key: string;
  readonly certificate: string;
  readonly keyFile: string;
  readonly certificateFile: string;
}

const NAMES = [
  { type: 'dns', value: NAME },
  { type: 'ip', value: '127.0.0.1' },
] as const;

/** An authority and what it issues. */
export class Identities {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'godot-enet-dtls-'));
  readonly #made = new Map<string, Promise<Identity>>();
  #root: Promise<Issued> | undefined;

  get rootFile(): string {
    return join(this.folder, 'root.crt');
  }

  /** The certificate of the authority. */
  async root(): Promise<Issued> {
    this.#root ??= issue({ name: 'Test Root', ca: true }).then((root) => {
      writeFileSync(this.rootFile, root.certificate);
      return root;
    });
    return this.#root;
  }

  /** One that the authority issued, for {@link NAME}, with this kind of key. */
  of(
    key: NonNullable<IssueOptions['key']>,
    label: string = key,
    options: Partial<IssueOptions> = {},
  ): Promise<Identity> {
    const known = this.#made.get(label);
    if (known !== undefined) return known;
    const made = this.#make(label, key, options);
    this.#made.set(label, made);
    return made;
  }

  async #make(
    label: string,
    key: IssueOptions['key'] & string,
    options: Partial<IssueOptions>,
  ): Promise<Identity> {
    const root = await this.root();
    const { certificate, key: pem } = await issue({
      name: NAME,
      key,
      issuer: root,
      names: NAMES,
      ...options,
    });
    const keyFile = join(this.folder, `${label}.key`);
    const certificateFile = join(this.folder, `${label}.crt`);
    writeFileSync(keyFile, pem);
    writeFileSync(certificateFile, certificate);
    return { key: pem, certificate, keyFile, certificateFile };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
