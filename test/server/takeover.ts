/** Somebody on the virtual network who comes under the address of a player. */

import type { DtlsClientEndpoint } from '../../src/dtls/clientEndpoint.ts';
import type { Address } from '../../src/enet/address.ts';
import { parseDatagram } from '../../src/enet/commands.ts';
import type { SimNetwork } from '../../src/testing/SimNetwork.ts';
import { type Node, startClient } from '../dtls/network.ts';
import { datagramOf } from './datagrams.ts';

/** An attacker who gets all that is sent to an address, and sends from it; whose it was is there no longer. */
export function takeOver(net: SimNetwork, address: Address): Node<DtlsClientEndpoint> {
  try {
    net.rebind(address);
  } catch {
    // Its socket is closed.
  }
  const thief = startClient(net, { ip: '10.0.9.9', port: address.port });
  net.rebind(thief.address, address);
  return thief;
}

/** Begins a handshake and lets it end well. */
export function shakeHands(net: SimNetwork, thief: Node<DtlsClientEndpoint>, server: Address): void {
  thief.send('', server);
  net.runUntil(() => thief.endpoint.state === 'open', 5000, "the attacker's handshake");
}

/** Packets under every number that a connection of the first slots may have. */
export function packetsAsAnybody(content: string | Uint8Array, channel = 0): Uint8Array[] {
  const payload = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const command = { wantsAcknowledge: false, isUnsequenced: false, channel, payload } as const;
  const datagrams: Uint8Array[] = [];
  for (let slot = 0; slot < 3; slot++) {
    for (let session = 0; session < 4; session++) {
      datagrams.push(
        datagramOf(slot, session, {
          ...command,
          name: 'SEND_UNSEQUENCED',
          isUnsequenced: true,
          reliableSeq: 0,
          unreliableSeq: 700,
        }),
        ...[1, 2, 3].map((reliableSeq) =>
          datagramOf(slot, session, {
            ...command,
            name: 'SEND_RELIABLE',
            reliableSeq,
            unreliableSeq: 0,
            wantsAcknowledge: true,
          }),
        ),
      );
    }
  }
  return datagrams;
}

/** The names of the commands in a datagram. */
export function commandsOf(datagram: Uint8Array): string {
  const { commands = [] } = parseDatagram(datagram) ?? {};
  return commands.map(({ name }) => name).join();
}
