/** The programs of docs/guide/dtls.md. */
import { testGuide } from '../support/guide.ts';

testGuide('dtls', 5);
