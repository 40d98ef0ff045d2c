#!/usr/bin/env node
/**
 * The program `godot-enet`. Exit codes: 0 done, 1 wrong usage, 2 the input cannot be read or the output not written,
 * 3 `doctor` found no server.
 */
import { createRequire } from 'node:module';
import { certCommand } from './certCommand.ts';
import { runProgram } from './commandLine/index.ts';
import { dissectCommand } from './dissectCommand.ts';
import { doctorCommand } from './doctor/command.ts';
import { sceneCommand, validateCommand } from './sceneCommands.ts';
import { watchReader } from './standardOutput.ts';

const { version }: { version: string } = createRequire(import.meta.url)('godot-enet/package.json');

watchReader();
await runProgram(
  {
    name: 'godot-enet',
    description: 'Tools for the traffic and the scenes of Godot games over ENet, and for certificates.',
    version,
    commands: [dissectCommand, doctorCommand, sceneCommand, validateCommand, certCommand],
  },
  process.argv.slice(2),
);
