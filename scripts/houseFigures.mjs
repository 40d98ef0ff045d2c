// Figures of how the house is built: circles, doors, files, entries, packages, the archive. Build before.
//
//   node scripts/houseFigures.mjs            of this checkout
//   node scripts/houseFigures.mjs ../other   of another one, e.g. of an older commit, with its dependencies and its dist
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { circlesIn, importsOf } from './circles.mjs';

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const json = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

const graph = importsOf(
  ['options', 'codec', 'schema', 'src'].filter((folder) => existsSync(join(root, folder))),
  root,
);
const files = [...graph.keys()];
const { exports, dependencies = {} } = json('package.json');
const lines = files.map((file) => [readFileSync(join(root, file), 'utf8').split('\n').length - 1, file]);
lines.sort(([a], [b]) => a - b);
const circles = circlesIn(graph);
const [through, between] = doors();
const [archive] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  }),
);

const rows = [
  ['import circles, types counted', circles.map(({ length }) => length).join(', ') || 'none'],
  ['imports between rooms through doors', `${through} of ${between}`],
  ['source files', files.length],
  ['median file, lines', lines[lines.length >> 1][0]],
  ['largest file, lines', lines.at(-1).join(' ')],
  ...exportsOfEntries().map(([entry, values, types]) => [
    `exports of ${entry}`,
    `${values} values, ${types} types`,
  ]),
  ['packages installed for a user', packagesOf(dependencies)],
  ['files of the archive', archive.entryCount],
  ['archive, packed and unpacked', `${kib(archive.size)}, ${kib(archive.unpackedSize)}`],
];
for (const [name, value] of rows) console.log(`${name.padEnd(38)} ${value}`);

/** How many imports of a room by another or by an entry come through its door, of how many. */
function doors() {
  const roomOf = (file) => /^(options|codec|schema|src\/[^/]+)\//.exec(file)?.[1];
  let doorCount = 0;
  let count = 0;
  for (const [from, targets] of graph) {
    for (const to of targets) {
      const room = roomOf(to);
      if (room === undefined || room === roomOf(from)) continue;
      count++;
      if (to === `${room}/index.ts` || to === `${room}/internal.ts`) doorCount++;
    }
  }
  return [doorCount, count];
}

/** The names that each entry exports: those that exist when the program runs, and types alone. */
function exportsOfEntries() {
  const entries = Object.entries(exports).filter(([, { types }]) => types !== undefined);
  const sourceOf = (types) => join(root, types.replace('/dist/', '/').replace(/\.d\.ts$/, '.ts'));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(
    entries.map(([, { types }]) => sourceOf(types)),
    options,
  );
  const checker = program.getTypeChecker();
  return entries.map(([entry, { types }]) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(sourceOf(types)));
    const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
    const isValue = (symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return (target.flags & ts.SymbolFlags.Value) !== 0;
    };
    const values = symbols.filter(isValue).length;
    return [entry.replace('.', 'godot-enet'), values, symbols.length - values];
  });
}

/** How many packages npm installs for these dependencies, by the lock file. */
function packagesOf(wanted) {
  const { packages } = json('package-lock.json');
  const found = new Set();
  const visit = (place, names) => {
    for (const name of names) {
      let at = place;
      while (packages[`${at}node_modules/${name}`] === undefined && at !== '')
        at = at.slice(0, at.lastIndexOf('node_modules/'));
      const path = `${at}node_modules/${name}`;
      const entry = packages[path];
      if (entry === undefined || found.has(path)) continue;
      found.add(path);
      visit(`${path}/`, Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }));
    }
  };
  visit('', Object.keys(wanted));
  return found.size;
}

function kib(bytes) {
  return `${Math.round(bytes / 1024)} KiB`;
}
