/** The programs of docs/guide/netcode.md. */
import { testGuide } from '../support/guide.ts';

testGuide('netcode', 4);
