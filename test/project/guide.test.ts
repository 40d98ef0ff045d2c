/** The programs of docs/guide/project.md compile, run, and print what the page says. */
import { testGuide } from '../support/guide.ts';

testGuide('project', 4);
