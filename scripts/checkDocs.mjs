// Checks that every relative link in the hand-written pages leads somewhere, and that no page has a conflict in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function pages(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const files = [
  ...readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, name)),
  ...pages(join(root, 'docs')),
  ...pages(join(root, 'examples')),
];
let broken = 0;
for (const file of files) {
  const whole = readFileSync(file, 'utf8');
  if (/^(<{7}|>{7}) /m.test(whole)) {
    console.error(`${relative(root, file)}: a conflict that was not resolved`);
    broken++;
  }
  const text = whole.replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (!/^[\w.#/-]/.test(target) || /^[a-z]+:/.test(target)) continue;
    const [path] = target.split('#');
    if (path !== '' && !existsSync(join(dirname(file), path))) {
      console.error(`${relative(root, file)}: broken link ${target}`);
      broken++;
    }
  }
}
if (broken > 0) process.exit(1);
console.log(`checked the links of ${files.length} pages`);
