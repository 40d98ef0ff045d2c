/** The rules of the arena: numbers that server, bots and tests share. Lengths are in pixels of the field. */

/** Ticks of the server per second. */
export const TICK_HZ = 30;
/** How fast a player runs, per second. */
export const SPEED = 170;
/** A player is a circle. */
export const RADIUS = 12;
/** How far a shot reaches. */
export const RANGE = 1000;
/** What a player has at first. */
export const FULL_HEALTH = 100;
/** What a hit takes: the third one is the last. */
export const DAMAGE = 34;
/** Seconds between two shots of a player. */
export const COOLDOWN_SEC = 0.3;
/** Seconds until a player who was hit down is back. */
export const RESPAWN_SEC = 2;
/** Seconds without a word from a client after which its player stands still. */
export const STALE_SEC = 3;
/** Seconds that a client has to say its name. */
export const INTRODUCE_SEC = 10;
/** Players in one arena; whoever comes then is in another one. */
export const ROOM_PLAYERS = 16;
/** Milliseconds that the place of a player is kept whose connection broke. */
export const GRACE_MS = 20_000;
/** Clients at once over each transport, unless `--clients` says otherwise. */
export const MAX_CLIENTS = 32;
/** Characters of a name. */
export const MAX_NAME = 16;
/** Characters of a line of chat. */
export const MAX_CHAT = 120;
/** Characters of what an operator says: as many as the console takes. */
export const MAX_NOTICE = 2000;
/** Lines of chat that a player may say at once; one more comes each second. */
export const CHAT_BURST = 5;
/** Lines of chat that a newcomer is told. */
export const CHAT_HISTORY = 12;

/** The name that is taken of what a client says: without control characters, trimmed, bounded, never empty. */
export function cleanName(text: string): string {
  return cleanLine(text, MAX_NAME) || 'Player';
}

/** A line of chat that is taken of what a client says; `''` for none. */
export function cleanLine(text: string, most: number): string {
  // The text is cut first: what follows costs as much as it is long. Whole characters are left.
  return [
    ...text
      .slice(0, 4 * most)
      .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
      .trim(),
  ]
    .slice(0, most)
    .join('');
}
