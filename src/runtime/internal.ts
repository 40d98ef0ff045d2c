/** The internal door of src/runtime, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { checkSecureLimits } from './secureTransport.ts';
export { checkThreadLimits } from './threadLimits.ts';
