/** Who a client is, and what is kept for one who comes back: part of `godot-enet/rooms`. Re-exports only. */
export {
  PLAYER_DIRECTORY_DEFAULTS,
  type PlayerDirectoryOptions,
  type PlayerDirectorySettings,
  type SecondLogin,
} from './directory/directoryOptions.ts';
export { PlayerDirectory } from './directory/PlayerDirectory.ts';
export {
  type Absence,
  type ConnectionEnd,
  type EndedSeat,
  type FreedSeat,
  type Joined,
  type LoginDetails,
  LoginRefusal,
  type LoginResult,
  type Missed,
  type PlayerState,
  type RefusedLogin,
  type Returned,
  type TookOver,
} from './directory/results.ts';
export type {
  AbsenceSnapshot,
  KeptEventSnapshot,
  PlayerDirectorySnapshot,
  SeatSnapshot,
} from './directory/snapshot.ts';
export { RevocationList, type RevocationSnapshot } from './tokens/RevocationList.ts';
export { type IssuedToken, SessionTokens } from './tokens/SessionTokens.ts';
export {
  SESSION_TOKENS_DEFAULTS,
  type SessionTokensOptions,
  type SessionTokensSettings,
} from './tokens/sessionTokensOptions.ts';
export type { KeyText, PairTokenKey, SecretTokenKey, TokenKey } from './tokens/tokenKeys.ts';
export { type TokenRefusal, TokenRefusalReason } from './tokens/tokenRefusal.ts';
export type { TokenClaims, TokenSigner, VerifiedToken } from './tokens/tokenSigner.ts';
