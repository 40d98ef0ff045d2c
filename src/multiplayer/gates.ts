/**
 * Subtrees that are closed for a peer, until the game says that it has loaded them. A stock client says so by nothing else
 * than a call of the game.
 */
import type { MirrorNode } from '../../schema/index.ts';

/** One who waits for {@link Gates.whenOpen}. */
interface Waiting {
  readonly path: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What is closed for whom. Paths are absolute. */
export class Gates {
  readonly #closed = new Map<number, Set<string>>();
  readonly #waiting = new Map<number, Waiting[]>();

  /** Closes a node and everything below it. */
  close(peer: number, path: string): void {
    const paths = this.#closed.get(peer);
    if (paths !== undefined) paths.add(path);
    else this.#closed.set(peer, new Set([path]));
  }

  /** Opens what was closed under this path. Those who wait are told. @returns whether it was closed. */
  open(peer: number, path: string): boolean {
    const paths = this.#closed.get(peer);
    if (paths?.delete(path) !== true) return false;
    if (paths.size === 0) this.#closed.delete(peer);
    const waiting = this.#waiting.get(peer) ?? [];
    const still = waiting.filter((one) => this.isPathClosed(peer, one.path));
    if (still.length > 0) this.#waiting.set(peer, still);
    else this.#waiting.delete(peer);
    for (const one of waiting) if (!still.includes(one)) one.resolve();
    return true;
  }

  /** Whether nothing may be sent about a node. */
  isClosed(peer: number, node: MirrorNode): boolean {
    return this.#closed.has(peer) && this.isPathClosed(peer, node.getPath().toString());
  }

  /** Whether a path is closed, or lies below one that is. */
  isPathClosed(peer: number, path: string): boolean {
    for (const closed of this.#closed.get(peer) ?? []) if (isWithin(path, closed)) return true;
    return false;
  }

  /** Resolves once a path is open; at once when it is. Rejects when the peer leaves. */
  whenOpen(peer: number, path: string): Promise<void> {
    if (!this.isPathClosed(peer, path)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const one = { path, resolve, reject };
      const waiting = this.#waiting.get(peer);
      if (waiting !== undefined) waiting.push(one);
      else this.#waiting.set(peer, [one]);
    });
  }

  /** A peer is gone. */
  forgetPeer(peer: number): void {
    this.#closed.delete(peer);
    const waiting = this.#waiting.get(peer) ?? [];
    this.#waiting.delete(peer);
    for (const { path, reject } of waiting)
      reject(new Error(`the peer ${peer} left before ${path} was open for it`));
  }

  /** Everybody is gone. */
  clear(): void {
    this.#closed.clear();
    for (const peer of [...this.#waiting.keys()]) this.forgetPeer(peer);
  }
}

/** Whether an absolute path is another one or lies below it. */
export function isWithin(path: string, above: string): boolean {
  return path === above || path.startsWith(above === '/' ? above : `${above}/`);
}
