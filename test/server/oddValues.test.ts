/** Whatever a caller without types passes: no method that Godot declares throws. enet-server-module sections 3 to 5. */
import { expect, test } from 'vitest';
import { methodNames, ODD_VALUES } from '../support/oddValues.ts';
import { createWorld, eachMode, PORT } from './world.ts';

/** Our additions, which throw or reject for a wrong use, and protected ones. */
const OURS = ['connected', 'on', 'once', 'off', 'listenerCount', 'emitSignal', 'reportError'];

eachMode(() => {
  test.each(ODD_VALUES)('every method of a server, a peer and a client takes %s', (_name, value) => {
    const world = createWorld();
    const { client } = world.connect();
    const peer = world.server.getPeer(1);
    if (peer === null) throw new Error('there is no peer 1');
    for (const object of [client, peer, world.server]) {
      for (const name of methodNames(object, OURS)) {
        const method: unknown = Reflect.get(object, name);
        for (let position = 0; position < 5; position++) {
          const args: unknown[] = [1, 'x', 0, true, []];
          args[position] = value;
          expect(
            () => Reflect.apply(method as () => unknown, object, args),
            `${name}, ${position}`,
          ).not.toThrow();
        }
      }
    }
    world.net.advance(1000);
    expect(world.errors).toEqual([]);
    world.server.stopServer();
    expect(world.server.createServer(PORT)).toBe(0);
  });
});
