/** Encoded values of the golden files. */
import { readFileSync } from 'node:fs';
import { bytes } from '../../support/hex.ts';

/** What `golden/variant/FILE.json` holds, in order. */
export function goldenValues(file: string): Uint8Array[] {
  const url = new URL(`../../../golden/variant/${file}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: { hex: string }[] };
  return cases.map((entry) => bytes(entry.hex));
}
