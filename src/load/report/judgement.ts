/** Whether a limit of a run was kept. */

/** A limit, and what came. */
export interface Judgement {
  /** What is limited, as `rtt p99`. */
  readonly name: string;
  /** The unit of both numbers. */
  readonly unit: 'ms' | '%' | 'MiB' | '';
  /** The limit. */
  readonly limit: number;
  /** What came; null: it was not measured. */
  readonly value: number | null;
  /** Whether it was kept. */
  readonly isKept: boolean;
}
