/**
 * What every engine of a cluster has to do: each sentence of src/cluster/bus.ts. One engine serves the whole suite; each test has names of
 * its own, and buses that are closed after it.
 */
import { describe } from 'vitest';
import { edgeTests } from './conformance/edges.ts';
import { Cluster, type Engine } from './conformance/engine.ts';
import { leaseTests } from './conformance/leases.ts';
import { messageTests } from './conformance/messages.ts';
import { outageTests } from './conformance/outages.ts';

/** @param open starts an engine without data. */
export function conformance(name: string, open: () => Promise<Engine>): void {
  describe(name, () => {
    const cluster = new Cluster(open);
    describe('leases', () => leaseTests(cluster));
    describe('messages', () => messageTests(cluster));
    describe('edges', () => edgeTests(cluster));
    describe('outages', () => outageTests(cluster));
  });
}
