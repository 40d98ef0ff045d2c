/**
 * A real Godot 4.6: the official web build in headless Chromium. One `Godot4` is one browser; each client is a page of
 * its own with a project of its own. Everything that needs no UDP and no threads works.
 *
 * ```ts
 * const godot = await Godot4.open();
 * const { reports } = await godot.run({ files: { 'main.gd': 'extends Node\nfunc _ready(): Harness.report("hi"); Harness.finish()' } });
 * await godot.close();
 * ```
 */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type PackFiles, writePack } from '../../../examples/arena/packFile.ts';
import { EngineFiles } from './engineFiles.ts';
import { completeProject } from './project.ts';

/** What a client runs. */
export interface GodotProject {
  /** Files of the project; `main.gd` (extends Node) is enough. Data for the script are files like any other. */
  readonly files: PackFiles;
  /** The engine's command line; `['--headless']` unless given. `[]` draws. */
  readonly args?: readonly string[];
  /** How long the client may live, in ms; 60,000 unless given. Its page is closed then and `exited` rejects. */
  readonly timeoutMs?: number;
}

/** What a client said until it ended. */
export interface GodotRun {
  /** What the scripts gave to `Harness.report`, in order. */
  readonly reports: readonly string[];
  /** Lines printed. */
  readonly output: readonly string[];
  /** Lines printed as errors that begin with `ERROR:` or `SCRIPT ERROR:`. */
  readonly errors: readonly string[];
  readonly exitCode: number;
}

/** A running engine. */
export class Godot4Client implements GodotRun {
  readonly reports: string[] = [];
  readonly output: string[] = [];
  readonly errors: string[] = [];
  exitCode = -1;
  /** Resolves when the engine ended by itself; rejects when its time was up or its page was closed. */
  readonly exited: Promise<this>;
  /** The page, for screenshots, keys and clicks. */
  readonly page: Page;
  readonly #waiting = new Set<() => void>();
  #fail: (error: Error) => void = () => {};

  private constructor(page: Page) {
    this.page = page;
    this.exited = new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#exit = (code) => {
        this.exitCode = code;
        resolve(this);
      };
    });
    // Whoever does not wait for the end does not want to hear of it.
    this.exited.catch(() => {});
  }

  #exit: (code: number) => void = () => {};

  /** @internal */
  static async start(context: BrowserContext, url: string, timeoutMs: number): Promise<Godot4Client> {
    const page = await context.newPage();
    const client = new Godot4Client(page);
    await page.exposeFunction('harnessReport', (text: string) => {
      client.reports.push(text);
      client.#wake();
    });
    await page.exposeFunction('harnessOutput', (line: string, isError: boolean) => {
      client.output.push(line);
      if (isError && /^(SCRIPT |USER )?ERROR:/.test(line)) client.errors.push(line);
      client.#wake();
    });
    await page.exposeFunction('harnessExit', (code: number) => client.#exit(code));
    page.on('pageerror', (error) => client.errors.push(`ERROR: ${error}`));
    const timer = setTimeout(() => client.#stop(`still running after ${timeoutMs} ms`), timeoutMs);
    page.once('crash', () => client.#stop('its page crashed'));
    page.once('close', () => {
      clearTimeout(timer);
      client.#stop('its page was closed');
    });
    // When its time is up while the page loads, that is what went wrong, not what the browser makes of it.
    await Promise.race([page.goto(url), client.exited]);
    return client;
  }

  /** Hands a text to the project: its `Harness.received` fires with it. */
  async send(text: string): Promise<void> {
    await this.page.evaluate(`harness.put(${JSON.stringify(text)})`);
  }

  /**
   * Waits until something is true of what the client said.
   *
   * @throws Error when the client ends before.
   */
  async until(isTrue: (client: GodotRun) => boolean): Promise<void> {
    while (!isTrue(this)) {
      let wake = (): void => {};
      const changed = new Promise<'changed'>((resolve) => {
        wake = () => resolve('changed');
      });
      this.#waiting.add(wake);
      try {
        const what = await Promise.race([changed, this.exited]);
        if (what !== 'changed' && !isTrue(this)) throw this.#problem(`exited with ${this.exitCode}`);
      } finally {
        this.#waiting.delete(wake);
      }
    }
  }

  /** Closes the page; nothing is said of an engine that was still running. */
  async close(): Promise<void> {
    await this.page.close();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #stop(why: string): void {
    this.#fail(this.#problem(why));
    if (!this.page.isClosed()) this.page.close().catch(() => {});
  }

  #problem(why: string): Error {
    return new Error(`the Godot client ${why}. It said:\n${this.output.slice(-30).join('\n')}`);
  }
}

/** A browser with engines in it. */
export class Godot4 {
  readonly #files: EngineFiles;
  readonly #browser: Browser;
  readonly #context: BrowserContext;

  private constructor(files: EngineFiles, browser: Browser, context: BrowserContext) {
    this.#files = files;
    this.#browser = browser;
    this.#context = context;
  }

  /** Starts the browser. Whoever opens it closes it. */
  static async open(): Promise<Godot4> {
    const files = new EngineFiles();
    await files.listen();
    try {
      const browser = await launchChromium();
      return new Godot4(files, browser, await browser.newContext());
    } catch (error) {
      await files.close();
      throw error;
    }
  }

  /** Starts one more client, beside those that run. */
  start(project: GodotProject): Promise<Godot4Client> {
    const url = this.#files.add(writePack(completeProject(project.files)), project.args ?? ['--headless']);
    return Godot4Client.start(this.#context, url, project.timeoutMs ?? 60_000);
  }

  /**
   * Runs a project until it ends.
   *
   * @throws Error with what it printed when it does not end in time.
   */
  async run(project: GodotProject): Promise<GodotRun> {
    const client = await this.start(project);
    try {
      return await client.exited;
    } finally {
      await client.close();
    }
  }

  /** Closes every page, the browser and the server. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.#files.close();
  }
}

/** Whether a trace line of a server tells only that a browser on a busy machine took its time: to confirm a node, or to say its version. */
export function isOfSlowPage(line: string): boolean {
  return /unconfirmed|does not confirm|dialect-/.test(line);
}

/** Starts a browser that draws in software. Whoever starts it closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: [...CHROMIUM_ARGS] });
}

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
] as const;
