/** Programs that a test starts, and waits for what they print. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs. */
export interface Program {
  readonly child: ChildProcess;
  /** All that it has printed. */
  output(): string;
  /** Waits until it has printed something. @returns all that it has printed. @throws Error when it ends before. */
  sees(wanted: string | RegExp): Promise<string>;
  /** Writes a line to its standard input. */
  say(line: string): void;
  /** Sends a signal and waits for the end. @returns exit code and signal, as `exit` of a child process has them. */
  end(signal?: NodeJS.Signals): Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

/** How a program is started. */
export interface ProgramOptions {
  /** Where; default here. */
  readonly cwd?: string;
  /** What is added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts Node with a program. Whoever starts it kills `child`, should the test fail. */
export function startProgram(
  args: readonly string[],
  { cwd = process.cwd(), env }: ProgramOptions = {},
): Program {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const check of waiting) check();
    });
  return {
    child,
    output: () => text,
    sees: (wanted) =>
      new Promise((resolve, reject) => {
        const isThere = (): boolean =>
          typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
        const check = (): void => {
          if (!isThere()) return;
          waiting.delete(check);
          resolve(text);
        };
        waiting.add(check);
        const ended = (): void => reject(new Error(`ended without "${wanted}":\n${text}`));
        if (child.exitCode !== null && !isThere()) ended();
        child.once('close', ended);
        check();
      }),
    say: (line) => {
      child.stdin.write(`${line}\n`);
    },
    async end(signal = 'SIGTERM') {
      const ended = once(child, 'exit');
      child.kill(signal);
      const [code, by] = await ended;
      return [code, by];
    },
  };
}
