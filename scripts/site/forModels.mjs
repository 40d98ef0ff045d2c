// The site for language models (https://llmstxt.org): `llms.txt` lists its pages as Markdown, which lie beside those in HTML;
// `llms-full.txt` is what is written for users in one file, with what every entry exports.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ReflectionKind } from 'typedoc';

/**
 * Writes both, and the pages.
 *
 * @param pages by section, each with where it lies in the site without its ending, and its text.
 */
export function writeForModels(folder, sections, project) {
  const head = `# ${project.name}\n\n> ${ABOUT}\n`;
  const index = sections.map(({ title, pages }) => {
    const lines = pages.map(
      ({ place, text }) => `- [${headingOf(text)}](${place}.md): ${introductionOf(text)}\n`,
    );
    return `## ${title}\n\n${lines.join('')}`;
  });
  const every = new Map(sections.flatMap(({ pages }) => pages).map((page) => [page.place, page]));
  for (const { place, text } of every.values()) {
    const file = join(folder, `${place}.md`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const entries = project.children.map(exportsOf);
  writeFileSync(
    join(folder, 'llms.txt'),
    [head, ...index, `## API\n\n- [All of it](llms-full.txt)\n`].join('\n'),
  );
  const guides = [...every.values()].filter(({ place }) => /^(start|guide)\/|^errors$/.test(place));
  writeFileSync(
    join(folder, 'llms-full.txt'),
    [head, ...guides.map(({ place, text }) => `<!-- ${place}.md -->\n\n${text}`), ...entries].join('\n'),
  );
}

const ABOUT =
  "A Node server for unmodified Godot clients: ENet 1.3, Godot's Variant codec, SceneMultiplayer, rooms and clusters in TypeScript, without native code.";

const headingOf = (text) => /^# (.*)$/m.exec(text)?.[1] ?? '';

/** The first sentence below the heading. */
function introductionOf(text) {
  const paragraph = /^# .*\n+((?:(?!```|[#|-])[^\n]+\n)+)/m.exec(text)?.[1] ?? '';
  return sentenceOf(paragraph.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
}

/** What a module exports: a line for each with its kind and the first sentence about it. */
function exportsOf(module) {
  const lines = (module.children ?? []).map((item) => {
    const comment = item.comment ?? item.signatures?.[0]?.comment;
    const text = (comment?.summary ?? []).map((part) => part.text).join('');
    return `- ${ReflectionKind.singularString(item.kind).toLowerCase()} \`${item.name}\`: ${sentenceOf(text)}\n`;
  });
  return `# Exports of ${module.name}\n\n${lines.join('')}`;
}

const sentenceOf = (text) =>
  /^.*?[.:](?=\s|$)|^.*/.exec(text.trim().replace(/\s+/g, ' '))[0].replace(/:$/, '');
