/** The programs of docs/guide/handoff.md. */
import { testGuide } from '../../support/guide.ts';

testGuide('handoff', 2);
