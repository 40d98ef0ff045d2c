/** The programs of docs/guide/replication.md compile, run, and print what the page says. */
import { testGuide } from '../../support/guide.ts';

testGuide('replication', 2);
