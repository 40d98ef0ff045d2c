/** The programs of docs/guide/godot3.md. */
import { testGuide } from '../support/guide.ts';

testGuide('godot3', 3);
