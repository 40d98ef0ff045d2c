/** Node as the platform: imported for what it does, which `sideEffects` in package.json tells bundlers. */
import { createCompressor } from '../io/internal.ts';
import { setPlatform } from '../runtime/internal.ts';
import { nodeRuntime } from './nodeRuntime.ts';

setPlatform({ runtime: nodeRuntime, createCompressor });
