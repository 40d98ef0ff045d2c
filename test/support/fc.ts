/** Run count and seed of property tests, from the environment: FC_RUNS and FC_SEED. */

/** Parameters for `fc.assert`; the seed of a failing run is printed by fast-check. */
export function fcParameters(defaultRuns = 200): { numRuns: number; seed?: number } {
  const runs = Number(process.env['FC_RUNS'] ?? defaultRuns);
  const seed = process.env['FC_SEED'];
  return seed === undefined ? { numRuns: runs } : { numRuns: runs, seed: Number(seed) };
}
