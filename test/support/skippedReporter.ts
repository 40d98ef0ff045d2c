/** Says at the end of a run what was skipped, by file and suite: the titles carry the reason and the install command. */
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** The reporter; vitest.config.ts adds it to the default one. */
export default class SkippedReporter implements Reporter {
  /** Prints one line for each suite with skipped tests. */
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => skippedOf(module));
    if (lines.length > 0) console.log(`Skipped:\n${lines.join('\n')}\n`);
  }
}

function skippedOf(module: TestModule): string[] {
  // A filter on names (-t) skips all others: no news.
  if (module.project.config.testNamePattern !== undefined) return [];
  const counts = new Map<string, number>();
  for (const test of module.children.allTests('skipped')) {
    const noted = /^.*?\[skipped: .*?\]/.exec(test.fullName)?.[0];
    const key = noted ?? (test.parent.type === 'suite' ? test.parent.fullName : test.fullName);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const file = relative(process.cwd(), module.moduleId);
  return [...counts].map(([title, count]) => `  ${file} > ${title} (tests: ${count})`);
}
