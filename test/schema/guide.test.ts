/** The programs of docs/guide/scene-mirror.md compile, run, and print what the page says. */
import { testGuide } from '../support/guide.ts';

testGuide('scene-mirror', 7);
