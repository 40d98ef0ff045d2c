/** The programs of docs/guide/page.md. */
import { testGuide } from '../support/guide.ts';

testGuide('page', 4);
