// Copies what the build does not compile: the page of the inspector.
import { cpSync } from 'node:fs';

const root = new URL('../', import.meta.url);
cpSync(new URL('src/inspector/page', root), new URL('dist/src/inspector/page', root), { recursive: true });
