/**
 * Name constraints (RFC 5280, section 4.2.1.10): for which names an authority may issue. mbedTLS does not know them and
 * refuses them where they are critical; here they are evaluated, critical or not. Names of a kind that is not evaluated
 * (mail, URI and others) are refused below an authority that constrains that kind.
 */

import { childrenOf, DerError, DerTag, readElement, readElements } from './der.ts';
import { type GeneralName, lowerAscii, readGeneralName } from './generalNames.ts';

/** What an authority may issue for. */
export interface NameConstraints {
  /** Names of a kind that is listed here must be within one of these. */
  readonly permitted: readonly GeneralName[];
  /** No name may be within one of these. */
  readonly excluded: readonly GeneralName[];
}

/**
 * Reads the extension.
 *
 * @throws DerError when it is damaged, or has a distance, which RFC 5280 forbids.
 */
export function readNameConstraints(bytes: Uint8Array): NameConstraints {
  let permitted: readonly GeneralName[] = [];
  let excluded: readonly GeneralName[] = [];
  for (const { tag, content } of childrenOf(readElement(bytes), DerTag.SEQUENCE)) {
    if (tag === PERMITTED_TAG) permitted = readSubtrees(content);
    else if (tag === EXCLUDED_TAG) excluded = readSubtrees(content);
    else throw new DerError('bad name constraints');
  }
  return { permitted, excluded };
}

/**
 * Looks for a name that an authority may not issue for.
 *
 * @returns the first one, for a message that is not yet {@link printable}; undefined when all are fine.
 */
export function findForbiddenName(
  { permitted, excluded }: NameConstraints,
  names: readonly GeneralName[],
): string | undefined {
  if ((permitted.length + excluded.length) * names.length > MAX_COMPARISONS) return 'that many names';
  const forbidden = names.find((name) => isForbidden(permitted, excluded, name));
  return forbidden && textOf(forbidden);
}

function isForbidden(
  permitted: readonly GeneralName[],
  excluded: readonly GeneralName[],
  name: GeneralName,
): boolean {
  if (excluded.some((tree) => mayBeWithin(tree, name))) return true;
  const sameKind = permitted.filter((tree) => isSameKind(tree, name));
  return sameKind.length > 0 && !sameKind.some((tree) => isWithin(tree, name));
}

function isSameKind(tree: GeneralName, name: GeneralName): boolean {
  return tree.kind === name.kind && (tree.kind !== 'other' || tree.value === name.value);
}

/** Whether every host that a name stands for is within a subtree. */
function isWithin(tree: GeneralName, name: GeneralName): boolean {
  if (tree.kind === 'dns' && name.kind === 'dns') return isDnsWithin(tree.value, name.value);
  if (tree.kind === 'ip' && name.kind === 'ip') return isAddressWithin(tree.value, name.value);
  if (tree.kind === 'directory' && name.kind === 'directory') {
    const { parts } = name.value;
    return tree.value.parts.every((part, index) => part === parts[index]);
  }
  return false;
}

/** Whether one of the hosts that a name stands for is within a subtree. What cannot be evaluated may be. */
function mayBeWithin(tree: GeneralName, name: GeneralName): boolean {
  if (!isSameKind(tree, name)) return false;
  if (tree.kind === 'other' || tree.kind === 'uri') return true;
  if (tree.kind !== 'dns' || name.kind !== 'dns') return isWithin(tree, name);
  // "*.example.org" stands for "a.example.org", too, which may be what is excluded.
  const wild = name.value.startsWith('*.') ? normal(name.value.slice(1)) : undefined;
  const host = normal(tree.value).replace(/^\./, '');
  return (
    isDnsWithin(tree.value, name.value) || (wild !== undefined && host.slice(host.indexOf('.')) === wild)
  );
}

/** "example.org" has itself and all below it in its tree, ".example.org" only what is below, "" everything. */
function isDnsWithin(tree: string, name: string): boolean {
  const wanted = normal(tree);
  const given = normal(name);
  if (wanted === '' || given === wanted) return true;
  return given.endsWith(wanted.startsWith('.') ? wanted : `.${wanted}`);
}

/** In one case, without the dot of the root. */
function normal(name: string): string {
  return lowerAscii(name).replace(/\.$/, '');
}

function isAddressWithin(tree: Uint8Array, address: Uint8Array): boolean {
  const { length } = address;
  if (tree.length !== 2 * length) return false;
  return address.every((byte, index) => (((tree[index] ?? 0) ^ byte) & (tree[length + index] ?? 0)) === 0);
}

function readSubtrees(bytes: Uint8Array): GeneralName[] {
  return readElements(bytes).map((subtree) => {
    const [base, ...distances] = childrenOf(subtree, DerTag.SEQUENCE);
    if (base === undefined || distances.length > 0) throw new DerError('bad name constraints');
    const name = readGeneralName(base);
    if (name.kind === 'ip' && name.value.length !== 8 && name.value.length !== 32) {
      throw new DerError('bad address constraint');
    }
    return name;
  });
}

function textOf(name: GeneralName): string {
  if (name.kind === 'ip') return `the address ${Buffer.from(name.value).toString('hex')}`;
  if (name.kind === 'directory') return name.value.commonNames[0] ?? 'its subject';
  if (name.kind === 'other') return 'a name of another kind';
  return name.value;
}

const PERMITTED_TAG = 0xa0;
const EXCLUDED_TAG = 0xa1;
/** A server chooses what it sends: what it costs to look at it is bounded. */
const MAX_COMPARISONS = 250_000;
