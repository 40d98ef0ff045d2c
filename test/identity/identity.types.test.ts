/** What must compile for players and tokens, and what must not. Checked by tsc. */
import {
  LoginRefusal,
  type Missed,
  PlayerDirectory,
  SessionTokens,
  type TokenKey,
  TokenRefusalReason,
  type TokenSigner,
} from '../../src/rooms.ts';

// What is kept has a type.
const players = new PlayerDirectory<{ goal: number }>();
players.keep('ada', { goal: 1 }, 8);
// @ts-expect-error it is another event
players.keep('ada', { gaol: 1 }, 8);

const result = players.login('ada', 1, 0, { session: undefined, graceMs: undefined });
if (result.kind === 'returned') {
  const missed: Missed<{ goal: number }> = result.missed;
  const room: string | undefined = result.away.room;
  void [missed, room];
}
if (result.kind === 'refused') {
  const reason: LoginRefusal = result.reason;
  void (reason === LoginRefusal.PRESENT);
  // @ts-expect-error nobody was replaced
  void result.replaced;
}
// @ts-expect-error there is no such policy
void new PlayerDirectory({ secondLogin: 'both seats' });
// @ts-expect-error connections end in one of four ways
players.ended(1, 'closed', 0);

const restored = PlayerDirectory.restore(players.snapshot(0), 0);
restored.keep('ada', { goal: 1 }, 8);

// A key is a secret or a pair, not both.
const secret: TokenKey = { id: 'a', algorithm: 'HS256', secret: new Uint8Array(32) };
const pair: TokenKey = { id: 'b', algorithm: 'ES256', publicKey: { kty: 'EC' } };
// @ts-expect-error HMAC has no public key
const mixed: TokenKey = { id: 'c', algorithm: 'HS256', publicKey: '' };
// @ts-expect-error there is no token without a signature
const none: TokenKey = { id: 'd', algorithm: 'none' };
void [mixed, none];

const signer: TokenSigner = {
  sign: async ({ player }) => player,
  verify: async () => ({ ok: false, reason: TokenRefusalReason.MALFORMED }),
};
void new SessionTokens({ signer });
const tokens = new SessionTokens({ keys: [secret, pair], issuer: undefined });
const session = await tokens.verify(undefined);
if (session.ok) void session.player.length;
// @ts-expect-error of a refusal there is no player
else void session.player;
const next = await tokens.issue('ada').then((issued) => tokens.refresh(issued.session));
if (next?.ok) void next.token.length;
