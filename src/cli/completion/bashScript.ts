/** Completion for bash, without the package bash-completion. */
import type { CommandWords } from './words.ts';

/** The script. */
export function bashScript(name: string, commands: readonly CommandWords[]): string {
  const top = commands.filter(({ path }) => !path.includes(' '));
  const cases = commands.map(({ path, options, below }) => {
    const words = [...options.map((option) => option.name), ...below].join(' ');
    return `    '${path}') words='${words}' ;;`;
  });
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ name: option, value }) =>
      value === undefined
        ? []
        : [`    '${path} ${option}') ${value.length === 0 ? 'return' : `words='${value.join(' ')}'`} ;;`],
    ),
  );
  return `# Completion of ${name} for bash. Made by: ${name} completion bash
_${functionName(name)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= words= word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${command:+$command }$word" in
${commands.map(({ path }) => `      '${path}') command='${path}' ;;`).join('\n')}
    esac
  done
  case "$command" in
    '') words='${[...top.map(({ path }) => path), 'help', '--help', '--version'].join(' ')}' ;;
${cases.join('\n')}
  esac
  case "$command $previous" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${functionName(name)} ${name}
`;
}

/** What a function may be called. */
export function functionName(name: string): string {
  return name.replaceAll('-', '_');
}
