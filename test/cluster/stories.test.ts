/** Stories of nodes and their engine, by seeds, on the bus in memory. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fcParameters } from '../support/fc.ts';
import { stories, tell } from './conformance/story.ts';
import { openMemoryEngine } from './memoryEngine.ts';

test.each([0, 30])(
  'whatever happens, at no moment are two sure of one key; calls take %i ms',
  async (delayMs) => {
    await fc.assert(
      fc.asyncProperty(stories(60), async (steps) => {
        await tell(await openMemoryEngine(delayMs), 'story', steps);
      }),
      fcParameters(200),
    );
    expect.hasAssertions();
  },
);
