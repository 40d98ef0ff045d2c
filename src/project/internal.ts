/** The internal door of projects, for the commands. Nothing of it is public API. */
export { loadProject } from './loadProject.ts';
export { PackError } from './pack/readPack.ts';
export { type StubSource, writeGdscript } from './write/writeGdscript.ts';
export { type WrittenTypes, writeTypes } from './write/writeTypes.ts';
