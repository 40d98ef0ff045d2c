/** The programs of docs/guide/scene-files.md print what the page says. Its commands: test/cli/guide.test.ts; its scenes: test/interop/godot4/guideScenes.test.ts. */
import { testGuide } from '../../support/guide.ts';

testGuide('scene-files', 4);
