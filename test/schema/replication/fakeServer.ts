/** A server without a network: peers that take packets at once, or refuse them. */
import type {
  ReplicationLink,
  ReplicationPacket,
  ReplicationPeer,
  ReplicationServer,
} from '../../../schema/index.ts';
import { SceneFollower, SceneMirror } from '../../../schema/index.ts';

/** A packet that was taken. */
export interface SentPacket {
  readonly bytes: Uint8Array;
  readonly isReliable: boolean;
  readonly channel: number;
}

/** A peer and what it got. */
export interface FakePeer extends ReplicationPeer {
  readonly sent: SentPacket[];
  /** A mirror that follows. */
  readonly mirror: SceneMirror;
  /** What did not fit it. */
  readonly refusals: string[];
  /** How many packets it takes before it refuses. */
  room: number;
  /** What waits for it, as the server says. */
  queued: number;
}

/** A server that the tests drive. */
export class FakeServer implements ReplicationServer<FakePeer> {
  readonly peers: FakePeer[] = [];
  readonly errors: { error: unknown; where: string }[] = [];
  /** Timers that were started and not called off. */
  readonly timers: { delayMs: number; callback: () => void }[] = [];
  /** What its clock shows. */
  now = 0xffff_fff0;

  /** Lets a peer in. */
  join(): FakePeer {
    const peer: FakePeer = {
      peerId: this.peers.length + 1,
      sent: [],
      mirror: new SceneMirror(),
      refusals: [],
      room: Number.POSITIVE_INFINITY,
      queued: 0,
    };
    this.peers.push(peer);
    return peer;
  }

  /** Lets time pass up to the next timer, and a little more, and calls it. */
  fire(lateMs = 0): void {
    const timer = this.timers.shift();
    if (timer === undefined) throw new Error('no timer');
    this.now = (this.now + timer.delayMs + lateMs) >>> 0;
    timer.callback();
  }

  replicationLink(): ReplicationLink<FakePeer> {
    const kinds = new WeakMap<ReplicationPacket, boolean>();
    const followers = new WeakMap<FakePeer, SceneFollower>();
    return {
      encode: undefined,
      now: () => this.now,
      startTimer: (delayMs, callback) => {
        const timer = { delayMs, callback };
        this.timers.push(timer);
        return {
          cancel: () => {
            if (this.timers.includes(timer)) this.timers.splice(this.timers.indexOf(timer), 1);
          },
        };
      },
      peers: () => this.peers,
      createPacket: (bytes, isReliable) => {
        const packet = { bytes };
        kinds.set(packet, isReliable);
        return packet;
      },
      send: (peer, packet, channel) => {
        if (peer.room <= 0) return false;
        peer.room--;
        peer.sent.push({ bytes: packet.bytes, isReliable: kinds.get(packet) === true, channel });
        const follower = followers.get(peer) ?? new SceneFollower(peer.mirror);
        followers.set(peer, follower);
        const result = follower.receive(packet.bytes);
        if (result.kind !== 'applied')
          peer.refusals.push(result.kind === 'refused' ? result.message : 'other');
        return true;
      },
      queuedBytes: (peer) => peer.queued,
      report: (error, where) => this.errors.push({ error, where }),
    };
  }
}
