/** The programs of docs/guide/telemetry.md. */
import { testGuide } from '../support/guide.ts';

testGuide('telemetry', 2);
