/** This project's core behind the face of an actor: what `peer.c` does with libenet, done with {@link Host}. */

import { createRangeCoder } from '../../../src/enet/compress/rangeCoder.ts';
import { crc32 } from '../../../src/enet/crc32.ts';
import { Host } from '../../../src/enet/host.ts';
import { Packet } from '../../../src/enet/packet.ts';
import { EventType, type HostEvent } from '../../../src/enet/state/hostEvent.ts';
import type { Peer } from '../../../src/enet/state/peer.ts';
import type { HostPort, Runtime } from '../../../src/runtime/index.ts';
import { type Actor, type Args, Inbox, type Verb } from './actor.ts';
import { HASH_START, hashBytes, patternBytes } from './pattern.ts';
import { TrafficChecker, TrafficSender } from './traffic.ts';

/** How often random traffic is looked at, in milliseconds; as in `peer.c`. */
const TICK_MS = 10;

interface OwnHost {
  readonly host: Host;
  readonly port: HostPort;
  readonly fragmentOverhead: number;
  readonly checkers: Map<number, TrafficChecker>;
  readonly senders: Map<number, TrafficSender>;
  isEchoing: boolean;
  /** Packets are counted and hashed, not reported one by one. */
  collected: { count: number; reliable: number; hash: number } | undefined;
}

/** Hosts of this project on real sockets, in this process. */
export class OurPeer implements Actor {
  readonly name: string;
  readonly isLibenet1317 = false;
  readonly inbox: Inbox;
  readonly #runtime: Runtime;
  readonly #hosts: OwnHost[] = [];
  readonly #ticks: NodeJS.Timeout;

  constructor(name: string, runtime: Runtime) {
    this.name = name;
    this.inbox = new Inbox(name);
    this.#runtime = runtime;
    this.#ticks = setInterval(() => this.#tick(), TICK_MS);
  }

  async run(verb: Verb, args: Args = {}): Promise<Args> {
    try {
      return this.#execute(verb, args);
    } finally {
      for (const { port } of this.#hosts) {
        port.drain();
        port.requestWake();
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#ticks);
    for (const { port } of this.#hosts) port.close();
  }

  #execute(verb: Verb, args: Args): Args {
    if (verb === 'host') return this.#createHosts(args);
    if (verb === 'connect') return this.#connect(args);
    if (verb === 'load' || verb === 'cpu') throw new Error(`${this.name}: "${verb}" is for libenet only`);
    const own = this.#own(args['host'] ?? 0);
    return this.#hostCommand(verb, own, args) ?? this.#peerCommand(verb, own, args);
  }

  #createHosts(args: Args): Args {
    const first = this.#hosts.length;
    for (let i = 0; i < (args['count'] ?? 1); i++) {
      const host = new Host({
        peerCount: args['peers'] ?? 1,
        random32: () => this.#runtime.random32(),
        channelLimit: args['channels'] ?? 0,
        incomingBandwidth: args['in'] ?? 0,
        outgoingBandwidth: args['out'] ?? 0,
        ...(args['mtu'] !== undefined && { mtuBytes: args['mtu'] }),
        ...(args['dup'] !== undefined && { maxPeersPerAddress: args['dup'] }),
        checksum: args['checksum'] === 1 ? crc32 : undefined,
        compressor: args['range'] === 1 ? createRangeCoder() : undefined,
      });
      const port = this.#runtime.attach(host, { ip: '127.0.0.1', port: 0 });
      if ('code' in port) throw new Error(`${this.name}: ${port.message}`);
      const own: OwnHost = {
        host,
        port,
        fragmentOverhead: args['checksum'] === 1 ? 32 : 28,
        checkers: new Map(),
        senders: new Map(),
        isEchoing: false,
        collected: undefined,
      };
      const id = this.#hosts.push(own) - 1;
      port.setWakeListener(() => this.#service(id, own));
    }
    return { host: first, port: this.#own(first).port.localPort };
  }

  #connect(args: Args): Args {
    const first = args['host'] ?? 0;
    let slot = -1;
    for (let id = first; id < first + (args['count'] ?? 1); id++) {
      const address = { ip: '127.0.0.1', port: args['port'] ?? 0 };
      const peer = this.#own(id).host.connect(address, args['channels'] ?? 2, args['data'] ?? 0);
      if (peer === undefined) throw new Error(`${this.name}: no free slot`);
      if (id === first) slot = peer.slot;
      if (args['max'] !== undefined) peer.setTimeout(args['limit'] ?? 0, args['min'] ?? 0, args['max']);
    }
    return { peer: slot };
  }

  #hostCommand(verb: Verb, own: OwnHost, args: Args): Args | undefined {
    const { host, port } = own;
    switch (verb) {
      case 'echo':
        own.isEchoing = args['on'] !== 0;
        return {};
      case 'collect':
        own.collected = { count: 0, reliable: 0, hash: HASH_START };
        return {};
      case 'collected':
        return { count: 0, reliable: 0, hash: HASH_START, ...own.collected };
      case 'freeze': {
        const id = this.#hosts.indexOf(own);
        port.setWakeListener(args['on'] === 0 ? () => this.#service(id, own) : undefined);
        return {};
      }
      case 'flush':
        port.flush();
        return {};
      case 'bandwidth':
        host.setBandwidthLimit(args['in'] ?? 0, args['out'] ?? 0);
        return {};
      case 'channelLimit':
        host.setChannelLimit(args['limit'] ?? 0);
        return {};
      case 'broadcast':
        host.broadcast(
          args['channel'] ?? 0,
          new Packet(patternBytes(args['size'] ?? 0, args['seed'] ?? 0), args['flags'] ?? 0),
        );
        return {};
      case 'stats': {
        const { totalSentData, totalSentPackets, totalReceivedData, totalReceivedPackets } = host.statistics;
        return {
          sentBytes: totalSentData,
          sentPackets: totalSentPackets,
          receivedBytes: totalReceivedData,
          receivedPackets: totalReceivedPackets,
          connectedPeers: host.connectedPeerCount,
        };
      }
      default:
        return undefined;
    }
  }

  #peerCommand(verb: Verb, own: OwnHost, args: Args): Args {
    const peer = own.host.peer(args['peer'] ?? 0);
    if (peer === undefined) throw new Error(`${this.name}: no such peer`);
    const data = args['data'] ?? 0;
    switch (verb) {
      case 'send':
        return sendPatterns(peer, args);
      case 'info':
        return infoOf(peer);
      case 'disconnect':
        peer.disconnect(data, own.port.now());
        return {};
      case 'disconnectNow':
        peer.disconnectNow(data, own.port.now());
        return {};
      case 'disconnectLater':
        peer.disconnectLater(data, own.port.now());
        return {};
      case 'reset':
        peer.reset();
        return {};
      case 'ping':
        peer.ping();
        return {};
      case 'pingInterval':
        peer.setPingInterval(args['ms'] ?? 0);
        return {};
      case 'timeout':
        peer.setTimeout(args['limit'] ?? 0, args['min'] ?? 0, args['max'] ?? 0);
        return {};
      case 'throttle':
        peer.throttleConfigure(args['interval'] ?? 0, args['acceleration'] ?? 0, args['deceleration'] ?? 0);
        return {};
      case 'expect':
        own.checkers.set(
          peer.slot,
          new TrafficChecker(args['host'] ?? 0, peer.slot, args['channels'] ?? 1, (event) =>
            this.inbox.push(event),
          ),
        );
        return {};
      case 'traffic':
        own.senders.set(peer.slot, startTraffic(peer, peer.mtuBytes - own.fragmentOverhead, args));
        return {};
      default:
        throw new Error(`${this.name}: unknown verb "${verb}"`);
    }
  }

  #service(id: number, own: OwnHost): void {
    for (let event = own.port.service(); event !== undefined; event = own.port.service()) {
      this.#onEvent(id, own, event);
    }
  }

