/** What nodes ask each other about handoffs: names, answers, and large things in pieces. */
import { isIntegerIn } from '../../../options/internal.ts';
import { HandoffError, HandoffErrorCode } from './handoffErrors.ts';
import type { HandoffNode } from './handoffNode.ts';
import { decodeMessage, encodeMessage, isTable } from './image.ts';

/** A question or an answer. */
export type Message = Readonly<Record<string, unknown>>;

/** The questions. */
export const Ask = {
  /** Whether a room, or a player, may come. */
  PREPARE: 'handoff.prepare',
  /** A piece of it. */
  PIECE: 'handoff.piece',
  /** The last piece: it is the other node's from now on. */
  ACTIVATE: 'handoff.activate',
  /** It does not come. Answered with whether it came already. */
  ABORT: 'handoff.abort',
  /** A player has come. */
  ARRIVED: 'handoff.arrived',
} as const;

/** Asks a node. @throws HandoffError (as rejection) that the other side answered with, or UNREACHABLE. */
export async function ask(
  node: HandoffNode,
  to: string,
  name: string,
  message: Message,
  timeoutMs: number,
): Promise<Message> {
  let bytes: Uint8Array;
  try {
    bytes = await node.request(to, name, encodeMessage(message), timeoutMs);
  } catch (error) {
    throw new HandoffError('UNREACHABLE', `${to} does not answer ${name}: ${String(error)}`, {
      cause: error,
    });
  }
  const answer = decodeMessage(bytes);
  const { error } = answer;
  if (!isTable(error)) return answer;
  const code = Object.values(HandoffErrorCode).find((known) => known === error['code']) ?? 'FAILED';
  throw new HandoffError(code, String(error['message']));
}

/** Answers a question; what is thrown the other side is told. */
export function answer(
  node: HandoffNode,
  name: string,
  handler: (message: Message) => Promise<Message>,
): void {
  node.onRequest(name, async (bytes) => {
    try {
      return encodeMessage(await handler(decodeMessage(bytes)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return encodeMessage({
        error: { code: error instanceof HandoffError ? error.code : 'FAILED', message },
      });
    }
  });
}

/** Sends bytes in pieces that a bus takes. @returns the last one, for {@link Ask.ACTIVATE}. */
export async function sendPieces(
  node: HandoffNode,
  to: string,
  transfer: string,
  bytes: Uint8Array,
  timeoutMs: number,
): Promise<Message> {
  const count = Math.max(1, Math.ceil(bytes.length / PIECE_BYTES));
  const pieceOf = (index: number): Message => {
    const piece = bytes.slice(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    return { transfer, index, count, bytes: piece };
  };
  for (let index = 0; index < count - 1; index++) await ask(node, to, Ask.PIECE, pieceOf(index), timeoutMs);
  return pieceOf(count - 1);
}

/** Pieces that come in. */
export class Pieces {
  readonly #most: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #count = 0;

  /** @param most bytes of all of them. */
  constructor(most: number) {
    this.#most = most;
  }

  /** One more; one that is there already is fine. @throws HandoffError MALFORMED, TOO_LARGE */
  add({ index, count, bytes }: Message): void {
    if (
      !isIntegerIn(count, 1, MOST_PIECES) ||
      !isIntegerIn(index, 0, MOST_PIECES) ||
      !(bytes instanceof Uint8Array)
    )
      throw new HandoffError('MALFORMED', 'what came is no piece');
    if (index < this.#pieces.length) return;
    if (index !== this.#pieces.length) throw new HandoffError('MALFORMED', `piece ${index} comes too early`);
    if (this.#bytes + bytes.length > this.#most)
      throw new HandoffError('TOO_LARGE', `more than ${this.#most} bytes came`);
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    this.#count = count;
  }

  /** All of them. @throws HandoffError MALFORMED when some are missing. */
  take(): Uint8Array {
    if (this.#count === 0 || this.#pieces.length !== this.#count)
      throw new HandoffError('MALFORMED', `${this.#pieces.length} of ${this.#count} pieces came`);
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    return whole;
  }
}

/** Below what a bus takes, with what frames need. */
const PIECE_BYTES = 393_216;
const MOST_PIECES = 256;
