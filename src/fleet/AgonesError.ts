/** Why Agones' sidecar did not do what it was asked. docs/errors.md, "Agones", explains each. */

/** The stable names of all reasons. */
export const AgonesErrorCode = {
  /** Nobody listens where the sidecar should be. */
  UNREACHABLE: 'UNREACHABLE',
  /** The sidecar took the request and did not answer in time. */
  TIMEOUT: 'TIMEOUT',
  /** The connection broke before the answer was whole: nobody knows whether it was done. Also the end of a stream. */
  LOST: 'LOST',
  /** The sidecar answered with a status that is no success. */
  REFUSED: 'REFUSED',
  /** The answer is none of Agones' sidecar. */
  BAD_ANSWER: 'BAD_ANSWER',
  /** `close()` was called before or meanwhile. */
  CLOSED: 'CLOSED',
} as const;

/** One of the names of {@link AgonesErrorCode}. */
export type AgonesErrorCode = (typeof AgonesErrorCode)[keyof typeof AgonesErrorCode];

/** Agones' sidecar did not do what it was asked. */
export class AgonesError extends Error {
  /** Why. */
  readonly code: AgonesErrorCode;
  /** The HTTP status of the answer; 0 without one. */
  readonly status: number;

  /** @param code why. @param status the HTTP status, where there is one. */
  constructor(code: AgonesErrorCode, message: string, status: number = 0, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgonesError';
    this.code = code;
    this.status = status;
  }
}

/** Whether the sidecar may do the same later, and certainly has not done it: it is not there yet, or says that it is not ready. */
export function isNotYet(error: unknown): boolean {
  return (
    error instanceof AgonesError &&
    (error.code === AgonesErrorCode.UNREACHABLE || error.status === UNAVAILABLE)
  );
}

const UNAVAILABLE = 503;
