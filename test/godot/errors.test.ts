import { expect, test } from 'vitest';
import { GodotError, godotErrorName, isGodotError } from '../../src/godot/errors.ts';

test('1.1 the error numbers of the specification', () => {
  expect(GodotError).toMatchObject({
    OK: 0,
    FAILED: 1,
    ERR_UNAVAILABLE: 2,
    ERR_UNCONFIGURED: 3,
    ERR_UNAUTHORIZED: 4,
    ERR_OUT_OF_MEMORY: 6,
    ERR_FILE_CANT_WRITE: 13,
    ERR_FILE_EOF: 18,
    ERR_CANT_CREATE: 20,
    ERR_ALREADY_IN_USE: 22,
    ERR_CANT_CONNECT: 25,
    ERR_CONNECTION_ERROR: 27,
    ERR_INVALID_DATA: 30,
    ERR_INVALID_PARAMETER: 31,
    ERR_DOES_NOT_EXIST: 33,
    ERR_BUSY: 44,
    ERR_BUG: 47,
  });
});

test('the list has no gap and no double from 0 to 48', () => {
  const numbers: number[] = Object.values(GodotError);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 49 }, (_, index) => index));
});

test.each(Object.entries(GodotError))('%s has its name', (name, value) => {
  expect(godotErrorName(value)).toBe(name);
  expect(isGodotError(value)).toBe(true);
});

test.each([-1, 49, 1.5, Number.NaN])('%d is no error number', (value) => {
  expect(godotErrorName(value)).toBe(`unknown error ${value}`);
  expect(isGodotError(value)).toBe(false);
});
