// `npm run docs`: builds the site into `.build/site`, when anything that it is made of changed since. Without a network. With `--look` it
// builds nothing: its status is 1 when there is something to build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashSources } from '../sourceStamp.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stamp = join(root, '.build/site/sources.txt');
const folders = ['.', 'docs', 'examples', 'test', 'bench', 'golden', 'scripts/site'];
const hash = createHash('sha256').update(JSON.stringify(hashSources(root)));
for (const folder of folders) {
  for (const name of readdirSync(join(root, folder), { recursive: folder !== '.' }).sort()) {
    const isPart = /\.md$/.test(name) || /^(docs|scripts)/.test(folder) || name === 'typedoc.json';
    if (isPart && /\.\w+$/.test(name)) hash.update(name).update(readFileSync(join(root, folder, name)));
  }
}
const sources = hash.digest('base64url');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) {
  console.log('docs: .build/site is what the sources give');
  process.exit();
}
if (process.argv.includes('--look')) {
  console.log('docs: .build/site is not what the sources give');
  process.exit(1);
}
rmSync(stamp, { force: true });
const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');
const { status } = spawnSync(process.execPath, [typedoc, '--treatWarningsAsErrors'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
writeFileSync(stamp, sources);
console.log(`docs: open ${join(root, '.build/site/index.html')}`);
