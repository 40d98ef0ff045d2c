/** The programs of docs/guide/rooms.md. */
import { testGuide } from '../support/guide.ts';

testGuide('rooms', 6);
