/**
 * Puts a connection doctor on every ENet host that a test of this thread makes: a test file whose hosts get something
 * that a doctor would report must say so with {@link expectDiagnoses}, and any other diagnosis fails it. So the suite
 * proves that the doctor gives no false alarm.
 */
import { afterAll } from 'vitest';
import { connectionDoctor } from '../../src/doctor/index.ts';
import { setSpareDoctor } from '../../src/enet/internal.ts';
import { noteDiagnosis, takeFalseAlarm } from './diagnoses.ts';

setSpareDoctor(connectionDoctor({ onDiagnosis: ({ message }) => noteDiagnosis(message) }));

afterAll(() => {
  const alarm = takeFalseAlarm();
  if (alarm !== undefined) throw new Error(alarm);
});
