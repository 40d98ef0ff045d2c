/** A packet of a SceneMultiplayer as a tree: nodes and methods by name where they are known. */
import {
  type DissectedMultiplayerPacket,
  dissectMultiplayerPacket,
  type MultiplayerDissector,
  type MultiplayerPacket,
} from '../../multiplayer/index.ts';
import type { ValueDetails } from '../protocol.ts';
import { valueDetails } from './valueDetails.ts';

/** @param speaker who has said it, as the dissector is told. */
export function multiplayerDetails(
  bytes: Uint8Array,
  speaker: number,
  dissector: MultiplayerDissector | undefined,
): { readonly value?: ValueDetails; readonly problem?: string } {
  return ofPacket(dissectMultiplayerPacket(bytes), speaker, dissector);
}

function ofPacket(
  { packet, problem }: DissectedMultiplayerPacket,
  speaker: number | string,
  dissector: MultiplayerDissector | undefined,
): { readonly value?: ValueDetails; readonly problem?: string } {
  return {
    ...(packet && { value: { type: packet.command, items: itemsOf(packet, speaker, dissector) } }),
    ...(problem !== undefined && { problem }),
  };
}

function itemsOf(
  packet: MultiplayerPacket,
  speaker: number | string,
  dissector: MultiplayerDissector | undefined,
): ValueDetails[] {
  const node = (id: number): string => `${dissector?.pathOf(speaker, id) ?? '(not known)'}, number ${id}`;
  switch (packet.command) {
    case 'REMOTE_CALL': {
      const path = packet.path ?? dissector?.pathOf(speaker, packet.node ?? 0);
      const method = dissector?.methodOf(path, packet.method);
      return [
        word('node', packet.path ?? node(packet.node ?? 0)),
        word('method', `${method ?? '(not known)'}, number ${packet.method}`),
        ...packet.args.map((argument, index) => valueDetails(argument, `argument ${index}`)),
      ];
    }
    case 'SIMPLIFY_PATH':
      return [
        word('number', String(packet.id)),
        word('path', packet.path),
        word('checksum of its methods', packet.checksum),
      ];
    case 'CONFIRM_PATH':
      return [
        word('methods agree', String(packet.isRight)),
        ...(packet.id === undefined ? [] : [word('number', node(packet.id))]),
        ...(packet.path === undefined ? [] : [word('path', packet.path)]),
      ];
    case 'SPAWN':
      return [
        word('spawner', node(packet.spawner)),
        word('scene', packet.scene === 255 ? 'made by its function' : String(packet.scene)),
        word('name', packet.name),
        word('number', String(packet.netId)),
        word('synchronizers', packet.synchronizers.join(', ')),
        ...(packet.data === undefined ? [] : [valueDetails(packet.data, 'data')]),
        ...values(packet.values, packet.state),
      ];
    case 'DESPAWN':
      return [word('number', String(packet.netId))];
    case 'SYNC':
    case 'DELTA':
      return [
        ...('time' in packet ? [word('time', String(packet.time))] : []),
        ...packet.states.map(({ id, isPath, mask, values: items, bytes }) => ({
          name: isPath ? node(id) : `synchronizer ${id}`,
          type: mask === undefined ? 'state' : `changes ${mask.toString(2)}`,
          items: values(items, bytes),
        })),
      ];
    case 'RAW':
    case 'AUTH':
      return [valueDetails(packet.bytes, 'data')];
    case 'RELAY': {
      const inner = ofPacket(packet.inner, `${speaker} ${packet.peer}`, dissector);
      return [
        word('peer', String(packet.peer)),
        ...(inner.value === undefined ? [] : [{ ...inner.value, name: 'packet' }]),
        ...(inner.problem === undefined ? [] : [word('problem', inner.problem)]),
      ];
    }
    default:
      return [word('peer', String(packet.peer))];
  }
}

function values(
  items: readonly Parameters<typeof valueDetails>[0][] | undefined,
  bytes: Uint8Array,
): ValueDetails[] {
  if (items === undefined) return [word('values', `${bytes.length} bytes that are no values`)];
  return items.map((item, index) => valueDetails(item, String(index)));
}

function word(name: string, text: string): ValueDetails {
  return { name, type: 'word', text: text.slice(0, MAX_TEXT) };
}

const MAX_TEXT = 2000;
