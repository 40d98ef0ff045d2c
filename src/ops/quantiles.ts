/** Numbers that are told as quantiles: as many, however much there is to tell of. */

/** Each quantile with its value; `undefined`, or none at all, while there is nothing to tell. */
export type Quantiles = readonly (readonly [quantile: string, value: number | undefined])[];

/** What is told as quantiles. */
export interface QuantileNumber {
  /** Its name without prefix. */
  readonly name: string;
  readonly help: string;
  /** Those of now. */
  read(): Quantiles;
}

/** The quantiles that are told, as Prometheus writes them; 1 is the largest. */
export const QUANTILES = ['0.5', '0.9', '0.99', '1'] as const;

/** A quantile of sorted values, by the nearest rank; `undefined` of none. */
export function quantileOf(sorted: Float64Array, quantile: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)];
}
