/** The HTTP server of the harness: the engine's files, and for each client a page and its pack file. Loopback only. */
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { GODOT4_FOLDER } from '../../support/peers.ts';

/** Serves packs to the pages of one browser. */
export class EngineFiles {
  readonly #server: Server = createServer((request, response) =>
    this.#answer(new URL(request.url ?? '/', 'http://host').pathname, response),
  );
  readonly #clients: { readonly pack: Uint8Array; readonly page: string }[] = [];

  /** Starts on a port that the system chooses. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /**
   * Makes the page of one more client.
   *
   * @param args - the engine's command line.
   * @returns its address.
   */
  add(pack: Uint8Array, args: readonly string[]): string {
    const number = this.#clients.push({ pack, page: pageOf(args) });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/client/${number}/`;
  }

  /** Ends every connection, too. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(path: string, response: ServerResponse): void {
    const [, number, file] = /^\/client\/(\d+)\/(main\.pck)?$/.exec(path) ?? [];
    const client = this.#clients[Number(number) - 1];
    if (client !== undefined) {
      response.setHeader('Content-Type', file === undefined ? 'text/html' : 'application/octet-stream');
      response.end(file === undefined ? client.page : client.pack);
      return;
    }
    const [, name] = /^\/engine\/([\w.]+)$/.exec(path) ?? [];
    const local = name === undefined ? undefined : join(GODOT4_FOLDER, name);
    if (local === undefined || !existsSync(local)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', CONTENT_TYPES[extname(local)] ?? 'application/octet-stream');
    // Not kept: clients that start together would wait for each other at the browser's cache.
    response.setHeader('Cache-Control', 'no-store');
    createReadStream(local).pipe(response);
  }
}

/** `harnessReport`, `harnessOutput` and `harnessExit` are bindings that the test's side installs before the page loads. */
function pageOf(args: readonly string[]): string {
  // With --headless the engine calls a handler that is not there (it crashes, or not, by what lies in memory) as soon as the
  // canvas has another size than the one it starts from, which is 0 x 0.
  const size = args.includes('--headless') ? 'width="0" height="0"' : 'width="640" height="360"';
  return `<!doctype html>
<style>body { margin: 0 }</style><canvas id="canvas" ${size}></canvas>
<script src="/engine/index.js"></script>
<script>
const inbox = [];
// Every function returns a value: the engine's bridge stumbles over null and undefined.
globalThis.harness = {
  report: (text) => { harnessReport(text); return true; },
  pending: () => inbox.length,
  take: () => inbox.shift(),
  put: (text) => { inbox.push(text); },
};
new Engine({
  args: ${JSON.stringify(args)},
  canvas: document.getElementById('canvas'),
  executable: '/engine/index',
  mainPack: 'main.pck',
  canvasResizePolicy: 0,
  focusCanvas: false,
  fileSizes: {},
  gdextensionLibs: [],
  onPrint: (...parts) => harnessOutput(parts.join(' '), false),
  onPrintError: (...parts) => harnessOutput(parts.join(' '), true),
  onExit: (code) => harnessExit(code),
}).startGame({}).catch((error) => {
  harnessOutput('ERROR: the engine did not start: ' + error, true);
  harnessExit(-1);
});
</script>`;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};
