/** What the driver of a chaos run says to its nodes, and how they answer. */

/** Something to do. */
export type Order =
  | { readonly do: 'create' | 'end'; readonly room: string }
  | { readonly do: 'reserve'; readonly room: string; readonly player: string }
  | { readonly do: 'census' | 'state' | 'close' };

/** The answer to an order: its value, or the code of an error. Number 0: the node is there. */
export interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/** How many seats a match has. */
export const SEATS = 4;

/** The monotonic clock that all processes of the machine share, in milliseconds. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
