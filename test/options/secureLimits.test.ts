/** The limits of DTLS stand in one table; what the comments of the type say of them is the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  checkSecureLimits,
  SECURE_LIMIT_NAMES,
  SECURE_LIMITS,
  type SecureLimitName,
} from '../../src/runtime/secureLimits.ts';

const source = readFileSync(new URL('../../src/runtime/secureLimits.ts', import.meta.url), 'utf8');

/** The comment above a limit, as one line. */
function commentOf(name: string): string {
  const lines = source.slice(0, source.indexOf(`  readonly ${name}?:`)).split('\n');
  const start = lines.findLastIndex((line) => line.trim().startsWith('/**'));
  return lines
    .slice(start)
    .map((line) =>
      line
        .replace(/^\s*(\/\*\*|\*\/|\*)/, '')
        .replace('*/', '')
        .trim(),
    )
    .join(' ')
    .trim();
}

/** Their defaults come of the number of peers. */
const COMPUTED: readonly SecureLimitName[] = ['maxSessions', 'maxSessionsPerIp'];

describe.each(SECURE_LIMIT_NAMES)('%s', (name) => {
  const { min = 1, max = 2 ** 31 - 1, server, client } = SECURE_LIMITS[name];

  test('its comment has the numbers of the table', () => {
    const comment = commentOf(name);
    const isForClients = client !== undefined;
    expect(comment.startsWith('Server:')).toBe(!isForClients);
    expect(comment).toContain(
      COMPUTED.includes(name)
        ? 'Default:'
        : isForClients && client !== server
          ? `Default ${server} for a server and ${client} for a client.`
          : `Default ${server}.`,
    );
    expect(/\b(\d+)\.\.(\d+)\b/.exec(comment)?.slice(1).map(Number) ?? [1, 2 ** 31 - 1]).toEqual([min, max]);
  });

  test('its check has them, too', () => {
    for (const value of [min, max, server]) checkSecureLimits('dtls', { [name]: value });
    for (const value of [min - 1, max + 1, min + 0.5, '5', null]) {
      expect(() => checkSecureLimits('dtls', { [name]: value } as object)).toThrow(
        `"dtls.${name}" expected integer ${min}..${max}, got ${JSON.stringify(value)}`,
      );
    }
  });
});
