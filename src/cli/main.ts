#!/usr/bin/env node
/**
 * The program `godot-enet`. Exit codes: 0 done, 1 wrong usage, 2 the input cannot be read or the output not written,
 * 3 `doctor` found no server, 4 `types --check` found other types than the project's, 5 `load` exceeded a limit or had no server,
 * 130 `load` was stopped.
 */
import { createRequire } from 'node:module';
import { certCommand } from './certCommand.ts';
import { type Program, runProgram } from './commandLine/index.ts';
import { completionCommand } from './completion/completionCommand.ts';
import { dissectCommand } from './dissectCommand.ts';
import { doctorCommand } from './doctor/command.ts';
import { initCommand } from './initCommand.ts';
import { loadCommand } from './load/command.ts';
import { gdscriptCommand, typesCommand } from './projectCommands.ts';
import { sceneCommand, validateCommand } from './sceneCommands.ts';
import { watchReader } from './standardOutput.ts';

const { version }: { version: string } = createRequire(import.meta.url)('godot-enet/package.json');

const program: Program = {
  name: 'godot-enet',
  description: 'Begins a Godot game with a server in Node; tools for traffic, scenes and certificates.',
  version,
  commands: [
    initCommand(version),
    dissectCommand,
    doctorCommand,
    loadCommand,
    sceneCommand,
    validateCommand,
    typesCommand,
    gdscriptCommand,
    certCommand,
    completionCommand(() => program),
  ],
};

watchReader();
await runProgram(program, process.argv.slice(2));
