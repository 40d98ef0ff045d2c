/** The command `completion`: a script with which a shell completes commands, options and their choices. */
import { type Command, choiceArgument, command, type Program } from '../commandLine/index.ts';
import { writeOut } from '../standardOutput.ts';
import { bashScript } from './bashScript.ts';
import { fishScript } from './fishScript.ts';
import { wordsOf } from './words.ts';
import { zshScript } from './zshScript.ts';

const NOTES = `
  bash  godot-enet completion bash > ~/.local/share/bash-completion/completions/godot-enet
  zsh   godot-enet completion zsh > ~/.zfunc/_godot-enet   (a folder of your fpath)
  fish  godot-enet completion fish > ~/.config/fish/completions/godot-enet.fish

It completes the program "godot-enet", as it is called after "npm install -g godot-enet" or in node_modules/.bin.`;

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
const SHELLS = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];

/** The command; `program` is asked when it runs. */
export function completionCommand(program: () => Program): Command {
  return command({
    name: 'completion',
    summary: 'print a script that completes commands in a shell',
    description:
      'Prints a script with which bash, zsh or fish completes commands, options and their choices.',
    arguments: [choiceArgument('SHELL', SHELLS.join(', '), SHELLS)],
    options: {},
    notes: NOTES,
    run: ([shell]) => writeOut(SCRIPTS[shell](program().name, wordsOf(program()))),
  });
}
