// Puts the hundreds of modules that tsc made in `dist` into a file for each entry, and some for what entries share: to find, read and
// link modules is nearly all that an import of this package takes (docs/decisions/0018-few-files.md).
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const ROOMS = ['options', 'codec', 'schema', 'src'];
/** Beside `worker.js`, which whoever starts it looks for beside itself: so do the bundles of users. */
const SHARED = 'src/node/shared-[hash].js';
/** A file of its own: bundlers of users have to keep it, and what stands in it. */
const PLATFORM = 'src/node/platform';
/** What a test looks into, and what would be in its entry alone, not as deep as it expects. */
const PARTS = ['dist/src/load/process/watchdog.js', 'dist/src/inspector/Inspector.js'];

const { exports, bin, sideEffects } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = [
  ...Object.values(exports).flatMap((entry) => entry.default ?? []),
  ...Object.values(bin),
  ...PARTS,
];
const nameOf = (path) => path.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '');
const hasPlatform = (file) => file !== `${PLATFORM}.js` && sideEffects.includes(`./dist/${file}`);
const toPlatform = (file) => (dirname(file) === 'src' ? './node/platform.js' : '../node/platform.js');
const { output } = await build({
  preserveEntrySignatures: 'allow-extension',
  input: Object.fromEntries(entries.map((path) => [nameOf(path), join(root, path)])),
  cwd: dist,
  platform: 'node',
  external: /^[^./]/,
  // That Node is the platform; `sideEffects` says it of what comes out.
  treeshake: { moduleSideEffects: (id) => /[\\/]src[\\/]node[\\/]/.test(id) },
  logLevel: 'warn',
  output: {
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    // Through other files, whose names `sideEffects` does not have, it would get lost.
    banner: ({ fileName }) => (hasPlatform(fileName) ? `import '${toPlatform(fileName)}';` : ''),
    chunkFileNames: ({ name }) => (name === PLATFORM ? `${PLATFORM}.js` : SHARED),
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: PLATFORM, test: /[\\/]src[\\/]node[\\/](platform|internal)\.js$/ }],
    },
  },
});
const placeOf = (id) => relative(dist, id).replaceAll('\\', '/');
const depthOf = (path) => dirname(path).split('/').length;
for (const { fileName, moduleIds = [] } of output) {
  const lost = moduleIds.find(
    (id) =>
      depthOf(placeOf(id)) !== depthOf(fileName) && readFileSync(id, 'utf8').includes('import.meta.url'),
  );
  // Files beside a module are named as all folders of a room see them: `../inspector/page/`.
  if (lost !== undefined)
    throw new Error(`${lost} looks for files by its own place, and is in ${fileName} now`);
}
const made = new Set(output.map(({ fileName }) => fileName));
for (const room of ROOMS) removeRest(room);

/** Removes the modules that are inside other files now. */
function removeRest(folder) {
  for (const entry of readdirSync(join(dist, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) removeRest(path);
    else if (path.endsWith('.js') && !made.has(path)) rmSync(join(dist, path));
  }
}
