/**
 * What a player of a live game notes, in the engine or of ours, in one form:
 *
 * `connected ID`, `failed`, `lost`, `+ID`, `-ID` (peers), `?ID` (authenticating), `!ID` (authentication failed), `auth ID HEX`,
 * `bytes ID SIZE MD5`, `PATH.METHOD SENDER ARGUMENTS` (a call; arguments as `var_to_str` writes them).
 */
import { createHash } from 'node:crypto';
import { bytesToVar, type VariantValue, varToStr } from '../../../codec/index.ts';
import { bytes, hex } from '../../support/hex.ts';

/** A call that arrived, before it became a line. */
export interface HeardCall {
  readonly method: string;
  readonly sender: number;
  /** The arguments, an Array, as bytes. */
  readonly args: string;
}

/** A player, or the server. */
export abstract class Player {
  readonly name: string;
  readonly log: string[] = [];
  readonly calls: HeardCall[] = [];
  /** Which marks came from whom: `SENDER NUMBER`. */
  readonly marks = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** The id it was given last; 0 before. */
  get id(): number {
    return Number(this.log.findLast((line) => line.startsWith('connected '))?.split(' ')[1] ?? 0);
  }

  /** Notes a call. */
  heard(at: string, method: string, sender: number, args: string): void {
    const values = bytesToVar(bytes(args), { exact: true });
    if (method === 'mark') this.marks.add(`${sender} ${varToStr(values)}`);
    else {
      this.calls.push({ method, sender, args });
      this.log.push(`${at}.${method} ${sender} ${varToStr(values)}`);
    }
  }

  /** Waits until a line was noted, at `from` or later. */
  async until(line: string, from = 0): Promise<void> {
    await until(
      () => this.log.indexOf(line, from) >= 0,
      () => `${this.name}: ${line}; it noted\n${this.log.slice(from).join('\n')}`,
    );
  }

  /** Waits until so many lines were noted since `from`, and gives them. */
  async lines(from: number, count: number): Promise<string[]> {
    await until(
      () => this.log.length >= from + count,
      () => `${this.name}: ${count} lines; it noted\n${this.log.slice(from).join('\n')}`,
    );
    return this.log.slice(from);
  }

  /** Calls `rpc_id` of a node; 0 stands for all. */
  abstract rpc(
    path: string,
    target: number,
    method: string,
    ...args: readonly VariantValue[]
  ): Promise<number>;
  /** Calls a method of a node by the engine's name. */
  abstract node(path: string, method: string, ...args: readonly VariantValue[]): Promise<VariantValue>;
  /** Adds a node with the script of the game. */
  abstract grow(parent: string, name: string): Promise<void>;
  /** Calls a method of the SceneMultiplayer by the engine's name. */
  abstract api(method: string, ...args: readonly VariantValue[]): Promise<VariantValue>;
  /** Connects to a server in a browser's way. */
  abstract join(url: string): Promise<number>;
  /** Closes the connection. */
  abstract leave(): Promise<void>;
  /** Has an auth callback, which notes, or none; and so many seconds for it. */
  abstract ask(asks: boolean, seconds: number): Promise<void>;
  /** Drops the transport, whatever it does. Nothing is noted of it. */
  abstract forget(): Promise<void>;
}

/** Waits for something that the network will bring. */
export async function until(isTrue: () => boolean, what: () => string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within 10 s: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What `bytes` lines say of some bytes: the MD5 of their hex text. */
export function md5(data: Uint8Array): string {
  return createHash('md5').update(hex(data)).digest('hex');
}
