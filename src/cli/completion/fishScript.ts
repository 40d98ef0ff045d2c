/** Completion for fish. */
import type { CommandWords } from './words.ts';

/** The script. */
export function fishScript(name: string, commands: readonly CommandWords[]): string {
  const lines: string[] = [];
  for (const { path, help, options, below } of commands) {
    const words = path.split(' ');
    const last = words.at(-1) ?? '';
    const isTop = words.length === 1;
    const before = isTop
      ? '__fish_use_subcommand'
      : `__fish_seen_subcommand_from ${words.slice(0, -1).join(' ')}`;
    lines.push(`complete -c ${name} -n '${before}' -a ${last} -d ${quoted(help)}`);
    const here = `__fish_seen_subcommand_from ${last}`;
    for (const word of isTop
      ? below.filter((one) => !commands.some((command) => command.path === `${path} ${one}`))
      : [])
      lines.push(`complete -c ${name} -n '${here}' -f -a ${word}`);
    for (const { name: option, help: text, value } of options) {
      const takes = value === undefined ? '' : value.length === 0 ? ' -r' : ` -x -a '${value.join(' ')}'`;
      lines.push(`complete -c ${name} -n '${here}' -l ${option.slice(2)}${takes} -d ${quoted(text)}`);
    }
  }
  return `# Completion of ${name} for fish. Made by: ${name} completion fish
complete -c ${name} -n '__fish_use_subcommand' -f
complete -c ${name} -n '__fish_use_subcommand' -a help -d 'display help for command'
complete -c ${name} -n '__fish_use_subcommand' -s V -l version -d 'print the version'
${lines.join('\n')}
`;
}

/** In quotes of fish. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
