// Which sources a build was made of: `dist/sources.json` holds a hash of each. Not by their times, which a checkout sets as
// it likes. May import nothing but Node itself: scripts/setup.mjs uses it before anything is installed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['options', 'codec', 'schema', 'src', 'examples'];
const FILES = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  ...['build', 'buildPage', 'bundle'].map((name) => `scripts/${name}.mjs`),
];

/** The hash of each file that a build of the checkout `root` depends on, by its path. */
export function hashSources(root) {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && BUILT.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
  const paths = [...found, ...FILES.map((file) => join(root, file)).filter(existsSync)];
  const hashes = {};
  for (const path of paths.sort()) {
    const name = path.slice(root.length).replaceAll('\\', '/').replace(/^\//, '');
    hashes[name] = createHash('sha256').update(readFileSync(path)).digest('base64url');
  }
  return hashes;
}

/** Notes in `dist` what it was built of: hashes that were taken before the build began. */
export function writeStamp(root, hashes) {
  writeFileSync(stampOf(root), `${JSON.stringify(hashes, undefined, 1)}\n`);
}

/** Why `dist` is not what the sources would give now, in one line; `undefined`: it is. */
export function whyStale(root) {
  if (!existsSync(stampOf(root))) return 'dist is not built, or its build has failed';
  const built = JSON.parse(readFileSync(stampOf(root), 'utf8'));
  const now = hashSources(root);
  const names = new Set([...Object.keys(built), ...Object.keys(now)]);
  const changed = [...names].filter((name) => built[name] !== now[name]);
  if (changed.length === 0) return undefined;
  const others = changed.length === 1 ? '' : ` and ${changed.length - 1} more`;
  return `dist is older than ${changed[0]}${others}`;
}

/** What of those folders comes into `dist`, or changes what does. */
const BUILT = /\.(ts|js|css|html|svg|txt)$/;
const stampOf = (root) => join(root, 'dist', 'sources.json');
