/** The roots of the system, one of which cannot be read: it is told once, by a process warning with its code. */
import { expect, test, vi } from 'vitest';
import { systemTrust } from '../../src/dtls/identity/trustStore.ts';

vi.mock('node:tls', async (importOriginal) => {
  const tls = await importOriginal<typeof import('node:tls')>();
  return { ...tls, rootCertificates: ['no certificate', ...tls.rootCertificates.slice(0, 2)] };
});

test('a root that cannot be read is skipped, and the process is warned once', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const trust = systemTrust();
  expect(systemTrust()).toBe(trust);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('1 of 3 root certificates'), {
    type: 'GodotEnetWarning',
    code: 'GODOT_ENET_UNREADABLE_ROOT',
  });
  warn.mockRestore();
});
