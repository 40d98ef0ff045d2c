// Builds the page of the inspector into dist: one script and one style sheet with their libraries inside, so that a
// server's page loads nothing from elsewhere and its package needs no other.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const source = at('src/inspector/page');
const target = at('dist/src/inspector/page');

mkdirSync(target, { recursive: true });
await build({
  entryPoints: [`${source}/app.js`, `${source}/style.css`],
  outdir: target,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
  banner: {
    js: '/* Contains htm, Preact and uPlot: /licenses.txt */',
    css: '/* Contains uPlot: /licenses.txt */',
  },
});
for (const name of ['index.html', 'icon.svg', 'licenses.txt'])
  copyFileSync(`${source}/${name}`, `${target}/${name}`);
