/**
 * The doctor of hosts that were given none. For the tests of this package alone, which put one on every host to show that
 * it gives no false alarm; a program that wants a doctor says so in `HostOptions.doctor`. It is asked once for each host
 * that is made, never for a datagram.
 */
import type { MakeHostDoctor } from './hostDoctor.ts';

let spare: MakeHostDoctor | undefined;

/** Makes the doctor of every host from now on that is given none; `undefined`: they have none, as at the start. */
export function setSpareDoctor(make: MakeHostDoctor | undefined): void {
  spare = make;
}

/** What makes the doctor of a host that was given none. */
export function spareDoctor(): MakeHostDoctor | undefined {
  return spare;
}
