// Links of a built site that lead nowhere: to no file, or to no heading of one. What leads out of the site is named as well when it
// would be loaded with a page: pages are whole without a network.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One line for each. */
export function deadLinksOf(folder) {
  const pages = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(folder, name));
  const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]));
  const ids = new Map();
  const idsOf = (page) => {
    if (!ids.has(page)) {
      const found = [...texts.get(page).matchAll(/\sid="([^"]*)"/g)];
      ids.set(page, new Set(found.map(([, id]) => unescaped(id))));
    }
    return ids.get(page);
  };
  const dead = [];
  for (const [page, text] of texts) {
    const links = new Set(
      [...text.matchAll(/<(\w+)[^>]*?\s(?:href|src)="([^"]*)"/g)].map(([, tag, url]) => `${tag} ${url}`),
    );
    for (const link of links) {
      const [tag, escaped] = link.split(' ');
      const url = unescaped(escaped);
      if (/^[a-z]+:|^\/\//.test(url)) {
        if (tag !== 'a' && !url.startsWith('data:')) dead.push(`${relative(folder, page)}: loads ${url}`);
        continue;
      }
      const [path, anchor] = url.split('#').map(decodeURIComponent);
      const target = path === '' ? page : join(page, '..', path);
      const isDead = !(texts.has(target) || existsSync(target));
      if (isDead || (anchor && texts.has(target) && !idsOf(target).has(anchor))) {
        dead.push(`${relative(folder, page)}: dead link ${url}`);
      }
    }
  }
  return dead;
}

const unescaped = (text) =>
  text
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&amp;/g, '&');
