/** A server on the virtual network, and runs of the load tester against it. */
import { SceneMirror } from '../../schema/index.ts';
import { ENetMultiplayerPeer } from '../../src/godot/index.ts';
import { createCompressor } from '../../src/io/internal.ts';
import type { LoadReport } from '../../src/load/report/report.ts';
import { LoadRun, type LoadRunOptions } from '../../src/load/run/LoadRun.ts';
import { SceneMultiplayer } from '../../src/multiplayer/index.ts';
import { ENetServer } from '../../src/server/index.ts';
import { SimNetwork, type SimNetworkOptions } from '../../src/testing/SimNetwork.ts';
import type { SimRuntime } from '../../src/testing/SimRuntime.ts';

/** What a test says of a run; the rest has values here. */
export type RunSpec = Partial<LoadRunOptions> &
  Pick<LoadRunOptions, 'stages' | 'rampMs' | 'holdMs'> & { readonly port?: number };

/** A server with a tick every 5 ms. */
export class LoadWorld {
  readonly network: SimNetwork;
  /** Of the players. */
  readonly runtime: SimRuntime;
  /** With the protocol `scene`. */
  readonly multiplayer: SceneMultiplayer | undefined;
  /** With the protocol `enet-server`. */
  readonly server: ENetServer | undefined;
  readonly #protocol: LoadRunOptions['protocol'];
  readonly #events: [atMs: number, action: () => void][] = [];

  constructor(
    protocol: LoadRunOptions['protocol'],
    options: SimNetworkOptions,
    grow?: (mirror: SceneMirror) => void,
  ) {
    this.#protocol = protocol;
    this.network = new SimNetwork(options);
    const runtime = this.network.createRuntime('10.0.0.1');
    this.runtime = this.network.createRuntime('10.0.0.2');
    if (protocol === 'scene') {
      const mirror = new SceneMirror();
      grow?.(mirror);
      const peer = new ENetMultiplayerPeer({ runtime, createCompressor });
      peer.createServer(PORT, 100);
      this.multiplayer = new SceneMultiplayer({ mirror, runtime });
      this.multiplayer.multiplayerPeer = peer;
    } else {
      this.server = new ENetServer({ runtime, createCompressor });
      this.server.createServer(PORT, 100);
    }
  }

  /** Something happens at a time of the network. */
  at(ms: number, action: () => void): void {
    this.#events.push([ms, action]);
  }

  /** How many players the server has. */
  playersOfServer(): number {
    return this.multiplayer?.getPeers().length ?? this.server?.getPeerCount() ?? 0;
  }

  /** The server says goodbye to all. */
  closeServer(): void {
    this.multiplayer?.close();
    this.server?.stopServer();
  }

  /** Time passes. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 5) {
      this.network.advance(5);
      this.multiplayer?.poll();
    }
  }

  /** A run, to its end. */
  async run({ port = PORT, ...spec }: RunSpec): Promise<LoadReport> {
    const run = new LoadRun({
      target: {
        url: `enet://10.0.0.1:${port}`,
        transport: 'enet',
        isEncrypted: false,
        host: '10.0.0.1',
        port,
      },
      protocol: this.#protocol,
      seed: 1,
      tickHz: 30,
      joinTimeoutMs: 10_000,
      thresholds: {},
      server: 'not in this test',
      generator: { read: () => ({ cpuMs: 0, memoryBytes: 1 }), lagP99Ms: () => 0, close: () => undefined },
      runtime: this.runtime,
      nowMs: () => this.network.time,
      startedAt: '2026-01-01T00:00:00.000Z',
      ...spec,
    });
    let report: LoadReport | undefined;
    void run.run().then((made) => {
      report = made;
    });
    while (report === undefined) {
      const due = this.#events.filter(([ms]) => ms <= this.network.time);
      for (const event of due) this.#events.splice(this.#events.indexOf(event), 1)[0]?.[1]();
      this.pass(5);
      // Promises of hooks are settled between two moments of the network.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.network.time > MOST_MS) throw new Error(`the run does not end: ${this.network.describe()}`);
    }
    return report;
  }
}

const PORT = 7777;
const MOST_MS = 200_000;
