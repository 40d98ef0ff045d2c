/**
 * The official web build of Godot 4.6, which plays the arena in a browser. It is no part of this package: `scripts/installGodot4.mjs`
 * fetches it from npm when somebody first wants to play, pinned by version and digest, into `.peers/godot4` of the checkout.
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from './project.ts';

/** What is fetched, and how large it is; for people. */
export const ENGINE_TEXT = 'Godot 4.6 for the web (12 MB, from npm)';
/** How it is fetched by hand. */
export const ENGINE_COMMAND = 'node scripts/installGodot4.mjs';

/** What a page loads of it, with the types that HTTP has for them. */
export const ENGINE_FILES: ReadonlyMap<string, string> = new Map([
  ['index.js', 'text/javascript'],
  ['index.wasm', 'application/wasm'],
  ['index.audio.worklet.js', 'text/javascript'],
  ['index.audio.position.worklet.js', 'text/javascript'],
]);

/** How far it is. */
export interface EngineStatus {
  readonly state: 'ready' | 'absent' | 'fetching' | 'failed';
  /** What was said last: how much is there, or why it failed. */
  readonly text: string;
  /** What part of it is there, 0 to 1. */
  readonly part: number;
}

/** The engine in a folder. */
export class WebEngine {
  readonly #root: string;
  #isFetching = false;
  #text = '';
  #part = 0;
  #hasFailed = false;

  /** @param root of the checkout. */
  constructor(root: string = join(folderOf('godot'), '..', '..', '..')) {
    this.#root = root;
  }

  /** Where its files are, once it is there. */
  get folder(): string {
    return join(this.#root, '.peers', 'godot4', 'godot');
  }

  /** How far it is. */
  get status(): EngineStatus {
    if (!this.#isFetching && this.#isWhole()) return { state: 'ready', text: '', part: 1 };
    const state = this.#isFetching ? 'fetching' : this.#hasFailed ? 'failed' : 'absent';
    return { state, text: this.#text, part: this.#part };
  }

  /**
   * Fetches it, unless it is there or on its way. Never throws: the status says what became of it.
   *
   * @param log takes lines about it.
   */
  fetch(log: (line: string) => void): void {
    const { state } = this.status;
    if (state === 'ready' || state === 'fetching') return;
    this.#isFetching = true;
    this.#part = 0;
    this.#text = 'asking npm';
    log(`fetching ${ENGINE_TEXT}`);
    const script = join(this.#root, 'scripts', 'installGodot4.mjs');
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const end = (why: string): void => {
      if (!this.#isFetching) return;
      this.#isFetching = false;
      this.#hasFailed = this.status.state !== 'ready';
      this.#text = this.#hasFailed ? why : '';
      log(this.#hasFailed ? `Godot 4.6 was not fetched: ${why}` : 'Godot 4.6 for the web is there');
    };
    child.once('error', (error) => end(error.message));
    child.once('close', () => end(errors.trim().slice(0, 500) || 'npm said nothing'));
  }

  /** Whether all is there that a page loads, and the stamp of the installer, which has looked at it. */
  #isWhole(): boolean {
    const files = [...ENGINE_FILES.keys()].map((name) => join(this.folder, name));
    return [join(this.folder, '..', 'integrity'), ...files].every(
      (path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0,
    );
  }

  /** The installer prints lines such as `3.1 of 11.7 MB`, and what else it does. */
  #hear(text: string): void {
    const line = text.trim().split('\n').at(-1)?.trim() ?? '';
    if (line === '') return;
    this.#text = line.slice(0, 200);
    const [, done, all] = /^([\d.]+) of ([\d.]+) MB$/.exec(line) ?? [];
    if (done !== undefined) this.#part = Number(done) / Number(all);
  }
}
