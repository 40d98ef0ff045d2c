/** Rules for the Dockerfile of the lobby, where no container engine is at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Instruction, instructionsOf } from '../support/dockerfile.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('examples/lobby/Dockerfile', root), 'utf8');

/** What is wrong with a Dockerfile. */
function problemsOf(text: string): string[] {
  const instructions = instructionsOf(text);
  const problems: string[] = [];
  const stages = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []));
  const last = instructions.slice(stages.at(-1) ?? 0);
  const all = (name: string): Instruction[] => last.filter((instruction) => instruction.name === name);
  for (const { name, rest } of instructions) {
    if (!KNOWN.has(name)) problems.push(`unknown instruction ${name}`);
    if (name === 'FROM' && !/^[\w./-]+:\d+\.\d+\.\d+[\w.-]*( AS \w+)?$/.test(rest))
      problems.push('FROM without a whole version');
    if (name === 'ADD') problems.push('ADD instead of COPY');
    if ((name === 'ENV' || name === 'ARG') && /(SECRET|TOKEN|PASSWORD)/i.test(rest))
      problems.push('a secret');
    if (name === 'RUN' && /\bsudo\b|curl[^|]*\|/.test(rest))
      problems.push('sudo, or a download into a shell');
    if (name === 'WORKDIR' && !rest.startsWith('/')) problems.push('a relative WORKDIR');
  }
  const user = all('USER').at(-1)?.rest;
  if (user === undefined || user === 'root' || user === '0') problems.push('it runs as root');
  const [command] = all('CMD').slice(-1);
  if (all('CMD').length !== 1 || !isJsonList(command?.rest ?? '')) problems.push('CMD is not one list');
  if (all('HEALTHCHECK').length !== 1) problems.push('no HEALTHCHECK');
  if (last.findIndex(({ name }) => name === 'USER') > last.findIndex(({ name }) => name === 'CMD')) {
    problems.push('USER comes after CMD');
  }
  if (!all('EXPOSE').every(({ rest }) => rest.endsWith('/udp'))) problems.push('EXPOSE without /udp');
  return problems;
}

function isJsonList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

test('the Dockerfile of the lobby keeps the rules', () => {
  expect(problemsOf(page)).toEqual([]);
});

test('what it copies from the project is there, and is not left out by .dockerignore', () => {
  const allowed = readFileSync(new URL('.dockerignore', root), 'utf8').split('\n');
  const sources = instructionsOf(page)
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
  expect(sources.length).toBeGreaterThan(6);
  for (const source of sources) {
    expect(existsSync(new URL(source, root)), source).toBe(true);
    expect(allowed).toContain(`!${source.replace(/^\.\//, '')}`);
  }
});

test('it copies every folder that the build compiles', () => {
  const { include }: { include: string[] } = JSON.parse(
    readFileSync(new URL('tsconfig.build.json', root), 'utf8'),
  );
  const copied = instructionsOf(page)
    .filter(({ name }) => name === 'COPY')
    .map(({ rest }) => rest.split(' ')[0]);
  expect(copied).toEqual(expect.arrayContaining(include.map((path) => path.split('/')[0])));
});

test('its command takes options that the program has', () => {
  const program = readFileSync(new URL('examples/lobby/main.ts', root), 'utf8');
  const command =
    instructionsOf(page)
      .filter(({ name }) => name === 'CMD')
      .at(-1)?.rest ?? '[]';
  const [, path, ...args]: string[] = JSON.parse(command);
  expect(path).toBe('dist/examples/lobby/main.js');
  for (const option of args.filter((arg) => arg.startsWith('--'))) expect(program).toContain(`  ${option} `);
});

describe('the rules find', () => {
  test.each([
    ['it runs as root', page.replace('USER node', 'USER root')],
    ['it runs as root', page.replace('USER node\n', '')],
    ['CMD is not one list', page.replace(/^CMD .*$/m, 'CMD node main.js')],
    ['FROM without a whole version', page.replaceAll(/FROM node:\S+/g, 'FROM node:latest')],
    ['ADD instead of COPY', page.replace('COPY codec', 'ADD codec')],
    ['no HEALTHCHECK', page.replaceAll(/^HEALTHCHECK.*\n.*\n/gm, '')],
    ['unknown instruction RUNN', page.replace('RUN ', 'RUNN ')],
    ['EXPOSE without /udp', page.replace('7777/udp', '7777')],
    ['a secret', page.replace('NODE_ENV=production', 'API_TOKEN=x')],
  ])('%s', (problem, text) => {
    expect(problemsOf(text)).toContain(problem);
  });
});

const KNOWN = new Set([
  'FROM',
  'WORKDIR',
  'COPY',
  'ADD',
  'RUN',
  'ENV',
  'ARG',
  'USER',
  'EXPOSE',
  'HEALTHCHECK',
  'CMD',
]);
