/** The programs of docs/guide/multiplayer-peer.md. */
import { testGuide } from '../support/guide.ts';

testGuide('multiplayer-peer', 4);
