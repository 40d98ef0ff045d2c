/**
 * How a bench says what it has measured: one row per figure. Every figure is a cost (time, CPU, memory): less is better, and so is
 * a ratio below 1. `bench/main.ts` gathers the rows of all benches.
 *
 * A bench takes these flags beside its own (`parseArgs({ options: { ...ROW_FLAGS, ms: ... } })`):
 *
 *   --json          rows as lines of JSON on standard output, everything else on standard error
 *   --only=PART     only rows whose name contains this; may be given more than once
 */
import { parseArgs } from 'node:util';
import { type Goal, goalOf } from './goals.ts';

/** What a bench measured. */
export interface Measured {
  /** What it is, from the general to the special: `echo, 64 peers, 4 under way, mmsg`. Unique among all benches, and stays. */
  readonly name: string;
  /** The median. */
  readonly figure: number;
  /** Of the figure, e.g. `us/packet`. */
  readonly unit: string;
  /** Whom it is compared with, in the same run: `libenet`. */
  readonly peer?: string | undefined;
  /** The peer's median, in the same unit. */
  readonly peerFigure?: number | undefined;
  /** The figure by the peer's, where the median of the ratios of single rounds says it better than the two medians. */
  readonly ratio?: number | undefined;
  /** Rounds that the medians are of. */
  readonly repeats: number;
}

/** A line of `--json`. */
export interface Row extends Measured {
  /** What the figure shall be, if anything was decided (`bench/goals.ts`). */
  readonly goal?: Goal | undefined;
  /** Whether it is; undefined without a goal, and when the peer that the goal is about was not there. */
  readonly isMet?: boolean | undefined;
}

/** The flags of every bench, for its `parseArgs`. */
export const ROW_FLAGS = {
  json: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true, default: [] as string[] },
} as const;

const { json, only } = parseArgs({ options: ROW_FLAGS, strict: false }).values;
const parts = (only ?? []).map(String);

/** Whether `--only` leaves a row in; a bench asks before it measures. */
export function isWanted(name: string): boolean {
  return parts.length === 0 || parts.some((part) => name.includes(part));
}

/** Prints a row, if it is wanted: a line of JSON, or one to read. */
export function printRow(measured: Measured): void {
  if (!isWanted(measured.name)) return;
  const row = judge(measured);
  console.log(json ? JSON.stringify(row) : describeRow(row));
}

/** Prints what is no row. */
export function say(text: string): void {
  if (json) console.error(text);
  else console.log(text);
}

/** Adds the ratio and the goal. */
export function judge(measured: Measured, goal: Goal | undefined = goalOf(measured.name)): Row {
  const { figure, peerFigure } = measured;
  const row = {
    ...measured,
    ratio: measured.ratio ?? (peerFigure === undefined ? undefined : figure / peerFigure),
  };
  if (goal === undefined) return row;
  const value = {
    figure,
    ratio: row.ratio,
    difference: peerFigure === undefined ? undefined : figure - peerFigure,
  }[goal.of];
  return { ...row, goal, isMet: value === undefined ? undefined : value <= goal.atMost };
}

/** A row as a line. */
export function describeRow(row: Row): string {
  return `${row.name}: ${cellsOf(row)
    .filter((cell) => cell !== '')
    .join('  ')}`;
}

/** What follows the name: figure, peer, ratio, goal, whether it is met; empty where there is nothing to say. */
export function cellsOf({ figure, unit, peer, peerFigure, ratio, goal, isMet }: Row): string[] {
  return [
    `${shorten(figure)} ${unit}`,
    peerFigure === undefined ? '' : `${peer} ${shorten(peerFigure)}`,
    ratio === undefined ? '' : `${ratio.toFixed(2)} x`,
    goal === undefined ? '' : `goal ${describeGoal(goal)}`,
    goal === undefined ? '' : describeVerdict(isMet, peer),
  ];
}

function describeVerdict(isMet: boolean | undefined, peer: string | undefined): string {
  if (isMet === undefined) return peer === undefined ? 'not judged' : `skipped: no ${peer}`;
  return isMet ? 'met' : 'NOT MET';
}

function describeGoal({ of, atMost }: Goal): string {
  return { figure: `<= ${atMost}`, ratio: `<= ${atMost} x`, difference: `<= + ${atMost}` }[of];
}

/** Three digits that mean something. */
function shorten(figure: number): string {
  return figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toPrecision(3);
}
