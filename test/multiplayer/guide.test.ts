/** The program of docs/guide/scene-multiplayer.md. */
import { testGuide } from '../support/guide.ts';

testGuide('scene-multiplayer', 4);
