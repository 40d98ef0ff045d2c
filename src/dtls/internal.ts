/** The internal door of src/dtls, for the other rooms of this package: nothing of it is public API. Re-exports only. */
export { type CapturedRecord, CapturedSessions } from './capturedSessions.ts';
export { DtlsClientEndpoint } from './clientEndpoint.ts';
export { DtlsSocket } from './dtlsSocket.ts';
export { readKeyLog } from './handshake/keyLogLine.ts';
export { Certificate } from './identity/certificate.ts';
export { findCredentialsProblem } from './identity/credentials.ts';
export { namesOf } from './identity/hostName.ts';
export { createIdentityCheck } from './identity/verifyChain.ts';
