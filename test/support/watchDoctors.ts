/**
 * Puts a connection doctor on every ENet host that a test of this thread makes: a test file whose hosts get something
 * that a doctor would report must say so with {@link expectDiagnoses}, and any other diagnosis fails it. So the suite
 * proves that the doctor gives no false alarm.
 */
import { afterAll, vi } from 'vitest';
import { connectionDoctor } from '../../src/doctor/index.ts';
import type { HostOptions } from '../../src/enet/hostOptions.ts';
import { diagnosed, isExpected } from './diagnoses.ts';

vi.mock('../../src/enet/state/hostRecord.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/enet/state/hostRecord.ts')>();
  class WatchedRecord extends original.HostRecord {
    constructor(options: HostOptions, ...rest: never[]) {
      const doctor =
        'doctor' in options
          ? options.doctor
          : connectionDoctor({ onDiagnosis: ({ message }) => diagnosed.push(message) });
      super({ ...options, doctor }, ...(rest as [never]));
    }
  }
  return { ...original, HostRecord: WatchedRecord };
});

afterAll(() => {
  const messages = diagnosed.splice(0);
  if (isExpected() || messages.length === 0) return;
  throw new Error(`the connection doctor spoke:\n${messages.slice(0, 20).join('\n')}`);
});
