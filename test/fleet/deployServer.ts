/** examples/deploy/server.ts as a process of its own, on free ports. */
import { built } from '../support/built.ts';
import { type Program, startProgram } from '../support/program.ts';

/** A server that runs. */
export interface DeployServer {
  readonly program: Program;
  /** Its UDP port, when it has started. */
  readonly port: number;
  /** Waits until it has. */
  starts(): Promise<void>;
  /** A request to its health port, when it has started. */
  ask(path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }>;
  /** The request that drains it. */
  drain(): Promise<{ status: number; body: Record<string, unknown> }>;
}

/** A DRAIN_TOKEN. */
export const TOKEN = 'a-token-of-the-operator';

/** Starts one. Whoever does kills `program.child`. */
export function startDeployServer(env: Readonly<Record<string, string>> = {}): DeployServer {
  const none = { AGONES_SDK_HTTP_PORT: '', REDIS_URL: '', NATS_URL: '', TOKEN_SECRET: '' };
  const free = { PORT: '0', WEB_PORT: '0', OPS_PORT: '0', BIND: '127.0.0.1' };
  const program = startProgram([built('examples/deploy/server.js')], { env: { ...none, ...free, ...env } });
  let [port, ops] = [0, 0];
  const ask: DeployServer['ask'] = async (path, init) => {
    const response = await fetch(`http://127.0.0.1:${ops}${path}`, init);
    return { status: response.status, body: Object(await response.json()) };
  };
  return {
    program,
    get port() {
      return port;
    },
    async starts() {
      const line = await program.sees(/health on port \d+\n/);
      [port = 0, ops = 0] = /UDP port (\d+), .* health on port (\d+)/.exec(line)?.slice(1).map(Number) ?? [];
    },
    ask,
    drain: () => ask('/drain', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } }),
  };
}
