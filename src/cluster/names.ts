/** What names and sizes a bus takes: the same for all engines. */
import { describe } from '../../options/internal.ts';
import { MAX_BUS_MESSAGE, MAX_BUS_VALUE } from './bus.ts';
import { BusError } from './busErrors.ts';
import { Lease } from './Lease.ts';

/** A key in its parts. @throws RangeError for what is no key. */
export function partsOfKey(key: string, what = 'key'): { readonly kind: string; readonly name: string } {
  const found = typeof key === 'string' ? KEY.exec(key) : undefined;
  if (found?.[1] === undefined || found[2] === undefined)
    throw new RangeError(`"${what}" expected kind/name of printable ASCII, got ${describe(key)}`);
  return { kind: found[1], name: found[2] };
}

/** @throws RangeError for what is no kind of keys. */
export function checkKind(kind: string): void {
  if (typeof kind !== 'string' || !KIND.test(kind))
    throw new RangeError(`"kind" expected 1..32 of a-z, 0-9, _ and -, got ${describe(kind)}`);
}

/** @throws TypeError for what is no text; BusError TOO_LARGE. */
export function checkValue(value: string): void {
  if (typeof value !== 'string') throw new TypeError(`"value" expected a text, got ${describe(value)}`);
  const size = value.length > MAX_BUS_VALUE ? value.length : new TextEncoder().encode(value).length;
  if (size > MAX_BUS_VALUE)
    throw new BusError('TOO_LARGE', `a value has ${size} bytes, at most ${MAX_BUS_VALUE} are allowed`);
  if (LONE_SURROGATE.test(value)) throw new RangeError('"value" expected well-formed text, got half a pair');
}

/** What a claim is made with. @throws TypeError or RangeError naming the parameter; BusError TOO_LARGE. */
export function checkClaim(
  key: string,
  value: string,
  under: Lease | undefined,
  from: number | undefined,
): void {
  partsOfKey(key);
  checkValue(value);
  if (under !== undefined) checkRoot(under, 'under');
  if (from !== undefined && !Number.isSafeInteger(from))
    throw new RangeError(`"from" expected the epoch of a claim, got ${describe(from)}`);
}

/** @throws TypeError for what is no lease; RangeError for one that is under another. */
export function checkRoot(lease: Lease, what = 'root'): void {
  if (!(lease instanceof Lease)) throw new TypeError(`"${what}" expected a Lease, got ${describe(lease)}`);
  if (lease.under !== undefined)
    throw new RangeError(`"${what}" expected a lease that is under no other, got ${lease.key}`);
}

/** @throws TypeError for what is no lease. */
export function checkLease(lease: Lease): void {
  if (!(lease instanceof Lease)) throw new TypeError(`"lease" expected a Lease, got ${describe(lease)}`);
}

/** @throws TypeError for what is no lease, or no list; RangeError for what is not under that root. */
export function checkLeases(root: Lease, leases: readonly Lease[]): void {
  checkRoot(root);
  if (!Array.isArray(leases)) throw new TypeError(`"leases" expected an array, got ${describe(leases)}`);
  for (const lease of leases)
    if (!(lease instanceof Lease) || lease.under !== root) {
      const got = lease instanceof Lease ? lease.key : lease;
      throw new RangeError(`"leases" expected leases under ${root.key}, got ${describe(got)} among them`);
    }
}

/** @throws TypeError for what is no function. */
export function checkListener(listener: unknown): void {
  if (typeof listener !== 'function')
    throw new TypeError(`"listener" expected a function, got ${describe(listener)}`);
}

/** @throws TypeError for what are no bytes; BusError TOO_LARGE. */
export function checkMessage(bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`"bytes" expected a Uint8Array, got ${describe(bytes)}`);
  if (bytes.length > MAX_BUS_MESSAGE)
    throw new BusError(
      'TOO_LARGE',
      `a message has ${bytes.length} bytes, at most ${MAX_BUS_MESSAGE} are allowed`,
    );
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const KIND = /^[a-z0-9_-]{1,32}$/;
const KEY = /^([a-z0-9_-]{1,32})\/([\x21-\x7e]{1,160})$/;
