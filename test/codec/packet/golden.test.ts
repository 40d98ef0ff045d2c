/** Every packet of golden/packet/packets.json, which a real engine wrote. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENetPacketUtils, type ENetPacketUtilsApi } from '../../../codec/packet/ENetPacketUtils.ts';
import { Dictionary } from '../../../codec/values/Dictionary.ts';
import type { VariantValue } from '../../../codec/values/variantValue.ts';
import { bytesToVar } from '../../../codec/variant/decode.ts';
import { varToBytes } from '../../../codec/variant/encode.ts';
import { type NodeState, nodeSyncForm, readNodeState } from '../../../schema/mirror/nodeState.ts';
import { bytes, hex } from '../../support/hex.ts';

interface Case {
  readonly name: string;
  readonly call: string;
  readonly value: string;
  readonly hex: string;
}

interface NodeCase {
  readonly name: string;
  readonly class: string;
  readonly path: string;
  readonly node_name: string;
  readonly properties: readonly (readonly [string, string])[];
  readonly transform: readonly (readonly [string, string])[];
  readonly custom?: string;
  readonly packets: Readonly<Record<string, string>>;
}

interface Golden {
  readonly encode: readonly Case[];
  readonly decode: readonly Case[];
  readonly nodes: readonly NodeCase[];
  readonly loose: string;
  readonly packable: string;
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../golden/packet/packets.json', import.meta.url), 'utf8'),
);
const exact = { exact: true } as const;

const ENCODE: Readonly<Record<string, (value: VariantValue) => Uint8Array>> = {
  encode_auto: (value) => ENetPacketUtils.encodeAuto(value),
  encode_variant: (value) => ENetPacketUtils.encodeVariant(value),
  encode_dictionary: (value) => ENetPacketUtils.encodeDictionary(value as Dictionary),
  encode_string: (value) => ENetPacketUtils.encodeString(value as string),
  encode_json: (value) => ENetPacketUtils.encodeJson(value as string),
};

const DECODE: Readonly<Record<string, keyof ENetPacketUtilsApi>> = {
  decode_auto: 'decodeAuto',
  decode_variant: 'decodeVariant',
  decode_dictionary: 'decodeDictionary',
  decode_string: 'decodeString',
  decode_json: 'decodeJson',
  decode_node_metadata: 'decodeNodeMetadata',
};

function decode(call: string, packet: Uint8Array): VariantValue {
  const name = DECODE[call];
  if (name === undefined) throw new Error(`no method for ${call}`);
  // All decode methods take bytes and options; the two of texts ignore the latter.
  const method = ENetPacketUtils[name] as (data: Uint8Array, options: typeof exact) => VariantValue;
  return method(packet, exact);
}

test('the file holds what the tests expect', () => {
  expect([golden.encode.length, golden.decode.length, golden.nodes.length]).toEqual([51, 79, 10]);
});

describe('encode', () => {
  test.each(golden.encode.map((entry) => [entry.call, entry.name, entry] as const))(
    '%s %s',
    (call, _name, entry) => {
      const value = bytesToVar(bytes(entry.value), exact);
      expect(hex(ENCODE[call]?.(value) ?? new Uint8Array(0))).toBe(entry.hex);
    },
  );

  test('packable: what _toPacket returns, without a type byte', () => {
    const packet = Uint8Array.of(9, 8, 7);
    const encoded = ENetPacketUtils.encodeAuto({ _toPacket: () => packet });
    expect(hex(encoded)).toBe(golden.packable);
    expect(encoded).not.toBe(packet);
  });
});

describe('decode', () => {
  test.each(golden.decode.map((entry) => [entry.call, entry.name, entry] as const))(
    '%s %s',
    (call, _name, entry) => {
      expect(hex(varToBytes(decode(call, bytes(entry.hex))))).toBe(entry.value);
    },
  );
});

describe('nodes', () => {
  const cases = golden.nodes.flatMap((node) =>
    Object.entries(node.packets).map(([flags, packet]) => [node.name, Number(flags), node, packet] as const),
  );

  test.each(cases)('%s with flags %i', (_name, flags, node, packet) => {
    const dictionary = decode('decode_node_metadata', bytes(packet));
    expect(decode('decode_auto', bytes(packet))).toEqual(dictionary);
    const state = readNodeState(dictionary);
    if (state === undefined) throw new Error('not a node dictionary');
    const form = nodeSyncForm(flags);
    expect([state.form, state.class, state.path.toString(), state.name]).toEqual([
      form,
      node.class,
      node.path,
      node.node_name,
    ]);
    checkProperties(state, node);
    checkTransform(dictionary as Dictionary<VariantValue, VariantValue>, state, node);
    checkCustom(state, node);
    // Nothing was lost: the dictionary encodes to the engine's bytes again.
    expect(hex(varToBytes(dictionary))).toBe(packet.slice(2));
  });

  test('loose: a node in no tree has an empty path', () => {
    const state = readNodeState(decode('decode_auto', bytes(golden.loose)));
    expect(state).toMatchObject({ form: 'metadata', class: 'Node2D', name: 'Loose', transform: undefined });
    expect(state?.path.isEmpty()).toBe(true);
  });

  test('every node packet cut anywhere gives an empty Dictionary', () => {
    for (const node of golden.nodes) {
      for (const flags of ['0', '4', '8']) {
        const packet = bytes(node.packets[flags] ?? '');
        for (let length = 0; length < packet.length; length++) {
          const cut = packet.subarray(0, length);
          const dictionary = ENetPacketUtils.decodeNodeMetadata(cut);
          expect((dictionary as Dictionary).size).toBe(0);
          expect(readNodeState(dictionary)).toBeUndefined();
        }
      }
    }
  });
});

function checkProperties(state: NodeState, node: NodeCase): void {
  if (state.form !== 'properties') {
    expect(state.properties).toBeUndefined();
    return;
  }
  const pairs = [...(state.properties ?? [])].map(([name, value]) => [name, hex(varToBytes(value))]);
  // Object ids differ between two encodings of the same object (section 12, caveat 2): compare that there is one.
  const stable = (list: readonly (readonly unknown[])[]): unknown =>
    list.map(([name, value]) => [name, String(value).startsWith(OBJECT_AS_ID) ? OBJECT_AS_ID : value]);
  expect(stable(pairs)).toEqual(stable(node.properties));
}

function checkTransform(
  dictionary: Dictionary<VariantValue, VariantValue>,
  state: NodeState,
  node: NodeCase,
): void {
  if ((state.form !== 'properties' && state.form !== 'transform') || node.transform.length === 0) {
    expect(state.transform).toBeUndefined();
    return;
  }
  expect(state.transform?.dimensions).toBe(node.transform.length === 4 ? 3 : 2);
  const keys = node.transform.map(([key]) => key);
  expect([...dictionary.keys()].filter((key) => keys.includes(String(key)))).toEqual(keys);
  for (const [key, value] of node.transform) expect(hex(varToBytes(dictionary.get(key) ?? null))).toBe(value);
}

function checkCustom(state: NodeState, node: NodeCase): void {
  const value = state.custom ?? state.customBytes;
  const custom = node.custom === undefined ? undefined : bytesToVar(bytes(node.custom), exact);
  const isSent = state.form === 'custom' && (custom instanceof Dictionary || custom instanceof Uint8Array);
  expect(value).toEqual(isSent ? custom : undefined);
}

const OBJECT_AS_ID = '18000100';
