/** Worlds whose peers have to log in. */
import type { Dictionary } from '../../codec/values/Dictionary.ts';
import { AuthMode } from '../../src/server/constants.ts';
import type { ENetServerPeer } from '../../src/server/ENetServerPeer.ts';
import { createWorld, type ServerWorld, type ServerWorldOptions } from './world.ts';

/** What a client logs in with. */
export const LOGIN = { token: 'secret' };

/** A world whose peers log in through `decide`. */
export function customWorld(
  decide: (peer: ENetServerPeer, login: Dictionary) => unknown,
  options: ServerWorldOptions = {},
): ServerWorld {
  const world = createWorld(options);
  world.server.setAuthenticationMode(AuthMode.AUTH_CUSTOM);
  world.server.setCustomAuthenticator(decide);
  return world;
}

/** An authenticator that does something and then gives a verdict. */
export function acting(
  action: (peer: ENetServerPeer) => void,
  verdict: boolean,
): (peer: ENetServerPeer) => boolean {
  return (peer) => {
    action(peer);
    return verdict;
  };
}

/** The only peer. */
export function onlyPeer(world: ServerWorld): ENetServerPeer {
  const peer = world.server.getPeer(1);
  if (peer === null) throw new Error('there is no peer 1');
  return peer;
}
