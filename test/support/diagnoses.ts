/** What the doctors of `watchDoctors.ts` said in this test file. */

/** The messages so far. */
export const diagnosed: string[] = [];

let reason: string | undefined;

/** Says that hosts of this test file get what a doctor reports, and why. */
export function expectDiagnoses(why: string): void {
  reason = why;
}

/** Whether the file has said so. */
export function isExpected(): boolean {
  return reason !== undefined;
}
