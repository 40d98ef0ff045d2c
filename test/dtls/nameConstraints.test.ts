/** Rows are rules of RFC 5280, section 4.2.1.10. */
import { describe, expect, test } from 'vitest';
import { createIdentityCheck } from '../../src/dtls/identity/verifyChain.ts';
import {
  type Constraints,
  directory,
  dns,
  element,
  type IssueOptions,
  ip,
  issue,
  mail,
} from '../support/certificates.ts';

type Names = NonNullable<IssueOptions['names']>;
const host = (...values: string[]): Names => values.map((value) => ({ type: 'dns', value }));
const address = (value: string): Names => [{ type: 'ip', value }];

/** The code of the problem with a server below a constrained authority, or "good". */
async function verdict(constraints: Constraints, names: Names | undefined, name = 'server'): Promise<string> {
  const root = await issue({ name: 'Root', ca: true });
  const middle = await issue({ name: 'Middle', issuer: root, ca: true, constraints });
  const leaf = await issue({ name, issuer: middle, ...(names === undefined ? {} : { names }) });
  const check = createIdentityCheck({ trust: { pem: root.certificate }, name: undefined });
  return check([leaf.der, middle.der])?.code.replace('ERR_DTLS_PEER_', '') ?? 'good';
}

describe.each([true, false])('critical: %s', (isCritical) => {
  test.each<[string, Constraints, Names | undefined, string?, string?]>([
    ['itself', { permitted: [dns('a.org')] }, host('a.org')],
    ['below', { permitted: [dns('a.org')] }, host('x.y.A.org')],
    ['another', { permitted: [dns('a.org')] }, host('b.org'), 'CONSTRAINTS'],
    ['a longer one', { permitted: [dns('a.org')] }, host('xa.org'), 'CONSTRAINTS'],
    ['one of two', { permitted: [dns('a.org')] }, host('a.org', 'b.org'), 'CONSTRAINTS'],
    ['one of two trees', { permitted: [dns('a.org'), dns('b.org')] }, host('a.org', 'b.org')],
    ['below a dot', { permitted: [dns('.a.org')] }, host('x.a.org')],
    ['not itself below a dot', { permitted: [dns('.a.org')] }, host('a.org'), 'CONSTRAINTS'],
    ['everything', { permitted: [dns('')] }, host('a.org')],
    ['nothing at all', { excluded: [dns('')] }, host('a.org'), 'CONSTRAINTS'],
    ['excluded', { excluded: [dns('a.org')] }, host('x.a.org'), 'CONSTRAINTS'],
    ['excluded, with the dot of the root', { excluded: [dns('a.org')] }, host('x.a.org.'), 'CONSTRAINTS'],
    ['excluded in another case', { excluded: [dns('A.ORG')] }, host('x.a.org'), 'CONSTRAINTS'],
    ['not excluded', { excluded: [dns('a.org')] }, host('b.org')],
    ['a wildcard inside', { permitted: [dns('a.org')] }, host('*.a.org')],
    ['a wildcard around', { permitted: [dns('x.a.org')] }, host('*.a.org'), 'CONSTRAINTS'],
    ['a wildcard around what is excluded', { excluded: [dns('x.a.org')] }, host('*.a.org'), 'CONSTRAINTS'],
    ['a wildcard beside what is excluded', { excluded: [dns('x.y.a.org')] }, host('*.a.org')],
    ['an address inside', { permitted: [ip(10, 0, 0, 0, 255, 0, 0, 0)] }, address('10.2.3.4')],
    [
      'an address outside',
      { permitted: [ip(10, 0, 0, 0, 255, 0, 0, 0)] },
      address('11.2.3.4'),
      'CONSTRAINTS',
    ],
    ['IPv6 where IPv4 is', { permitted: [ip(10, 0, 0, 0, 255, 0, 0, 0)] }, address('::1'), 'CONSTRAINTS'],
    ['no address', { excluded: [ip(...new Array<number>(32).fill(0))] }, address('::1'), 'CONSTRAINTS'],
    ['another kind is free', { permitted: [ip(10, 0, 0, 0, 255, 0, 0, 0)] }, host('a.org')],
    ['a kind nobody looks into', { permitted: [mail('a@a.org')] }, host('a.org')],
    [
      'a name of a kind nobody looks into',
      { permitted: [mail('a@a.org')] },
      [{ type: 'email', value: 'a@a.org' }],
      'CONSTRAINTS',
    ],
    ['a subject', { permitted: [directory('server')] }, undefined],
    ['another subject', { permitted: [directory('other')] }, undefined, 'CONSTRAINTS'],
    ['an excluded subject', { excluded: [directory('server')] }, undefined, 'CONSTRAINTS'],
    ['a common name instead', { permitted: [dns('a.org')] }, undefined, 'good', 'x.a.org'],
    ['another common name', { permitted: [dns('a.org')] }, undefined, 'CONSTRAINTS', 'b.org'],
    [
      'an address as common name',
      { excluded: [ip(10, 0, 0, 0, 255, 0, 0, 0)] },
      undefined,
      'CONSTRAINTS',
      '10.1.1.1',
    ],
    ['a common name beside others', { permitted: [dns('a.org')] }, host('a.org'), 'good', 'b.org'],
    ['an address of three bytes', { permitted: [ip(10, 0, 0)] }, host('a.org'), 'CERTIFICATE'],
    ['not a name', { permitted: [element(0x30)] }, host('a.org')],
  ])('%s', async (_title, constraints, names, expected = 'good', name = 'server') => {
    expect(await verdict({ ...constraints, isCritical }, names, name)).toBe(expected);
  });
});

test('they hold for all that is below, also through another authority, and from the trusted one on', async () => {
  const root = await issue({ name: 'Root', ca: true, constraints: { permitted: [dns('a.org')] } });
  const middle = await issue({ name: 'Middle', issuer: root, ca: true });
  const code = async (name: string): Promise<string | undefined> => {
    const leaf = await issue({ name: 'server', issuer: middle, names: host(name) });
    const check = createIdentityCheck({ trust: { pem: root.certificate }, name });
    const problem = check([leaf.der, middle.der]);
    if (problem !== undefined) expect(problem.message).toBe(`"Root" may not issue for "${name}"`);
    return problem?.code;
  };
  expect(await code('x.a.org')).toBeUndefined();
  expect(await code('b.org')).toBe('ERR_DTLS_PEER_CONSTRAINTS');
});

test('what it costs to look at them is bounded', async () => {
  const many = Array.from({ length: 600 }, (_, index) => `${index}.a.org`);
  const constraints = { excluded: many.map(dns) };
  expect(await verdict(constraints, host('b.org'))).toBe('good');
  expect(await verdict(constraints, host(...many.map((name) => `x${name}`)))).toBe('CONSTRAINTS');
});
