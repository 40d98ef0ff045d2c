// Hosts of the built package that give up after 2.5 s instead of 30. Imported before a server or a network thread.
import { EventType, Host } from '../../../dist/src/enet.js';

const original = Host.prototype.service;
Host.prototype.service = function service(now) {
  const event = original.call(this, now);
  if (event?.type === EventType.CONNECT) event.peer.setTimeout(2, 2000, 2500);
  return event;
};
