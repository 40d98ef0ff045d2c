/** The programs of docs/guide/returning-players.md. */
import { testGuide } from '../support/guide.ts';

testGuide('returning-players', 7);
