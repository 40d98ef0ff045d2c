/** What our client makes of a chain, beside what OpenSSL makes of it. Differences are named, with their reason. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createIdentityCheck } from '../../../src/dtls/identity/verifyChain.ts';
import { dns, type IssueOptions, ip, issue, mail } from '../../support/certificates.ts';
import { peer } from '../../support/peers.ts';

const { isMissing, note } = peer('openssl');
const folder = mkdtempSync(join(tmpdir(), 'godot-enet-verdicts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SERVER = '1.3.6.1.5.5.7.3.1';
const CLIENT = '1.3.6.1.5.5.7.3.2';
const ANY = '2.5.29.37.0';
const TEN = ip(10, 0, 0, 0, 255, 0, 0, 0);

interface Case {
  readonly title: string;
  readonly root?: Partial<IssueOptions>;
  readonly middle?: Partial<IssueOptions>;
  readonly leaf?: Partial<IssueOptions>;
  /** What is connected to. Default game.example. */
  readonly name?: string;
  readonly isGood: boolean;
  /** Why OpenSSL says the opposite. */
  readonly butOpenssl?: string;
}

const named = (...values: string[]): Partial<IssueOptions> => ({
  names: values.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
});
const text = (value: string): Partial<IssueOptions> => ({ names: [{ type: 'dns', value }] });

const CASES: readonly Case[] = [
  { title: 'nothing special', isGood: true },
  { title: 'an authority for servers', middle: { purposes: [SERVER] }, isGood: true },
  { title: 'an authority for clients', middle: { purposes: [CLIENT] }, isGood: false },
  { title: 'an authority for both', middle: { purposes: [CLIENT, SERVER] }, isGood: true },
  { title: 'a root for clients', root: { purposes: [CLIENT] }, isGood: false },
  { title: 'for clients', leaf: { purposes: [CLIENT] }, isGood: false },
  {
    title: 'an authority for anything',
    middle: { purposes: [ANY] },
    isGood: true,
    butOpenssl: 'wants the purpose itself; RFC 5280 and mbedTLS take this one for all',
  },
  { title: 'an address', leaf: named('10.0.0.1'), name: '10.0.0.1', isGood: true },
  { title: 'another address', leaf: named('10.0.0.1'), name: '10.0.0.2', isGood: false },
  { title: 'IPv6', leaf: named('::1'), name: '::1', isGood: true },
  { title: 'an address as a DNS name', leaf: text('10.0.0.1'), name: '10.0.0.1', isGood: false },
  { title: 'a wildcard over an address', leaf: text('*.0.0.1'), name: '10.0.0.1', isGood: false },
  { title: 'a wildcard', leaf: named('*.example.org'), name: 'a.example.org', isGood: true },
  {
    title: 'a wildcard and two labels',
    leaf: named('*.example.org'),
    name: 'a.b.example.org',
    isGood: false,
  },
  { title: 'a wildcard under a top-level domain', leaf: named('*.com'), name: 'game.com', isGood: false },
  { title: 'a wildcard in the middle', leaf: named('a.*.com'), name: 'a.game.com', isGood: false },
  {
    title: 'a part of a label',
    leaf: named('g*.game.com'),
    name: 'ga.game.com',
    isGood: false,
    butOpenssl: 'takes it unless told otherwise; mbedTLS does not',
  },
  {
    title: 'a common name',
    leaf: { name: 'a.org', names: [] },
    name: 'a.org',
    isGood: false,
    butOpenssl: 'looks at the common name beside an empty list; to mbedTLS the list is all',
  },
  ...[true, false].flatMap((isCritical): Case[] => {
    const within = (
      title: string,
      constraints: IssueOptions['constraints'],
      rest: Omit<Case, 'title'>,
    ): Case => ({
      title: `${title}, critical ${isCritical}`,
      middle: { constraints: { ...constraints, isCritical } },
      ...rest,
    });
    return [
      within('permitted', { permitted: [dns('example')] }, { isGood: true }),
      within('not permitted', { permitted: [dns('other')] }, { isGood: false }),
      within('excluded', { excluded: [dns('example')] }, { isGood: false }),
      within('a mailbox', { permitted: [mail('a@a.org')] }, { isGood: true }),
      within('address', { permitted: [TEN] }, { leaf: named('10.1.1.1'), name: '10.1.1.1', isGood: true }),
      within('no address', { excluded: [TEN] }, { leaf: named('10.1.1.1'), name: '10.1.1.1', isGood: false }),
      within(
        'a wildcard around what is excluded',
        { excluded: [dns('x.a.org')] },
        {
          leaf: named('*.a.org'),
          name: 'x.a.org',
          isGood: false,
          butOpenssl: 'compares the wildcard as a text',
        },
      ),
    ];
  }),
];

describe.skipIf(isMissing)(`the verdict of OpenSSL${note}`, { timeout: 60_000 }, () => {
  test.each(CASES)('$title', async ({ root, middle, leaf, name = 'game.example', isGood, butOpenssl }) => {
    const top = await issue({ name: 'Root', ca: true, ...root });
    const mid = await issue({ name: 'Middle', issuer: top, ca: true, ...middle });
    const own = await issue({ name: 'server', issuer: mid, ...named('game.example'), ...leaf });
    const check = createIdentityCheck({ trust: { pem: top.certificate }, name });
    expect(check([own.der, mid.der])?.message ?? 'good').toEqual(isGood ? 'good' : expect.any(String));
    expect(check([own.der, mid.der]) === undefined).toBe(isGood);
    for (const [file, { certificate }] of Object.entries({ top, mid, own })) {
      writeFileSync(join(folder, file), certificate);
    }
    const asked = isIP(name) === 0 ? '-verify_hostname' : '-verify_ip';
    const args = ['verify', '-purpose', 'sslserver', asked, name, '-no-CAfile', '-no-CApath'];
    const files = ['-CAfile', 'top', '-untrusted', 'mid', 'own'];
    const { status, stdout, stderr } = spawnSync('openssl', [...args, ...files], {
      cwd: folder,
      encoding: 'utf8',
    });
    const isGoodThere = status === 0;
    expect(isGoodThere, `${stdout}${stderr}`).toBe(butOpenssl === undefined ? isGood : !isGood);
  });
});
