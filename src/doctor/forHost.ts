/** The option `doctor` of a host. */
import { checkOptions, type OptionNames } from '../../options/internal.ts';
import type { MakeHostDoctor } from '../enet/index.ts';
import { ConnectionDoctor } from './ConnectionDoctor.ts';
import type { Diagnosis, HostKind } from './diagnosis.ts';

/** What a host tells about remotes that cannot reach it. */
export interface HostDoctorOptions {
  /**
   * Gets each {@link Diagnosis} once per address and port. Called from inside the host: it must be quick, must not throw and must
   * not call the host.
   */
  readonly onDiagnosis: (diagnosis: Diagnosis) => void;
  /** What stands behind the host; without it clients of another kind are not told. */
  readonly kind?: HostKind | undefined;
}

/**
 * The connection doctor as {@link HostOptions.doctor}: `new Host({ doctor: connectionDoctor({ onDiagnosis }), ... })`.
 *
 * @param options who gets the diagnoses.
 * @returns what makes a {@link ConnectionDoctor} for a host.
 */
export function connectionDoctor(options: HostDoctorOptions): MakeHostDoctor {
  checkOptions(options, DOCTOR_OPTION_NAMES);
  return (host) =>
    new ConnectionDoctor({
      ...options,
      compressor: () => host.compressor,
      hasChecksum: host.hasChecksum,
      channelLimit: () => host.channelLimit,
    });
}

/** The names of {@link HostDoctorOptions}. */
export const DOCTOR_OPTION_NAMES: OptionNames<HostDoctorOptions> = { onDiagnosis: true, kind: true };
