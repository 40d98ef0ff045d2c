/** The programs of docs/guide/cluster.md. Those of an engine want one that runs; `redis.test.ts` and `nats.test.ts` have them. */
import { testGuide } from '../support/guide.ts';

testGuide('cluster', 4);
