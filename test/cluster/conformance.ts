/**
 * What every engine of a cluster has to do: each sentence of src/cluster/bus.ts. One engine serves the whole suite; each test has names of
 * its own, and buses that are closed after it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fcParameters } from '../support/fc.ts';
import { edgeTests } from './conformance/edges.ts';
import { Cluster, type Engine } from './conformance/engine.ts';
import { leaseTests } from './conformance/leases.ts';
import { messageTests } from './conformance/messages.ts';
import { outageTests } from './conformance/outages.ts';
import { stories, tell } from './conformance/story.ts';

/** @param open starts an engine without data. */
export function conformance(name: string, open: () => Promise<Engine>): void {
  describe(name, () => {
    const cluster = new Cluster(open);
    describe('leases', () => leaseTests(cluster));
    describe('messages', () => messageTests(cluster));
    describe('edges', () => edgeTests(cluster));
    describe('outages', () => outageTests(cluster));
    test('whatever happens, at no moment are two sure of one key', { timeout: 240_000 }, async () => {
      let count = 0;
      const story = fc.asyncProperty(stories(25), (steps) =>
        tell(cluster.engine, cluster.name(`story${++count}`), steps),
      );
      await fc.assert(story, { ...fcParameters(3), endOnFailure: true });
      expect(count).toBeGreaterThan(0);
    });
  });
}
