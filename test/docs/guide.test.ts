/** Programs of pages that belong to no room alone. */
import { testGuide } from '../support/guide.ts';

testGuide('README', 1);
testGuide('compression', 1);
testGuide('doctor', 2);
testGuide('spawning', 2);
testGuide('production', 3);
testGuide('transport', 1);
