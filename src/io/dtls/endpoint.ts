/**
 * What a DTLS endpoint is for the transport above it: datagrams and the time go in, plaintexts and datagrams come out.
 * It touches no socket, no timer and no clock of its own. godot-enet-classes 6; RFC 6347.
 */
import type { SecureCounters } from '../../enet/secureTransport.ts';
import type { Address, Datagram } from '../../enet/transport.ts';
import type { DatagramSink } from '../datagramSocket.ts';
import type { ServerCredentials } from './credentials.ts';

/** One end of DTLS on one UDP socket. No method throws because of what arrived. */
export interface DtlsEndpoint {
  /**
   * Takes one datagram from the network.
   *
   * @param bytes unchanged until this returns; nothing of it is kept without a copy.
   * @param now the clock of the host, u32 ms.
   * @param sink gets the plaintexts that were in it, with fresh memory, before this returns.
   */
  receive(bytes: Uint8Array, from: Address, now: number, sink: DatagramSink): void;
  /**
   * Protects one datagram and puts it in the outbox.
   *
   * @returns `false` when it was lost: there is no session with that address, or its handshake is still under way.
   */
  send(bytes: Uint8Array, to: Address, now: number): boolean;
  /** Does what is due: repeats flights, gives up handshakes, forgets idle sessions. */
  service(now: number): void;
  /** Milliseconds until {@link DtlsEndpoint.service} has something to do; undefined: never. */
  nextWakeup(now: number): number | undefined;
  /** Takes what is to be sent. The bytes belong to the caller. */
  drainOutbox(): readonly Datagram[];
  /** Says goodbye to everybody (into the outbox) and forgets all keys. */
  close(now: number): void;
  /** Why a client cannot go on; undefined while it can. Servers go on always. */
  readonly failure: Error | undefined;
  /** A snapshot. */
  counters(): Omit<SecureCounters, 'certificateNotAfterMs'>;
}

/** The server's end: many peers. */
export interface DtlsServer extends DtlsEndpoint {
  /** Whether strangers are ignored. Sessions and handshakes that are under way go on. */
  refuseNewConnections: boolean;
  /** Uses another key and certificate for handshakes that begin from now on. */
  setCredentials(credentials: ServerCredentials): void;
}
