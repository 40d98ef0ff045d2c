/** The programs of docs/guide/enet-connection.md. */
import { testGuide } from '../support/guide.ts';

testGuide('enet-connection', 6);
