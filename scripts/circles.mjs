// The import circles of a folder, imports of types counted: each set of files that all reach one another.
//
//   node scripts/circles.mjs                  of options, codec, schema and src
//   node scripts/circles.mjs schema src/enet  of these folders
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The TypeScript files below folders, each with the files among them that it imports, by paths from `base`. */
export function importsOf(folders, base = root) {
  const files = folders
    .flatMap((folder) =>
      readdirSync(join(base, folder), { recursive: true }).map((file) =>
        posix.join(folder, file.replaceAll('\\', '/')),
      ),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(base, file), 'utf8'), true, true);
      const near = importedFiles.map(({ fileName }) => posix.join(posix.dirname(file), fileName));
      return [file, [...new Set(near)].filter((target) => known.has(target))];
    }),
  );
}

/** The circles of a graph (Tarjan's strongly connected components of more than one file), largest first. */
export function circlesIn(graph) {
  const order = new Map();
  const low = new Map();
  const stack = [];
  const open = new Set();
  const circles = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    open.add(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.has(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    for (const each of circle) open.delete(each);
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles.sort((a, b) => b.length - a.length);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folders = process.argv.length > 2 ? process.argv.slice(2) : ['options', 'codec', 'schema', 'src'];
  const circles = circlesIn(importsOf(folders));
  for (const circle of circles) console.log(`${circle.length} files\n  ${circle.join('\n  ')}`);
  if (circles.length === 0) console.log('no circles');
}
