/**
 * Looks at every packet that the transport of all rooms is given: whatever has a tag in it has that of the room in which its receiver is.
 * Who is where it asks the players, not the rooms' own tables.
 */
import { Float, Vector2 } from '../../../codec/index.ts';
import type { MultiplayerPeer } from '../../../src/godot/index.ts';
import {
  dissectMultiplayerPacket,
  type MultiplayerPacket,
} from '../../../src/multiplayer/wire/dissectPacket.ts';
import type { RoomServer } from '../../../src/rooms/index.ts';
import { watchPackets } from '../../support/watchPackets.ts';
import { TaggedRoom } from '../roomGame.ts';
import { tagOfBytes } from './SimBot.ts';

/** The packets of a server with rooms. */
export class LaneWatch {
  /** What was wrong. */
  readonly faults: string[] = [];
  /** How many packets of each command, and how many tags were seen. */
  readonly counts = new Map<string, number>();
  readonly #rooms: RoomServer;
  /** Where each peer was last: what it is told as it leaves is about that room. */
  readonly #last = new Map<number, TaggedRoom>();
  /** The tags of spawned nodes, by their numbers. */
  readonly #nodes = new Map<number, number>();

  constructor(rooms: RoomServer) {
    this.#rooms = rooms;
  }

  /** Looks at what a transport is given from now on. */
  watch(transport: MultiplayerPeer): void {
    watchPackets(transport, (target, bytes) => this.#look(target, bytes));
  }

  #look(peer: number, bytes: Uint8Array): void {
    if (peer <= 0) this.#fault(peer, 'a packet for all');
    const { packet, problem } = dissectMultiplayerPacket(bytes);
    if (packet === undefined || problem !== undefined) {
      this.#fault(peer, `a packet that cannot be read: ${problem}`);
      return;
    }
    const room = this.#rooms.playerOf(peer)?.room ?? this.#last.get(peer);
    if (!(room instanceof TaggedRoom)) {
      if (packet.command !== 'AUTH') this.#fault(peer, `${packet.command} for one who is nowhere`);
      return;
    }
    this.#last.set(peer, room);
    this.#check(peer, room, packet);
  }

  #check(peer: number, room: TaggedRoom, packet: MultiplayerPacket): void {
    this.#count(packet.command);
    const mustBe = (what: string, tag: number): void => {
      this.#count('tag');
      if (tag !== room.tag) this.#fault(peer, `${packet.command}: ${what} of ${tag} in ${room.tag}`);
    };
    const look = (values: readonly unknown[] | undefined): void => {
      for (const value of values ?? []) {
        if (value instanceof Vector2) mustBe('position', value.x);
        // Nobody has turned it yet.
        else if (value instanceof Float && value.value !== 0) mustBe('rotation', Math.floor(value.value));
      }
    };
    switch (packet.command) {
      case 'REMOTE_CALL':
        mustBe('a call', Number(packet.args[0]));
        return;
      case 'RAW':
        mustBe('bytes', tagOfBytes(packet.bytes));
        return;
      case 'SPAWN':
        look(packet.values);
        for (const id of [packet.netId, ...packet.synchronizers]) this.#nodes.set(id, room.tag);
        return;
      case 'DESPAWN':
        mustBe('a node', this.#nodes.get(packet.netId) ?? -1);
        return;
      case 'SYNC':
      case 'DELTA':
        for (const { id, isPath, values } of packet.states) {
          if (!isPath && this.#nodes.has(id)) mustBe('a state', this.#nodes.get(id) ?? -1);
          look(values);
        }
        return;
      case 'RELAY':
        this.#check(peer, room, packet.inner.packet ?? { command: 'RAW', bytes: new Uint8Array() });
        return;
      case 'ADD_PEER': {
        const other = this.#rooms.playerOf(packet.peer)?.room;
        if (other !== room) this.#fault(peer, `ADD_PEER ${packet.peer}, who is elsewhere`);
        return;
      }
      default:
        return;
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #fault(peer: number, what: string): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push(`to ${peer}: ${what}`);
  }
}

const MOST_FAULTS = 5;
