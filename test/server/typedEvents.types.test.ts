/** What must compile for typed events, and what must not. Checked by tsc. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import {
  defineEvents,
  ENetClient,
  ENetServer,
  payload,
  TypedClientEvents,
  TypedServerEvents,
} from '../../src/server.ts';

const own: StandardSchemaV1<{ raw: string }, { cooked: number }> = {
  '~standard': { version: 1, vendor: 'own', validate: () => ({ value: { cooked: 1 } }) },
};
const contract = defineEvents({
  toServer: {
    chat: v.object({ text: v.string() }),
    length: v.pipe(
      v.object({ text: v.string() }),
      v.transform(({ text }) => text.length),
    ),
    own,
  },
  toClient: { joined: payload<{ id: number; name: string }>() },
});
const server = new TypedServerEvents(new ENetServer(), contract);
const client = new TypedClientEvents(new ENetClient(), contract);

server.registerEvent('chat', (peer, value, channel: number) => {
  const text: string = value.text;
  server.triggerEvent(peer.peerId, 'joined', { id: channel, name: text });
});
server.registerEvent('length', async (_peer, length: number) => void length);
server.registerEvent('own', (_peer, { cooked }) => cooked.toFixed());
client.registerEvent('joined', ({ id, name }) => id.toFixed() + name.trim());
client.triggerEvent('length', { text: 'x' });
client.triggerEvent('own', { raw: 'x' });
server.triggerEventToAll('joined', { id: 1, name: 'x' }, 0, true, [1]);

// @ts-expect-error the handler gets a text
server.registerEvent('chat', (_peer, value: { text: number }) => value);
// @ts-expect-error an event of the other direction
server.registerEvent('joined', () => undefined);
// @ts-expect-error unknown
client.registerEvent('chat', () => undefined);
// @ts-expect-error the payload lacks a key
server.triggerEvent(1, 'joined', { id: 1 });
// @ts-expect-error what is sent is the input of the schema, not its output
client.triggerEvent('own', { cooked: 1 });
// @ts-expect-error a wrong type
client.triggerEvent('chat', { text: 1 });
// @ts-expect-error neither schema nor payload()
defineEvents({ toServer: { x: 5 }, toClient: {} });
