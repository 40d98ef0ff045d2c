/** What options of engines over a network have in common, and what is wrong with them. */
import { checkInteger, checkOptions, describe, type OptionNames } from '../../options/internal.ts';

/** The default of `leaseMs` of all engines. */
export const LEASE_MS = 4000;

/** Texts in PEM, and a name, of one side of TLS. */
interface Tls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
}

/** @throws RangeError for what no lease lasts. */
export function checkLeaseMs(leaseMs: number): void {
  checkInteger('leaseMs', leaseMs, 100, 600_000);
}

/** How long leases and answers last, with defaults. @throws TypeError or RangeError naming the option. */
export function timesOf(options: {
  readonly leaseMs?: number | undefined;
  readonly commandTimeoutMs?: number | undefined;
}): { readonly leaseMs: number; readonly commandTimeoutMs: number } {
  const { leaseMs = LEASE_MS } = options;
  checkLeaseMs(leaseMs);
  const { commandTimeoutMs = Math.min(2000, Math.floor(leaseMs / 2)) } = options;
  checkInteger('commandTimeoutMs', commandTimeoutMs, 20, 60_000);
  if (commandTimeoutMs > leaseMs)
    throw new RangeError(
      `"commandTimeoutMs" expected at most "leaseMs", ${leaseMs}, got ${commandTimeoutMs}`,
    );
  return { leaseMs, commandTimeoutMs };
}

/** @throws TypeError for what is there and no text. */
export function checkText(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string')
    throw new TypeError(`"${name}" expected a text, got ${describe(value)}`);
}

/** @throws TypeError naming the option. */
export function checkTls(tls: Tls): void {
  checkOptions(tls, TLS_NAMES, 'tls');
  for (const [name, value] of Object.entries(tls)) checkText(`tls.${name}`, value);
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new TypeError('"tls.cert" and "tls.key" expected both or none');
}

const TLS_NAMES: OptionNames<Tls> = { ca: true, cert: true, key: true, serverName: true };
