/** What a part of `npm run test:long` tells: seed, count and time. Silent in other runs, unless LONG_RUN=1. */

/** Starts the clock. @returns what is called at the end, with how many of something were done. */
export function startReport(part: string, seed: number): (count: number) => void {
  const start = performance.now();
  return (count) => {
    if (process.env['LONG_RUN'] !== '1') return;
    const seconds = (performance.now() - start) / 1000;
    console.log(`${part}: seed ${seed}, count ${count}, ${seconds.toFixed(1)} s`);
  };
}
