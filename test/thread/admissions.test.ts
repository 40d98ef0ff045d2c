/** Strangers that wait for the application's decision. docs/decisions/0004-network-thread.md. */
import { describe, expect, test } from 'vitest';
import { Admissions } from '../../src/thread/admissions.ts';

const FROM = { ip: '10.0.0.1', port: 1 };
const attempt = (connectId: number, ...bytes: number[]): { connectId: number; datagram: Uint8Array } => ({
  connectId,
  datagram: Uint8Array.from(bytes),
});

describe('Admissions', () => {
  test('a repetition finds its question and replaces its datagram, which is a copy', () => {
    const waiting = new Admissions(10, 10, 1000);
    const first = attempt(7, 1, 2, 3);
    const question = waiting.ask(FROM, first, 1000);
    first.datagram[0] = 99;
    expect(question?.datagram).toEqual(Uint8Array.of(1, 2, 3));
    expect(waiting.repeats(FROM, attempt(7, 4, 5), 2000)).toBe(true);
    expect(waiting.repeats(FROM, attempt(8, 4, 5), 2000)).toBe(false);
    expect(waiting.repeats({ ...FROM, port: 2 }, attempt(7, 4, 5), 2000)).toBe(false);
    expect(waiting.take(question?.number ?? 0)?.datagram).toEqual(Uint8Array.of(4, 5));
    expect(waiting.take(question?.number ?? 0)).toBeUndefined();
    expect(waiting.size).toBe(0);
  });

  test('is bounded in all and from one address; what is taken makes room', () => {
    const waiting = new Admissions(3, 2, 1000);
    const [first] = [waiting.ask(FROM, attempt(1), 0), waiting.ask(FROM, attempt(2), 0)];
    expect(waiting.ask(FROM, attempt(3), 0)).toBeUndefined();
    expect(waiting.ask({ ip: '10.0.0.2', port: 1 }, attempt(1), 0)).toBeDefined();
    expect(waiting.ask({ ip: '10.0.0.3', port: 1 }, attempt(1), 0)).toBeUndefined();
    waiting.take(first?.number ?? 0);
    expect(waiting.ask(FROM, attempt(3), 0)).toBeDefined();
    expect(waiting.size).toBe(3);
  });

  test('without room, whoever has been silent for the grace gives way, and nobody else', () => {
    const waiting = new Admissions(2, 2, 1000);
    const from = (host: number): { ip: string; port: number } => ({ ip: `10.0.1.${host}`, port: 1 });
    const [first, second] = [waiting.ask(from(1), attempt(1), 0), waiting.ask(from(2), attempt(1), 100)];
    expect(waiting.repeats(from(1), attempt(1), 500)).toBe(true);
    expect(waiting.ask(from(3), attempt(1), 1099)).toBeUndefined();
    expect(waiting.ask(from(3), attempt(1), 1100)).toBeDefined();
    expect(waiting.take(second?.number ?? 0)).toBeUndefined();
    expect(waiting.take(first?.number ?? 0)).toBeDefined();
  });

  test('forgets who has not repeated its attempt for 32 s, over the wrap of the clock; who repeats it stays', () => {
    const waiting = new Admissions(4, 2, 1000);
    const start = 0xffff_ff00;
    const gone = waiting.ask(FROM, attempt(1), start);
    const patient = waiting.ask(FROM, attempt(2), start);
    expect(waiting.repeats(FROM, attempt(2), (start + 20_000) >>> 0)).toBe(true);
    expect(waiting.ask(FROM, attempt(3), (start + 31_000) >>> 0)).toBeUndefined();
    const next = waiting.ask(FROM, attempt(3), (start + 33_000) >>> 0);
    expect(next).toBeDefined();
    expect(waiting.take(gone?.number ?? 0)).toBeUndefined();
    expect(waiting.take(patient?.number ?? 0)).toBeDefined();
    expect(waiting.repeats(FROM, attempt(1), (start + 33_000) >>> 0)).toBe(false);
  });
});
