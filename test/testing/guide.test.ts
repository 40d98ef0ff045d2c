/** The programs of docs/guide/testing.md that test rooms. */
import { testGuide } from '../support/guide.ts';

testGuide('testing', 2);
