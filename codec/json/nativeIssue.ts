/** How the native notation reports what it could not convert (docs/protocol/variant-codec 8.4). */

/** One place that became null. Errors never abort the surrounding structure. */
export interface NativeIssue {
  /** Where: `$` is the whole value, `$[2]` an element, `$.args[2]` an element of `args`. */
  readonly path: string;
  /** What was wrong, for people. */
  readonly message: string;
}

/** The way from the top to the place being converted, and those that want to hear of errors there. */
export class NativeTrail {
  readonly #steps: (string | number)[] = [];
  readonly #ancestors = new Set<object>();
  readonly #onError: ((issue: NativeIssue) => void) | undefined;

  /** @param onError - Called once for each place that became null or was dropped. */
  constructor(onError: ((issue: NativeIssue) => void) | undefined) {
    this.#onError = onError;
  }

  /** How many steps deep the current place lies in containers. */
  get depth(): number {
    return this.#ancestors.size;
  }

  /** Goes into a container; `false` (and an error) when it is inside itself already. */
  enter(container: object): boolean {
    if (this.#ancestors.has(container)) {
      this.fail('a container inside itself');
      return false;
    }
    this.#ancestors.add(container);
    return true;
  }

  /** Comes out of a container. */
  leave(container: object): void {
    this.#ancestors.delete(container);
  }

  /** Steps to a member of the current container. */
  push(step: string | number): void {
    this.#steps.push(step);
  }

  /** Steps back. */
  pop(): void {
    this.#steps.pop();
  }

  /** Reports an error here; returns the null that stands in for the value. */
  fail(message: string): null {
    this.#onError?.({ path: this.path(), message });
    return null;
  }

  /** The current place as text. */
  path(): string {
    return this.#steps.reduce<string>(
      (text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`),
      '$',
    );
  }
}
