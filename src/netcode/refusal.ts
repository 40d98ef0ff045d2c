/** Why something that a client said to the clock was turned away. */

/** The reasons, as `NetworkTime.refusals` counts them. */
export const NetworkTimeRefusal = {
  /** `time-rate`: it asks for the time more than 30 times a second. */
  TIME_RATE: 'time-rate',
  /** `time-implausible`: times that cannot be, from before the server began, say. It was answered; nothing was learnt of it. */
  TIME_IMPLAUSIBLE: 'time-implausible',
  /** `input-rate`: more packets with inputs than `maxInputPacketsPerSec`. */
  INPUT_RATE: 'input-rate',
  /** `input-malformed`: no sequence number, not a tick for each input, or more inputs than `maxInputsPerPacket`. */
  INPUT_MALFORMED: 'input-malformed',
  /** `input-size`: more than `maxInputBytes`. */
  INPUT_SIZE: 'input-size',
  /** `input-tick`: a tick that the server has not told yet, below -1, or not a number. */
  INPUT_TICK: 'input-tick',
  /** `input-value`: `readInput` did not take it. */
  INPUT_VALUE: 'input-value',
} as const;

/** One of the reasons. */
export type NetworkTimeRefusal = (typeof NetworkTimeRefusal)[keyof typeof NetworkTimeRefusal];

/** How often each reason was met; reasons that were not are not there. */
export type NetworkTimeRefusals = Readonly<Partial<Record<NetworkTimeRefusal, number>>>;
