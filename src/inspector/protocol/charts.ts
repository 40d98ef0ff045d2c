/** Numbers over time. */

/** A line of a chart. */
export interface Series {
  /** Stays, e.g. `datagramsIn`, `call:attack`. */
  readonly name: string;
  readonly label: string;
  /** Lines of one group share a chart. */
  readonly group: 'datagrams' | 'bytes' | 'peers' | 'roundTrip' | 'loss' | 'cpu' | 'loop' | 'tick' | 'calls';
  readonly unit: '/s' | 'bytes/s' | 'ms' | 'percent' | '';
}

/** See {@link ChartsView}. Comes again when the lines are others. */
export interface ChartsMessage {
  readonly type: 'charts';
  readonly server: number;
  readonly series: readonly Series[];
  /** Wall clock of each row, one per second, at most 900. */
  readonly timesMs: readonly number[];
  /** By line, then by row; null: not known. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** One more second, in the order of the last {@link ChartsMessage}'s lines. */
export interface ChartsRowMessage {
  readonly type: 'chartsRow';
  readonly server: number;
  readonly timeMs: number;
  readonly values: readonly (number | null)[];
}
