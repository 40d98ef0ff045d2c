// TypeDoc as the documentation site: the pages of docs/ beside the reference, found by one search. What TypeDoc does not do by itself:
// pages are called by their headings and lie where their Markdown does, the sidebar is by reader, `llms.txt`, and no dead links.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Converter, DefaultTheme, KindRouter, ReflectionKind, RendererEvent } from 'typedoc';
import { deadLinksOf } from './deadLinks.mjs';
import { writeForModels } from './forModels.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Called by TypeDoc, which typedoc.json tells of this file. */
export function load(app) {
  app.renderer.defineRouter('site', SiteRouter);
  app.renderer.defineTheme('site', SiteTheme);
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    document.name = /^# (.*)$/m.exec(textOf(document))?.[1] ?? document.name;
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // As they are imported.
    for (const one of project.children ?? []) one.name = `godot-enet/${one.name.replace(/^.*\//, '')}`;
  });
  app.renderer.on(RendererEvent.END, ({ outputDirectory, project }) => {
    const sections = sectionsOf(project).map(({ title, start, documents }) => ({
      title,
      pages: [...(start === undefined ? [] : [start]), ...documents].map((one) => ({
        place: placeOf(one),
        text: textOf(one),
      })),
    }));
    writeForModels(outputDirectory, sections, project);
    for (const line of deadLinksOf(outputDirectory)) app.logger.error(line);
  });
}

class SiteRouter extends KindRouter {
  getIdealBaseName(target) {
    if (target.kind === ReflectionKind.Document) return placeOf(target);
    return super.getIdealBaseName(target).replace('godot-enet_', '');
  }
}

class SiteTheme extends DefaultTheme {
  buildNavigation(project) {
    const linkTo = (document) => ({
      text: document.name,
      path: this.router.getFullUrl(document),
      kind: ReflectionKind.Document,
    });
    const sections = sectionsOf(project).map(({ title, start, documents }) => ({
      ...(start === undefined ? { text: title } : { ...linkTo(start), text: title }),
      children: documents.map(linkTo),
    }));
    const entries = super.buildNavigation(project).filter(({ kind }) => kind === ReflectionKind.Module);
    return [...sections, { text: 'API reference', children: entries }];
  }
}

/** The parts of the site, in their order: for each reader the start page with what it leads through, then everything by its folder. */
function sectionsOf(project) {
  const all = new Map((project.documents ?? []).map((document) => [pathOf(document), document]));
  const inFolder = (folder) =>
    [...all]
      .filter(([path]) => dirname(path) === folder)
      .map(([, document]) => document)
      .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  const readers = READERS.map((path) => {
    const start = all.get(path);
    const links = [...textOf(start).matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g)];
    const paths = new Set(links.map(([, target]) => join(dirname(path), target)));
    return { title: start.name, start, documents: [...paths].flatMap((one) => all.get(one) ?? []) };
  });
  return [
    ...readers,
    { title: 'All guides', documents: inFolder('docs/guide') },
    { title: 'Architecture, errors, gallery', documents: inFolder('docs') },
    { title: 'Decisions', documents: inFolder('docs/decisions') },
    { title: 'Protocol', documents: inFolder('docs/protocol') },
    {
      title: 'Examples',
      documents: [...all].filter(([path]) => path.startsWith('examples/')).map(([, document]) => document),
    },
    { title: 'The project', documents: ['.', 'test', 'bench', 'golden'].flatMap(inFolder) },
  ];
}

const READERS = ['docs/start/godot.md', 'docs/start/node.md', 'docs/start/operator.md'];
const pathOf = (document) => relative(ROOT, document.project.files.getReflectionPath(document));
/** Where a page lies in the site, without its ending. */
const placeOf = (document) =>
  pathOf(document)
    .replace(/^docs\//, '')
    .replace(/\.md$/, '');
const textOf = (document) => readFileSync(document.project.files.getReflectionPath(document), 'utf8');
