/** Typed events: what is declared arrives typed, what is invalid reaches nobody. */
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { Vector2 } from '../../codec/index.ts';
import {
  defineEvents,
  type PayloadSchema,
  payload,
  TypedClientEvents,
  TypedServerEvents,
} from '../../src/server/typedEvents.ts';
import { createWorld, eachMode, type ServerWorld } from './world.ts';

const contract = defineEvents({
  toServer: {
    chat: v.object({ text: v.pipe(v.string(), v.maxLength(20)) }),
    move: v.object({ at: v.instance(Vector2), path: v.array(v.object({ x: v.number() })) }),
    shout: v.pipe(
      v.object({ text: v.string() }),
      v.transform(({ text }) => text.toUpperCase()),
    ),
    loose: payload<{ anything: number }>(),
  },
  toClient: { said: v.object({ id: v.number(), text: v.string() }) },
});

function eventWorld(): ServerWorld & {
  events: TypedServerEvents<typeof contract>;
  invalid: unknown[];
  typedClient: TypedClientEvents<typeof contract>;
  client: ReturnType<ServerWorld['connect']>;
} {
  const world = createWorld();
  const invalid: unknown[] = [];
  const events = new TypedServerEvents(world.server, contract, {
    onInvalid: (name, issues, peer) => invalid.push([name, issues.length, peer?.peerId]),
  });
  const client = world.connect();
  return { ...world, events, invalid, client, typedClient: new TypedClientEvents(client.client, contract) };
}

eachMode(() => {
  test('both directions, nested and transformed', () => {
    const world = eventWorld();
    const got: unknown[] = [];
    world.events.registerEvent('chat', (peer, { text }) => {
      got.push(text);
      world.events.triggerEvent(peer.peerId, 'said', { id: peer.peerId, text });
      world.events.triggerEventToAll('said', { id: 0, text }, 0, true, [peer.peerId]);
    });
    world.events.registerEvent('move', (_peer, { at, path }) => got.push(at.x, path[0]?.x));
    world.events.registerEvent('shout', (_peer, text) => got.push(text));
    world.events.registerEvent('loose', (_peer, { anything }) => got.push(anything));
    world.typedClient.registerEvent('said', ({ id, text }, channel) => got.push([id, text, channel]));
    world.typedClient.triggerEvent('chat', { text: 'hi' });
    world.typedClient.triggerEvent('move', { at: new Vector2(3, 4), path: [{ x: 5 }] });
    world.typedClient.triggerEvent('shout', { text: 'loud' });
    world.typedClient.triggerEvent('loose', { anything: 7 });
    world.net.advance(100);
    expect(got).toEqual(['hi', 3, 5, 'LOUD', 7, [1, 'hi', 0]]);
    expect(world.invalid).toEqual([]);
    world.events.unregisterEvent('chat');
    world.typedClient.unregisterEvent('said');
    expect([world.server.hasEvent('chat'), world.client.client.hasEvent('said')]).toEqual([false, false]);
  });
  test.each([
    ['a wrong type', { text: 5 }],
    ['a missing key', {}],
    ['too long', { text: 'x'.repeat(21) }],
    ['null', { text: null }],
    ['the key __proto__', new Map([['__proto__', { text: 'x' }]])],
    ['an object where a text belongs', { text: { toString: 'x' } }],
    [
      'a key that is a Vector2',
      new Map<unknown, unknown>([
        ['text', 'x'],
        [new Vector2(1, 1), 1],
      ]),
    ],
    [
      'keys that are spelled alike',
      new Map<unknown, unknown>([
        ['text', 'x'],
        [1, 1],
        ['1', 1],
      ]),
    ],
  ])('an invalid payload reaches nobody: %s', (_what, bad) => {
    const world = eventWorld();
    const got: unknown[] = [];
    world.events.registerEvent('chat', (_peer, value) => got.push(value));
    world.client.client.triggerEvent('chat', bad);
    world.client.client.triggerEvent('chat', { text: 'fine' });
    world.net.advance(100);
    expect(got).toEqual([{ text: 'fine' }]);
    expect(world.names().filter((name) => name.includes('Received'))).toEqual(['customEventReceived']);
    expect(world.invalid).toEqual([['chat', 1, 1]]);
    expect(world.server.ops.refusals().get('EVENT_INVALID')).toBe(1);
    expect(world.traces.at(-1)).toContain('payload of an event is invalid');
    expect(world.errors).toEqual([]);
  });
  test('the same at the client', () => {
    const world = createWorld();
    const traces: string[] = [];
    const { client, log } = world.connect({ onTrace: (line) => traces.push(line) });
    const invalid: unknown[] = [];
    const typed = new TypedClientEvents(client, contract, {
      onInvalid: (name, _issues, peer) => invalid.push([name, peer]),
    });
    const got: unknown[] = [];
    typed.registerEvent('said', (value) => got.push(value));
    world.server.triggerEventToAll('said', { id: 'no number', text: 'x' });
    world.net.advance(100);
    expect([got, invalid, log.length]).toEqual([[], [['said', undefined]], 1]);
    expect(traces.at(-1)).toContain('invalid');
  });
  describe('schemas that misbehave refuse the payload and harm nobody', () => {
    const schemaOf = (validate: PayloadSchema['~standard']['validate']): PayloadSchema => ({
      '~standard': { version: 1, vendor: 'test', validate },
    });
    test.each([
      [
        'throws',
        schemaOf(() => {
          throw new Error('broken');
        }),
      ],
      ['is asynchronous', schemaOf(async () => ({ value: 1 }))],
      ['rejects', schemaOf(() => Promise.reject(new Error('later')))],
      ['has no issue to name', schemaOf(() => ({ issues: [] }))],
    ])('%s', async (_what, schema) => {
      const world = createWorld();
      const { client } = world.connect();
      const events = new TypedServerEvents(
        world.server,
        defineEvents({ toServer: { x: schema }, toClient: {} }),
      );
      let calls = 0;
      events.registerEvent('x', () => calls++);
      client.triggerEvent('x', { a: 1 });
      world.net.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
      expect(calls).toBe(0);
      expect(world.server.ops.refusals().get('EVENT_INVALID')).toBe(1);
    });
  });
  test('a handler that throws is reported as one of registerEvent is', () => {
    const world = eventWorld();
    world.events.registerEvent('chat', () => {
      throw new Error('handler');
    });
    world.typedClient.triggerEvent('chat', { text: 'x' });
    world.net.advance(100);
    expect(world.errors.map(({ where }) => where)).toEqual(['event chat']);
    expect(world.server.ops.metrics().handlerErrors).toBe(1);
  });
  test('what is not declared, and what is no declaration, is refused at once', () => {
    const world = eventWorld();
    // @ts-expect-error the name was not declared
    expect(() => world.events.registerEvent('other', () => undefined)).toThrow('not declared');
    // @ts-expect-error nor is one that every object has
    expect(() => world.events.registerEvent('toString', () => undefined)).toThrow('not declared');
    const bad: unknown = { toServer: { x: { '~standard': { version: 2 } } }, toClient: {} };
    expect(() => defineEvents(bad as typeof contract)).toThrow('"toServer.x" expected a Standard Schema');
  });
});
