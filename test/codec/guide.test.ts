/** The programs of docs/guide/codec.md compile, run, and print what the page says. */
import { testGuide } from '../support/guide.ts';

testGuide('codec', 9);
