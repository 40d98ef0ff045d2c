/** Dockerfiles, where no container engine is at hand: their instructions, and what a build of them leaves. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/** An instruction. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions, with continued lines joined and comments left out. */
export function instructionsOf(text: string): Instruction[] {
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
}

/** What a build leaves. */
export interface Image {
  /** The folder of its root. */
  readonly root: string;
  /** Where it runs, in that folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  /** As `EXPOSE` has them: `7777/udp`. */
  readonly ports: readonly string[];
  readonly command: readonly string[];
}

/**
 * Does what `docker build` does, with a folder for the root of each stage and this machine's Node as the one of `FROM`.
 *
 * Of the instructions: FROM, WORKDIR, COPY, RUN, ENV (NAME=value), USER, EXPOSE, and CMD as a list.
 *
 * @param context the folder of the Dockerfile.
 * @param into an empty folder.
 * @throws Error for an instruction that is not among them, a file that is not there, and a command that fails.
 */
export async function buildByHand(context: string, into: string): Promise<Image> {
  const ignored = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const isIgnored = (path: string): boolean =>
    ignored.some((pattern) => path === pattern.replace(/\/$/, '') || path.startsWith(pattern));
  const stages = new Map<string, string>();
  let image = { root: '', folder: '', user: 'root', env: {}, ports: [] as string[], command: [] as string[] };
  for (const { name, rest } of instructionsOf(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
    if (name === 'FROM') {
      const [, title = String(stages.size)] = / AS (\w+)$/.exec(rest) ?? [];
      const root = join(into, title);
      mkdirSync(root);
      stages.set(title, root);
      image = { root, folder: root, user: 'root', env: {}, ports: [], command: [] };
    } else if (name === 'WORKDIR') {
      image.folder = join(rest.startsWith('/') ? image.root : image.folder, rest);
      mkdirSync(image.folder, { recursive: true });
    } else if (name === 'COPY') copy(rest, image.folder);
    else if (name === 'RUN') await run(rest, image.folder, image.env);
    else if (name === 'ENV')
      image.env = { ...image.env, [rest.split('=')[0] ?? '']: rest.split('=')[1] ?? '' };
    else if (name === 'USER') image.user = rest;
    else if (name === 'EXPOSE') image.ports.push(...rest.split(/\s+/));
    else if (name === 'CMD') image.command = JSON.parse(rest);
    else throw new Error(`the instruction ${name} is not known here`);
  }
  return image;

  function copy(rest: string, folder: string): void {
    const [, stage] = /^--from=(\w+)\s/.exec(rest) ?? [];
    const words = rest.replace(/^--from=\w+\s+/, '').split(/\s+/);
    const to = words.pop() ?? '';
    const from = stage === undefined ? context : stages.get(stage);
    if (from === undefined) throw new Error(`there is no stage ${stage}`);
    for (const word of words) {
      const found = word.includes('*')
        ? readdirSync(from).filter((file) => patternOf(word).test(file))
        : [word].filter((file) => existsSync(join(from, file)));
      if (found.length === 0) throw new Error(`COPY ${rest}: there is no ${word}`);
      for (const file of found) {
        const source = join(from, file);
        const isInto = to.endsWith('/') && file !== '.' && !file.endsWith('/');
        cpSync(source, isInto ? join(folder, to, file.split('/').at(-1) ?? '') : join(folder, to), {
          recursive: true,
          verbatimSymlinks: true,
          filter: (path) => stage !== undefined || !isIgnored(relative(context, path)),
        });
      }
    }
  }
}

/** A name in which `*` stands for anything. */
function patternOf(word: string): RegExp {
  return new RegExp(`^${word.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

async function run(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<void> {
  await promisify(execFile)('sh', ['-ec', command], {
    cwd,
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 26,
  });
}
