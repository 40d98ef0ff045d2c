/** A promise that somebody else keeps; nobody has to listen to it. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;

  constructor() {
    let own: [(value: T) => void, (error: unknown) => void] | undefined;
    this.promise = new Promise<T>((resolve, reject) => {
      own = [resolve, reject];
    });
    this.promise.catch(() => undefined);
    if (own === undefined) throw new Error('a promise calls its function at once');
    [this.#resolve, this.#reject] = own;
  }

  /** Keeps it. Only the first time counts. */
  resolve(value: T): void {
    this.#resolve(value);
  }

  /** Breaks it. */
  reject(error: unknown): void {
    this.#reject(error);
  }
}
