/** Values of nodes as golden cases write them. */
import { bytesToVar, type VariantInput, varToBytes } from '../../../codec/index.ts';
import type { MirrorNode } from '../../../schema/index.ts';
import type { GoldenCase } from './cases.ts';

/** The native properties that cases tell of. */
export function watched(node: MirrorNode): Map<string, string> {
  const values = new Map<string, string>();
  for (const name of [...NATIVE, ...node.scriptVariables().map((info) => info.name)]) {
    const value = exactValue(node, name);
    if (value !== undefined) values.set(name, encode(value));
  }
  return values;
}

/** "State" of the cases: variables, and native properties that are not at their default. */
export function stateOf(node: MirrorNode): Record<string, string> {
  const fresh = node.mirror.createNode({ name: 'Fresh', class: node.class });
  const state: Record<string, string> = {};
  for (const [name, hex] of watched(node))
    if (!NATIVE.includes(name) || watched(fresh).get(name) !== hex) state[name] = hex;
  return state;
}

/** A part of a vector that is set to what is no number stays as it is. */
export function setAsEngine(node: MirrorNode, property: string, value: VariantInput): void {
  try {
    node.setIndexed(property, value);
  } catch (error) {
    if (!(error instanceof TypeError) || !property.includes(':')) throw error;
  }
}

/** The value of a property with its exact type. */
export function exactValue(node: MirrorNode, name: string): VariantInput | undefined {
  const info = node.propertyInfo(name);
  return info === undefined ? undefined : (node.storedValue(info) as VariantInput);
}

/** A value of a case. */
export function decode(hex: string): VariantInput {
  return bytesToVar(bytesOf(hex), { exact: true, allowObjects: true }) as VariantInput;
}

/** A value as cases write it. */
export function encode(value: VariantInput): string {
  return Buffer.from(varToBytes(value)).toString('hex');
}

/** The bytes of a packet of a case. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** The golden files have zeros for ids of objects, which would be no reference at all: others take their place. */
export function withObjects(golden: GoldenCase): GoldenCase {
  // Here the id is 0 indeed: null.
  if (golden.name === 'spawn/receive-scene-index') return golden;
  return JSON.parse(JSON.stringify(golden).replaceAll(OBJECT_ID_0, OBJECT_ID_7)) as GoldenCase;
}

/** Undoes {@link withObjects} in what happened. */
export function withoutObjects<T>(played: T): T {
  return JSON.parse(
    JSON.stringify(played).replaceAll(OBJECT_ID_7, OBJECT_ID_0).replaceAll(MADE_UP, '@$1@#'),
  ) as T;
}

/** Names that the engine makes up; their numbers are its own affair. */
const MADE_UP = /@(\w+)@\d+/g;
const OBJECT_ID_0 = '180001000000000000000000';
const OBJECT_ID_7 = '180001000700000000000000';
const NATIVE = ['position', 'rotation', 'scale', 'visible', 'modulate', 'text'];
