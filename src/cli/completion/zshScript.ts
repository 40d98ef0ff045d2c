/** Completion for zsh: a function of its completion system, in a file `_NAME` of the `fpath`. */
import { functionName } from './bashScript.ts';
import type { CommandWords, OptionWords } from './words.ts';

/** The script. */
export function zshScript(name: string, commands: readonly CommandWords[]): string {
  const top = commands.filter(({ path }) => !path.includes(' '));
  const cases = commands.map(({ path, options, below }) => {
    const rest = below.length > 0 ? `'*: :(${below.join(' ')})'` : "'*: :_files'";
    return `    '${path}') _arguments ${[...options.map(argumentOf), rest].join(' \\\n        ')} ;;`;
  });
  return `#compdef ${name}
# Completion of ${name} for zsh. Made by: ${name} completion zsh
_${functionName(name)}() {
  local command= word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${command:+$command }$word" in
${commands.map(({ path }) => `      '${path}') command='${path}' ;;`).join('\n')}
    esac
  done
  case "$command" in
    '')
      local -a commands=(
${[...top, { path: 'help', help: 'display help for command' }].map(({ path, help }) => `        ${quoted(`${path}:${help}`)}`).join('\n')}
      )
      _describe command commands ;;
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _${name} ]; then _${functionName(name)} "$@"; else compdef _${functionName(name)} ${name}; fi
`;
}

/** As \`_arguments\` wants it: what stands in brackets and behind colons is escaped. */
function argumentOf({ name, help, value }: OptionWords): string {
  const text = help.replaceAll(/[[\]\\:]/g, '\\$&');
  const behind = value === undefined ? '' : value.length === 0 ? ': :_files' : `: :(${value.join(' ')})`;
  return quoted(`*${name}[${text}]${behind}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
