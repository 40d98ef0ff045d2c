/**
 * Sending the same bytes to many peers without copying them. enet-server-module section 8, row 20.
 *
 * ENetPacketPeer copies what it is given, because an application may change it. What the server encodes belongs to
 * nobody else, so it goes to the ENet core directly. For that the server listens in on the port of its connection.
 */
import type { Host } from '../enet/host.ts';
import type { HostEvent } from '../enet/hostEvent.ts';
import { Packet } from '../enet/packet.ts';
import type { Peer } from '../enet/peer.ts';
import type { Address, AttachError, BindOptions, HostPort, Runtime, Timer } from '../enet/transport.ts';
import type { ENetPacketPeer } from '../godot/ENetPacketPeer.ts';
import { GodotError } from '../godot/errors.ts';

/** Where packets to one peer go. An ENetPacketPeer is one that copies. */
export interface PacketLink {
  /** Whether the connection has not ended yet. */
  isActive(): boolean;
  /** How many channels it has. */
  getChannels(): number;
  /** Queues a packet. */
  send(channel: number, bytes: Uint8Array, flags: number): GodotError;
}

/** A runtime whose port tells which peer of the ENet core its last event was about. */
export class TappedRuntime implements Runtime {
  readonly #runtime: Runtime;
  #port: TappedPort | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The link to the peer that has just connected. To be called while its EVENT_CONNECT is handled. */
  linkTo(packetPeer: ENetPacketPeer): PacketLink {
    const port = this.#port;
    const peer = port?.lastEvent?.peer;
    return port === undefined || peer === undefined ? packetPeer : new SharedLink(port, peer, packetPeer);
  }

  now(): number {
    return this.#runtime.now();
  }

  random32(): number {
    return this.#runtime.random32();
  }

  startTimer(delayMs: number, callback: () => void): Timer {
    return this.#runtime.startTimer(delayMs, callback);
  }

  attach(host: Host, bind: BindOptions): HostPort | AttachError {
    const port = this.#runtime.attach(host, bind);
    if ('code' in port) return port;
    this.#port = new TappedPort(port);
    return this.#port;
  }

  resolve(name: string, done: (ip: string | undefined) => void): void {
    this.#runtime.resolve(name, done);
  }
}

/** Sends through the ENet core; the bytes are shared. */
class SharedLink implements PacketLink {
  readonly #port: HostPort;
  readonly #peer: Peer;
  readonly #packetPeer: ENetPacketPeer;

  constructor(port: HostPort, peer: Peer, packetPeer: ENetPacketPeer) {
    this.#port = port;
    this.#peer = peer;
    this.#packetPeer = packetPeer;
  }

  isActive(): boolean {
    return this.#packetPeer.isActive();
  }

  getChannels(): number {
    return this.#packetPeer.getChannels();
  }

  send(channel: number, bytes: Uint8Array, flags: number): GodotError {
    // Once the connection has ended, the core's peer is a free slot or another connection.
    if (!this.isActive()) return GodotError.ERR_UNCONFIGURED;
    if (!this.#peer.send(channel, new Packet(bytes, flags))) return GodotError.FAILED;
    this.#port.drain();
    this.#port.requestWake();
    return GodotError.OK;
  }
}

/** A port that remembers its last event. */
class TappedPort implements HostPort {
  readonly #port: HostPort;
  lastEvent: HostEvent | undefined;

  constructor(port: HostPort) {
    this.#port = port;
  }

  get localPort(): number {
    return this.#port.localPort;
  }

  get localAddress(): Address {
    return this.#port.localAddress;
  }

  get failedSends(): number {
    return this.#port.failedSends;
  }

  now(): number {
    return this.#port.now();
  }

  service(): HostEvent | undefined {
    this.lastEvent = this.#port.service();
    return this.lastEvent;
  }

  flush(): void {
    this.#port.flush();
  }

  drain(): void {
    this.#port.drain();
  }

  sendRaw(bytes: Uint8Array, to: Address): void {
    this.#port.sendRaw(bytes, to);
  }

  setWakeListener(listener: (() => void) | undefined): void {
    this.#port.setWakeListener(listener);
  }

  requestWake(): void {
    this.#port.requestWake();
  }

  close(): void {
    this.#port.close();
  }
}
