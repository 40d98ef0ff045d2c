/** The programs of docs/guide/enet-server.md. */
import { testGuide } from '../support/guide.ts';

testGuide('enet-server', 4);
