/** The compression of the host of a thread. docs/decisions/0004-network-thread.md. */
import type { Host } from '../enet/index.ts';
import { createCompressor, prepareZstd } from '../io/internal.ts';

/** Sets compressors, also one that is only there after a while. */
export class CompressionSetting {
  readonly #host: Host;
  readonly #complain: (message: string) => void;
  #mode = 0;
  #isStopped = false;

  /** @param complain tells the application why a mode cannot be had. */
  constructor(host: Host, complain: (message: string) => void) {
    this.#host = host;
    this.#complain = complain;
  }

  /** Selects a mode; what cannot be had is told to the application and leaves the host as it was. */
  select(mode: number): void {
    this.#mode = mode;
    try {
      this.#host.setCompressor(createCompressor(mode));
    } catch (error) {
      if (mode === ZSTD) this.#awaitZstd();
      else this.#complain(messageOf(error));
    }
  }

  /** Nothing comes later any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** WebAssembly cannot start synchronously. */
  #awaitZstd(): void {
    prepareZstd().then(
      () => {
        if (this.#mode === ZSTD && !this.#isStopped) this.#host.setCompressor(createCompressor(ZSTD));
      },
      (error: unknown) => this.#complain(messageOf(error)),
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const ZSTD = 4;