  #onEvent(host: number, own: OwnHost, event: HostEvent): void {
    const { peer, data, bytes, channel, flags } = event;
    const at = { host, peer: peer.slot };
    if (event.type === EventType.CONNECT) {
      this.inbox.push({ ev: 'connect', ...at, data, channels: peer.channelCount, mtu: peer.mtuBytes });
    } else if (event.type === EventType.DISCONNECT) {
      own.checkers.delete(peer.slot);
      own.senders.delete(peer.slot);
      this.inbox.push({ ev: 'disconnect', ...at, data });
    } else if (own.isEchoing) {
      peer.send(channel, new Packet(bytes, flags));
    } else {
      const checker = own.checkers.get(peer.slot);
      if (checker !== undefined) checker.check(channel, bytes, flags);
      else if (own.collected !== undefined) {
        own.collected.count++;
        own.collected.reliable += flags & 1;
        own.collected.hash = hashBytes(own.collected.hash, bytes);
      } else {
        const hash = hashBytes(HASH_START, bytes);
        this.inbox.push({ ev: 'receive', ...at, channel, length: bytes.length, flags, hash });
      }
    }
  }

  #tick(): void {
    for (const { port, senders } of this.#hosts) {
      if (senders.size === 0) continue;
      for (const [slot, sender] of senders) if (!sender.advance(performance.now())) senders.delete(slot);
      port.requestWake();
    }
  }

  #own(id: number): OwnHost {
    const own = this.#hosts[id];
    if (own === undefined) throw new Error(`${this.name}: no host ${id}`);
    return own;
  }
}

function sendPatterns(peer: Peer, args: Args): Args {
  let rejected = 0;
  for (let i = 0; i < (args['count'] ?? 1); i++) {
    const bytes = patternBytes(args['size'] ?? 0, (args['seed'] ?? 0) + i);
    if (!peer.send(args['channel'] ?? 0, new Packet(bytes, args['flags'] ?? 0))) rejected++;
  }
  return { rejected };
}

function infoOf(peer: Peer): Args {
  return {
    state: peer.state,
    rtt: peer.rttMs,
    rttVariance: peer.rttVarianceMs,
    packetLoss: peer.packetLoss,
    throttle: peer.throttle,
    throttleLimit: peer.throttleLimit,
    throttleInterval: peer.throttleIntervalMs,
    throttleAcceleration: peer.throttleAcceleration,
    throttleDeceleration: peer.throttleDeceleration,
    mtu: peer.mtuBytes,
    windowSize: peer.windowSizeBytes,
    channels: peer.channelCount,
    remoteIn: peer.remoteIncomingBandwidth,
    remoteOut: peer.remoteOutgoingBandwidth,
  };
}

function startTraffic(peer: Peer, fragmentSize: number, args: Args): TrafficSender {
  const plan = {
    channels: args['channels'] ?? 1,
    seed: args['seed'] ?? 1,
    minSize: args['minSize'] ?? 0,
    maxSize: args['maxSize'] ?? 60_000,
    rate: args['rate'] ?? 200,
    ms: args['ms'] ?? 1_000,
    isCorrupt: args['corrupt'] === 1,
    fragmentSize,
  };
  return new TrafficSender(plan, performance.now(), (channel, bytes, flags) =>
    peer.send(channel, new Packet(bytes, flags)),
  );
}
