/** Whatever stands in a script: reading it does not throw, and costs no more than its length. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCSharp } from '../../src/project/csharp/readCSharp.ts';
import { readScript } from '../../src/project/gdscript/readScript.ts';
import { tokenize } from '../../src/project/gdscript/tokens.ts';
import { fcParameters } from '../support/fc.ts';
import { projectOf } from './projectOf.ts';

/** Pieces of which scripts are made. */
const PIECES = [
  ...[
    'extends Node',
    'class_name A',
    'class B:',
    'class C extends B:',
    'func f',
    'static func',
    'signal s',
    'enum E',
    'enum',
  ],
  ...[
    'const A = ',
    'const B := ',
    'var x',
    'var y: int = ',
    '@rpc',
    '@rpc(',
    '@export',
    '@onready',
    '@abstract',
    'pass',
    'return',
  ],
  ...[
    '"',
    "'",
    '"""',
    "'''",
    'r"',
    '&"',
    '^"',
    '\\',
    '\\\n',
    '\n',
    '\n\t',
    '\n\t\t',
    '\r\n',
    '#',
    ';',
    ':',
    ':=',
    ',',
    '...',
  ],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '+',
    '-',
    '**',
    '<<',
    'not',
    'in',
    'if',
    'else',
    'as',
    'is',
    'func():',
    '->',
    '.',
    '$',
    '%',
    '@',
  ],
  ...[
    'A',
    'B',
    'A.B',
    'preload("res://a.gd")',
    'Vector2(1, 2)',
    '1',
    '0x',
    '0b2',
    '1e',
    '1.5.5',
    '1_',
    '_',
    'été',
    '\ufeff',
    '\0',
    '😀',
  ],
  ...[
    'any_peer',
    '"any_peer"',
    '"reliable"',
    'self',
    'await',
    'null',
    'true',
    'PI',
    'setget',
    'export',
    '/*',
    '*/',
    '//',
    '[Rpc]',
    'public void F()',
  ],
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((parts) => parts.join(' ')),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

describe('anything', () => {
  test('is read without an error of ours, and every issue has a place in it', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const project = projectOf({ 'a.gd': a, 'b.gd': b, 'A.cs': a });
        const lines = { 'res://a.gd': a, 'res://b.gd': b };
        for (const { file, line, column } of project.issues) {
          const source = file in lines ? lines[file as keyof typeof lines] : undefined;
          if (source === undefined) continue;
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(source.split('\n').length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((source.split('\n')[line - 1] ?? '').length + 2);
        }
        for (const script of project.scripts.values()) if (!script.isValid) expect(script.rpcs.size).toBe(0);
      }),
      fcParameters(500),
    );
  });

  test('a script is read alike with other ends of lines', () => {
    fc.assert(
      fc.property(text, (source) => {
        const plain = source.replaceAll('\r', '');
        // A carriage return inside of a string is part of it.
        fc.pre(!/["'\\]/.test(plain));
        const names = (of: string): string[] => [...readScript(of).root.functions.keys()];
        expect(names(plain.replaceAll('\n', '\r\n'))).toEqual(names(plain));
      }),
      fcParameters(500),
    );
  });
});

/** Texts of a length that could cost more than that. */
const GROWING: Record<string, (size: number) => string> = {
  'open brackets': (size) => `var x = ${'('.repeat(size)}`,
  'closed brackets': (size) => `var x = ${'('.repeat(size)}1${')'.repeat(size)}`,
  signs: (size) => `var x = ${'-'.repeat(size)}1`,
  'a chain': (size) => `var x = 1${' + 1'.repeat(size)}`,
  attributes: (size) => `var x = a${'.a'.repeat(size)}`,
  calls: (size) => `var x = a${'()'.repeat(size)}`,
  choices: (size) => `var x = ${'1 if 1 else '.repeat(size)}1`,
  'strings without an end': (size) => `var x = ${'"""a" '.repeat(size)}`,
  'strings on one line': (size) => `var x = [${'"a", '.repeat(size)}]`,
  names: (size) => 'a'.repeat(size),
  digits: (size) => `var x = ${'9'.repeat(size)}`,
  exponents: (size) => `const A = 2 ** 62\nvar x = A${' ** 62'.repeat(size)}`,
  'constants that double': (size) =>
    Array.from({ length: size }, (_, i) => `const C${i + 1} = C${i} + C${i}\n`)
      .join('')
      .concat('const C0 = "ab"\n'),
  'constants that lead to others': (size) =>
    Array.from({ length: size }, (_, i) => `const C${i} = C${i + 1}\n`).join(''),
  'arrays that double': (size) =>
    Array.from({ length: size }, (_, i) => `const C${i + 1} = [C${i}, C${i}] + [C${i}]\n`)
      .join('')
      .concat('const C0 = [1]\n'),
  'an enum': (size) => `enum E {${Array.from({ length: size }, (_, i) => `A${i}`).join(',')}}\nvar x = E.A0`,
  'enums without names': (size) =>
    Array.from({ length: size }, (_, i) => `enum { A${i} }\n`)
      .join('')
      .concat('var x = A0\n'),
  functions: (size) => Array.from({ length: size }, (_, i) => `@rpc func f${i}(): pass\n`).join(''),
  annotations: (size) => `${'@rpc '.repeat(size)}func f(): pass`,
  parameters: (size) => `func f(${'a, '.repeat(size)}): pass`,
  'classes in classes': (size) =>
    Array.from({ length: Math.min(size, 3000) }, (_, i) => `${'\t'.repeat(i)}class A:\n`)
      .join('')
      .slice(0, size * 8),
  lambdas: (size) => `var x = ${'func(): '.repeat(size)}`,
  types: (size) => `var x: ${'Array['.repeat(size)}`,
  lines: (size) => '\n\t'.repeat(size),
  backslashes: (size) => `var x = "${'\\\\'.repeat(size)}`,
  'comments of C#': (size) => `/* ${'*'.repeat(size)}`,
  'generics of C#': (size) => `class A : Node { ${'List<'.repeat(size)} }`,
  'braces of C#': (size) => `class A : Node ${'{'.repeat(size)}`,
  'strings of C#': (size) => `class A : Node { string a = ${'"a" + '.repeat(size)} }`,
};

describe('grows with its length, not faster', () => {
  test.each(Object.entries(GROWING))('%s', (_, make) => {
    const time = (size: number): number => {
      const source = make(size);
      const start = performance.now();
      projectOf({ 'a.gd': source, 'A.cs': source });
      return performance.now() - start;
    };
    time(2000);
    // Eight times as long; what grows with the square takes 64 times as long. Generous: other work disturbs.
    const small = Math.min(time(2000), time(2000), time(2000));
    const large = Math.min(time(16_000), time(16_000), time(16_000));
    expect(large).toBeLessThan(Math.max(small, 8) * 32);
  });
});

test('errors of one script are bounded', () => {
  expect(tokenize('`'.repeat(100_000)).errors.length).toBeLessThanOrEqual(20);
  expect(projectOf({ 'a.gd': 'print()\n'.repeat(10_000) }).issues.length).toBeLessThanOrEqual(101);
});

test('C# of any form has classes only where it has the word', () => {
  fc.assert(
    fc.property(text, (source) => {
      const { classes } = readCSharp(source);
      expect(classes.length === 0 || /class|struct|interface|record/.test(source)).toBe(true);
    }),
    fcParameters(500),
  );
});
