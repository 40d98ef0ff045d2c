/** What the doctors of `watchDoctors.ts` said in this test file. */
import type { MakeHostDoctor } from '../../src/enet/index.ts';

const said: string[] = [];
let isExpected = false;

/** Says that hosts of this test file get what a doctor reports, and why. */
export function expectDiagnoses(_why: string): void {
  isExpected = true;
}

/** Notes what a doctor said. */
export function noteDiagnosis(message: string): void {
  said.push(message);
}

/** What is wrong with the diagnoses so far, which are forgotten: `undefined` when there are none, or they were expected. */
export function takeFalseAlarm(): string | undefined {
  const messages = said.splice(0);
  if (isExpected || messages.length === 0) return undefined;
  return `the connection doctor spoke:\n${messages.slice(0, 20).join('\n')}`;
}

/** For a host that must have no doctor: this one does nothing. */
export const NO_DOCTOR: MakeHostDoctor = () => ({
  received: () => undefined,
  dropped: () => undefined,
  receivedPlain: () => undefined,
});
