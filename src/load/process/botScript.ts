/** Loads a bot script. */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BotScriptError, botMaker, type MakeBot } from '../bot.ts';
import { messageOf } from '../statistics/problems.ts';

/**
 * Loads a module and makes bots of its default export.
 *
 * @param path `.js`, `.mjs` or `.cjs`; `.ts` or `.mts` where Node reads these.
 * @throws BotScriptError when there is none, it does not load in 30 seconds, or it is no bot script.
 */
export async function loadBotScript(path: string): Promise<MakeBot> {
  if (!EXTENSIONS.has(extname(path))) {
    throw new BotScriptError(`expected a file that ends in ${[...EXTENSIONS].join(', ')}`);
  }
  if (!existsSync(path)) throw new BotScriptError('there is no such file');
  return botMaker((await importInTime(path)).default);
}

async function importInTime(path: string): Promise<{ readonly default?: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BotScriptError('it is not loaded after 30 seconds')), LOAD_MS);
  });
  try {
    return await Promise.race([import(pathToFileURL(resolve(path)).href), time]);
  } catch (error) {
    if (error instanceof BotScriptError) throw error;
    throw new BotScriptError(reasonOf(error, path), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && extname(path).endsWith('ts')) {
    return `this is Node ${process.versions.node}, which does not read TypeScript: Node 22.18 and later (or 23.6) do, or compile it to JavaScript`;
  }
  return `it does not load: ${messageOf(error)}`;
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts']);
const LOAD_MS = 30_000;
