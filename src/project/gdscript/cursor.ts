/** A place in a list of tokens. */
import type { Token, TokenKind } from './tokens.ts';

/** Walks over tokens; stands at the end when all were taken. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @param tokens - At least one; the last one is of the kind `end`. */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token where it stands, or one behind that. */
  peek(ahead: number = 0): Token {
    // There is an end, and nobody goes beyond it.
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  /** Where it stands, for {@link Cursor.back}. */
  get mark(): number {
    return this.#at;
  }

  /** Goes back to where it stood. */
  back(mark: number): void {
    this.#at = mark;
  }

  /** The token where it stands; goes on. */
  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Whether a symbol stands here. */
  is(symbol: string): boolean {
    const { kind, text } = this.peek();
    return kind === 'symbol' && text === symbol;
  }

  /** Whether a word stands here. */
  isWord(word: string): boolean {
    const { kind, text } = this.peek();
    return kind === 'name' && text === word;
  }

  /** Goes over a symbol or a word, if it stands here. */
  skip(text: string): boolean {
    if (!this.is(text) && !this.isWord(text)) return false;
    this.#at++;
    return true;
  }

  /** The text of a token of a kind, if one stands here; goes on. */
  takeIf(kind: TokenKind): Token | undefined {
    return this.peek().kind === kind ? this.take() : undefined;
  }

  /** Whether another logical line begins here, or all ends. */
  isAtLine(): boolean {
    const { kind, indent } = this.peek();
    return kind === 'end' || indent >= 0;
  }

  /** Goes to the end of the logical line. */
  skipLine(): void {
    while (!this.isAtLine()) this.#skipOne();
  }

  /** Goes to the comma or the closing bracket that ends what stands here. */
  skipItem(): void {
    while (!this.isAtLine() && !this.is(',') && !isClosing(this.peek())) this.#skipOne();
  }

  /** At the beginning of a line: goes over all that are indented deeper. */
  skipDeeper(indent: number): void {
    while (this.peek().indent > indent) {
      this.take();
      this.skipLine();
    }
  }

  /** One token, or a bracket with all that is in it. */
  #skipOne(): void {
    let depth = 0;
    do {
      const token = this.take();
      if (isOpening(token)) depth++;
      else if (isClosing(token)) depth--;
    } while (depth > 0 && this.peek().kind !== 'end');
  }
}

function isOpening({ kind, text }: Token): boolean {
  return kind === 'symbol' && (text === '(' || text === '[' || text === '{');
}

function isClosing({ kind, text }: Token): boolean {
  return kind === 'symbol' && (text === ')' || text === ']' || text === '}');
}
