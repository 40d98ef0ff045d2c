/** Whatever a caller without types passes: no method that Godot declares throws. godot-enet-classes 2.2 and 3.2. */
import { expect, test } from 'vitest';
import { callOddly, methodNames, ODD_VALUES } from '../support/oddValues.ts';
import { CLIENT_IP, ConnectionWorld } from './support.ts';

/** Our addition, which throws for a wrong use, and protected ones. */
const OURS = ['events', 'sendPacket', 'takePacket', 'trace'];

test.each(ODD_VALUES)('every method of a connection and a peer takes %s', (_name, value) => {
  const world = new ConnectionWorld();
  const { client, server, toServer, toClient } = world.pair();
  const fresh = world.connection(CLIENT_IP);
  for (const object of [toServer, toClient, fresh.enet, client.enet, server.enet]) {
    for (const name of methodNames(object, OURS)) {
      for (let position = 0; position < 4; position++) {
        const args: unknown[] =
          name === 'send' || name === 'broadcast'
            ? [0, new Uint8Array(1), 1]
            : ['127.0.0.1', 1, new Uint8Array(1), 1];
        args[position] = value;
        expect(() => callOddly(object, name, args), `${name}, ${position}`).not.toThrow();
      }
    }
  }
  world.run(50);
});
