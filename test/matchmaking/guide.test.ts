/** The programs of docs/guide/matchmaking.md. */
import { testGuide } from '../support/guide.ts';

testGuide('matchmaking', 5);
